"""Whatever is typed or pasted into a field: refused below it, the run and all that was typed left as they are."""

import random
import unicodedata

from app_helpers import burst, field
from textual import events
from trials import AT_LENGTH

from quadfit_tui.core.config.parameters import PARAMETERS, USED_BY, ConfigError, RunConfig
from quadfit_tui.testing import screen_text
from quadfit_tui.ui.fields.choice_field import ChoiceField

NAMES = [name for name, parameter in PARAMETERS.items() if not hasattr(parameter.value_type, "options")]
TEXTS = [
    "nan", "inf", "-inf", "1e400", "-1e400", "½", "１２", "٣", "1_0", "0x10", "1,000", "1/0", "1/3/5", "{}",
    "[bold]x[/]", "1,2,3,4", "1,2", "nan,1,2", "[1, 2, inf]", "--lr", "-", "", "/", "/dev/zero", ".", "no/such/file",
    "~", "\t1\t",
    "\x1b[31mred\x1b[0m", "\x1b]0;title\x07", "\x9b31m", "\u202e1", "a\0b", "\x07", "9" * 400,
    "9" * 5000, "x" * 20_000,
]  # fmt: skip


def typed_by(chance):
    """One of these texts, or characters of any kind."""
    if chance.random() < 0.7:
        return chance.choice(TEXTS)
    most = chance.choice([0x7F, 0x3000, 0x20000])
    chars = [chr(chance.randrange(1, most)) for _ in range(chance.randint(1, 12))]
    return "".join(char for char in chars if char != "\n" and unicodedata.category(char) != "Cs")


def config_with(name):
    """A short run that uses a parameter."""
    if name == "columns":
        return RunConfig(data="example:galileo", epochs=3)
    users = USED_BY.get(name)
    return RunConfig(samples=5, epochs=3, **({users.choice: next(iter(users.words))} if users else {}))


def refused(name, text):
    """Whether a run of one such value cannot be; none of these names is that of a good file or column."""
    if name in ("data", "columns") and text.strip():
        return True
    try:
        config_with(name).replace(**{name: text})
    except ConfigError:
        return True
    return False


async def test_arbitrary_field_text_is_handled(make_app):
    chance = random.Random(3)
    app = make_app(RunConfig(samples=5, epochs=3))
    async with app.run_test(size=(80, 24)) as pilot:
        for name in chance.choices(NAMES, k=33 if AT_LENGTH else 5):
            text = typed_by(chance)
            app.runs.restart(config_with(name))
            await pilot.pause()
            before = app.session.snapshot()
            app.views.action_edit(name)
            control = app.focused
            assert not isinstance(control, ChoiceField)
            if chance.random() < 0.5:
                app.post_message(events.Paste(text))
            else:
                burst(app, [character for character in text[:40] if character.isprintable()])
            await pilot.pause()
            kept = control.value
            burst(app, ["enter"])
            await pilot.pause()
            assert not [char for char in screen_text(app) if unicodedata.category(char) == "Cc" and char != "\n"]
            if refused(name, kept):
                shown = [line for line in app.query(".problem") if line.display and line.parent.parent is not None]
                assert any(str(line.render()) for line in shown), (name, kept)
                assert app.focused is not None
                assert field(app, name).value == kept
                assert app.session.snapshot() is before
            else:
                assert app.session.snapshot().task is not before.task, (name, kept)
                assert app.focused is None
            burst(app, ["escape"])  # which forgets what was refused
            await pilot.pause()
            assert control.value == PARAMETERS[name].show(getattr(app.session.config, name))
