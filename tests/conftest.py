"""What every test needs fixed, before Textual is imported: it reads its environment once."""

import gc
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from unittest import mock

import pytest
from hypothesis import settings
from trials import AT_LENGTH

from quadfit_tui.core.text import language

# Where bytecode is not to be written, as in many containers, each worker compiles all modules and tests anew, and so
# does each program that is started.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Tests make objects by the million that are gone at once. To look for cycles among all that is loaded after every 700
# of them (2,000 under Python 3.13), as is usual, takes two fifths of a start of the app, a tenth under Python 3.13.
gc.set_threshold(200_000, 20, 100)

# The program speaks English to the tests, in UTF-8, whoever runs them; what is to be told by another one sets it.
for name in [name for name in os.environ if name == "LANGUAGE" or name.startswith("LC_")]:
    del os.environ[name]
os.environ["LANG"] = "C.UTF-8"

for name in ("NO_COLOR", "COLUMNS", "LINES", "COLORTERM", "TEXTUAL_ANIMATIONS"):
    os.environ.pop(name, None)
# No test reads or changes the settings of whoever runs it: each program has a folder of its own (harness.py), and what
# is called within a test has one that is never there.
NO_SETTINGS = tempfile.TemporaryDirectory()
os.environ["XDG_CONFIG_HOME"] = os.path.join(NO_SETTINGS.name, "none")
os.environ["XDG_DOWNLOAD_DIR"] = NO_SETTINGS.name  # where pictures of the screen are saved
os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as the program sets it, also where it is called within a test
os.environ["TERM"] = "xterm-256color"
os.environ["TEXTUAL_FPS"] = "60"
os.environ["TEXTUAL_THEME"] = "textual-dark"
os.environ["TEXTUAL_ANIMATIONS"] = "none"

# Under nohup or in the background of a script some signals are ignored, and the programs under test would inherit that.
# A signal that is handled, if only by doing nothing, has its usual effect again in every program that is started.
for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, lambda *_: None)


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """Ends each test in English, in the environment that it began in, and with SIGPIPE ignored, as Python has it.

    All are what a command that is called within a test sets for the whole process; of SIGPIPE a later test could die.
    """
    with mock.patch.dict(os.environ):
        yield
    language.install_catalog(None)
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)


def pytest_collection_finish() -> None:
    """Keeps Python from looking for cycles among all modules and tests again and again, which takes a twelfth."""
    gc.freeze()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Keeps pytest and Python from looking five times for cycles among all that is there when nobody needs it.

    In workers, also the plugin of snapshots from its summary, which takes five seconds there and is read by nobody.
    """
    gc.freeze()
    if hasattr(session.config, "workerinput"):
        session.config.pluginmanager.unregister(name="syrupy")


# For tests that do not say themselves how many examples they try: always the same ones, more where nobody waits.
settings.register_profile("ci", max_examples=200, derandomize=True, deadline=None, database=None, print_blob=False)
settings.register_profile("quick", settings.get_profile("ci"), max_examples=15)
settings.load_profile("ci" if AT_LENGTH else "quick")
