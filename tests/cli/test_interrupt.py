"""ctrl+c before there is anything to be ended in order: the program ends, and says nothing of its inside."""

import signal
import subprocess
import sys
import time

import pytest
from trials import variants

MOMENTS = (0, 0.06, 0.02, 0.1, 0.2, 0.38)  # seconds after Python has begun, and the program's own imports have
COMMANDS = {"refused": ["--lr", "x"], "run": ["run", "--epochs", "1000000", "--stop-on", "never", "--quiet"]}
CASES = {f"{name} {moment}": (args, moment) for moment in MOMENTS for name, args in COMMANDS.items()}


def _heed():
    """In the program to be: who runs the tests in the background has SIGINT ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize(("args", "moment"), variants(CASES, 3))
def test_early_ctrl_c_prints_no_traceback(args, moment):
    # Python itself prints one before it comes to the program: the list of imports tells when that is over.
    command = [sys.executable, "-X", "importtime", "-m", "quadfit_tui", *args]
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=_heed
    )
    said = b""
    while b"click" not in said:
        said += process.stderr.readline()
    time.sleep(moment)
    process.send_signal(signal.SIGINT)
    _, rest = process.communicate(timeout=60)
    lines = [line for line in (said + rest).decode().splitlines() if not line.startswith("import time:")]
    assert process.returncode in (-signal.SIGINT, 130, 2)
    # By then it was refused, or trained already.
    told = ("'x' is not a number", "quadfit-tui: interrupted after ")
    assert lines == [] or (len(lines) == 1 and any(words in lines[0] for words in told)), lines


def test_where_it_is_ignored_it_stays_so():
    process = subprocess.run(
        [sys.executable, "-c", "import signal, sys; sys.argv = ['q', 'presets']\n"
         "from quadfit_tui import main\nmain.main = lambda: print(signal.getsignal(signal.SIGINT).name)\n"
         "from quadfit_tui.__main__ import main; main()"],
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN), capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert process.stdout.strip() == "SIG_IGN"
