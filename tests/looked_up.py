"""The words of texts that were not looked up, in the language of tests: of what is told, and of the command line."""

import re

from pseudo_locale import outside

from quadfit_tui.core.config.view_names import VIEW_NAMES
from quadfit_tui.core.export.formats import EXPORTERS
from quadfit_tui.core.session.playback import SPEEDS, Unit

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`")  # what somebody typed, or is to type
# What somebody typed, or is to type: words in quotes, options, what stands for their values, commands; what click says.
_TYPED = re.compile(
    r"'[^']*'|\"[^\"]*\"|(?<![\w-])--?[a-z][\w-]*|\b[A-Z][A-Z]+\b|\.[a-z]+\b|(/[\w*]+)+|^quadfit-tui (?!.*⟦).*|"
    r"Invalid value for|Missing argument|Got unexpected extra argument|Option|"
    r"requires an argument|Positional arguments",
    re.MULTILINE,
)
_OF_COMMANDS = (
    *("quadfit-tui", *EXPORTERS, "csv", "json", "table"),
    *(*VIEW_NAMES, *SPEEDS, *Unit, "auto", "utf-", "latin-", "none", "log", "far"),
)


def left_over(text, *names):
    """The words of a text that were not looked up, but for what is quoted and some names."""
    return outside(_QUOTED.sub(" ", text), names)


def left_over_of_command(text, *names):
    """The words of what a command writes that were not looked up and that nobody types."""
    return outside(_TYPED.sub(" ", text), (*_OF_COMMANDS, *names))


def check_refusal(called, *names):
    """Checks what a refused command line came to: the exit code, and what it wrote."""
    code, _out, err = called
    assert code != 0
    assert err.startswith("quadfit-tui: ")
    assert "⟦" in err
    assert left_over_of_command(err, *names) == []
