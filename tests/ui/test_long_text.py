"""A field takes 300 characters, typed or pasted; what would be more is not taken, and said so beside the field."""

from app_helpers import burst, field, problem, until
from textual import events

from quadfit_tui.core.text import quoting
from quadfit_tui.core.text.quoting import LONGEST_TEXT
from quadfit_tui.ui.fields.text_field import overlong

MARKS = "\u0301\u0323" * 10_000
TOO_LONG = {"301 digits": "1" * 301, "marks": MARKS, "a megabyte": "x" * 1_000_000}


async def test_length_limit_and_bounded_normalization(make_app, monkeypatch):
    """Text beyond the limit is never normalized, since that takes long."""
    longest = []
    normalize = quoting.unicodedata.normalize
    monkeypatch.setattr(
        quoting.unicodedata, "normalize", lambda form, text: longest.append(len(text)) or normalize(form, text)
    )
    async with make_app().run_test() as pilot:
        for digit, (name, text) in enumerate(TOO_LONG.items(), 2):
            await pilot.press("l")
            before = field(pilot.app, "lr").value
            pilot.app.post_message(events.Paste(text))
            await pilot.pause()
            assert problem(pilot.app, "lr") == overlong(), name
            assert field(pilot.app, "lr").value == before, name
            await pilot.press("0", "full_stop", str(digit), "enter")
            assert pilot.app.session.config.lr == digit / 10, name
            assert problem(pilot.app, "lr") == "", name
        await pilot.press("l")
        pilot.app.post_message(events.Paste("0." + "1" * 298 + "\n" + MARKS))
        await pilot.pause()
        assert field(pilot.app, "lr").value == "0." + "1" * 298
        assert problem(pilot.app, "lr") != overlong()
        await pilot.press("ctrl+u")
        pilot.app.post_message(events.Paste("1" * 297))
        burst(pilot.app, ["1"] * 5)
        await until(pilot, lambda: problem(pilot.app, "lr") == overlong())
        assert field(pilot.app, "lr").value == "1" * LONGEST_TEXT
        await pilot.press("escape", "g")  # the prompt for an epoch says so, too
        pilot.app.post_message(events.Paste("1" * 301))
        await until(pilot, lambda: overlong() in [str(each.render()) for each in pilot.app.query("Scrubber .problem")])
        await pilot.press("escape")
        for name in ("true", "data"):
            pilot.app.views.action_edit(name)
            pilot.app.post_message(events.Paste("1" + "\u0301\u0323" * 149))
            pilot.app.post_message(events.Paste(MARKS))
            await pilot.pause()
            await pilot.press("escape")
    assert longest
    assert max(longest) <= LONGEST_TEXT
