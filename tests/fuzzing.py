"""Fuzzing of the command line: its settings, and what the outcome of any input has to be."""

import contextlib
import io
import signal
import warnings

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from trials import AT_LENGTH, CHARACTERS

from quadfit_tui.core.config.parameters import PARAMETERS
from quadfit_tui.main import main

LONGEST = 4000  # characters of a line that people are still to read: the longest one lists all parameters
fuzz = settings(
    max_examples=300 if AT_LENGTH else 20,
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)
NAMES = st.sampled_from(list(PARAMETERS))
TEXTS = st.one_of(
    st.sampled_from(
        [
            "", " ", "nan", "inf", "-inf", "1e400", "-1", "0", "1e-400", "½", "１２", "٣", "1_0", "0x10", "1,5",
            "1,000", "1/0", "1/3/5",
            "\x1b[31mred\x1b[0m", "a\nb", "a\rb", "\u202e1", "\x07", "\x9b1m", "\ud800", "9" * 400, "9" * 5000,
            "x" * 100_000,
            "1,2,3", "1;2;3", "1 2 3", "(1, 2, 3)", "1,2", "nan,1,2", "full", "off", "random", "yes", "--lr", "-",
            "--", "{}", "[bold]",
        ]
    ),
    st.text(CHARACTERS, max_size=12),
    st.floats().map(repr),
    st.integers(-(10**30), 10**30).map(str),
)  # fmt: skip


def outcome(*args):
    """Runs the command line in this process with a warning as an error; gives exit code, stdout and stderr."""
    out, err = io.StringIO(), io.StringIO()
    before = signal.getsignal(signal.SIGPIPE)
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            main([str(arg) for arg in args])
        except SystemExit as end:
            code = end.code
        finally:
            signal.signal(signal.SIGPIPE, before)
    return code, out.getvalue(), err.getvalue()


def is_clean(text):
    """Whether no character of a text could move a cursor, change a color or turn the direction of writing."""
    return all(character.isprintable() for character in text)


def check(option, *args, quiet=True):
    """A good run, or a refusal in one line that names the option; gives the line."""
    code, out, err = outcome("run", *args, *["--quiet"] * quiet)
    # Beside a run it is told how a file of samples was read, such as which lines were passed over.
    is_told = "quadfit-tui: --data " if code != 2 else "no line begins so"
    lines = [line for line in err.splitlines(keepends=True) if not line.startswith(is_told)]
    assert code in (0, 2, 3), (code, err)
    assert len(lines) == (code != 0), err
    lines = [line.removesuffix("\n") for line in lines if line.endswith("\n")]
    if code:
        assert is_clean(lines[0]), lines[0]
        assert len(lines[0]) < LONGEST, len(lines[0])
        assert lines[0].startswith("quadfit-tui: ")
    if code == 2:
        assert not out
        assert option in lines[0] or "no such option" in lines[0], lines[0]
    return lines[0] if code else ""
