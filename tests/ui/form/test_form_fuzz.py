"""Whatever is typed or pasted into a field: refused below it, the run and all that was typed left as they are."""

import asyncio
import unicodedata

import pytest
from app_helpers import field
from driver import Driver
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from model_fields import USED_BY
from textual import events
from trials import trials

from quadfit_tui.core.config.parameters import PARAMETERS, ConfigError, RunConfig
from quadfit_tui.ui.fields.choice_field import ChoiceField

NAMES = [name for name, parameter in PARAMETERS.items() if not hasattr(parameter.value_type, "options")]
TEXTS = st.one_of(
    st.sampled_from(
        [
            *(
                "nan",
                "inf",
                "-inf",
                "1e400",
                "-1e400",
                "½",
                "１２",
                "٣",
                "1_0",
                "0x10",
                "1,000",
                "1/0",
                "1/3/5",
                "{}",
                "[bold]x[/]",
            ),
            *(
                "\x1b[31mred\x1b[0m",
                "\x1b]0;title\x07",
                "\x9b31m",
                "\u202e1",
                "a\0b",
                "\x07",
                "9" * 400,
                "9" * 5000,
                "x" * 20_000,
            ),
            *(
                "1,2,3,4",
                "1,2",
                "nan,1,2",
                "[1, 2, inf]",
                "--lr",
                "-",
                "\t1\t",
                "/",
                "/dev/zero",
                ".",
                "no/such/file",
                "~",
            ),
        ]
    ),
    st.text(max_size=12),
)


def config_with(name):
    """A short run that uses a parameter."""
    if name == "columns":
        return RunConfig(data="example:galileo", epochs=3)
    choice, words = USED_BY.get(name, ("optimizer", ("sgd",)))
    return RunConfig(samples=5, epochs=3, **{choice: words[0]})


def refused(name, text):
    """Whether a run of one such value cannot be; none of these names is that of a good file or column."""
    if name in ("data", "columns") and text.strip():
        return True
    try:
        config_with(name).replace(**{name: text})
    except ConfigError:
        return True
    return False


class FormDriver:
    """An app to type into, kept from one text to the next."""

    def __init__(self):
        self.runner = asyncio.Runner()
        self.driver = Driver(RunConfig(samples=5, epochs=3))
        self.runner.run(self.driver.start())

    def close(self):
        self.runner.run(self.driver.stop())
        self.runner.close()


@pytest.fixture(scope="module")
def form():
    form = FormDriver()
    yield form
    form.close()


@settings(trials(33), phases=(Phase.explicit, Phase.reuse, Phase.generate), suppress_health_check=list(HealthCheck))
@given(st.sampled_from(NAMES), TEXTS, st.booleans())
def test_no_text_in_a_field_upsets_the_form(form, name, text, pasted):
    form.runner.run(typed(form.driver, name, text.partition("\n")[0], pasted))


async def typed(driver, name, text, pasted):
    app = driver.app
    app.runs.restart(config_with(name))
    await driver.settle()
    before = driver.session.snapshot()
    app.action_edit(name)
    await driver.settle()
    control = app.focused
    assert not isinstance(control, ChoiceField)
    if pasted:
        app.post_message(events.Paste(text))
    else:
        driver.post(character for character in text[:40] if character.isprintable())
    await driver.settle()
    kept = control.value
    driver.post(["enter"])
    await driver.settle()
    rows = [strip.text for strip in app.screen._compositor.render_strips()]
    assert not [row for row in rows if any(unicodedata.category(character) == "Cc" for character in row)]
    if refused(name, kept):
        said = [str(line.render()) for line in app.query(".problem") if line.display and line.parent.parent is not None]
        assert any(said), (name, kept)
        assert app.focused is not None
        assert field(app, name).value == kept
        assert driver.session.snapshot() is before
    else:
        assert driver.session.snapshot().number == before.number + 1
        assert app.focused is None
    driver.post(["escape"])  # which forgets what was refused
    await driver.settle()
    assert control.value == PARAMETERS[name].show(getattr(driver.session.config, name))
