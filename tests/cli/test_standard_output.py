"""Standard output as any filter has it: a reader that goes, a full disk, a closed one, an encoding."""

import os
import signal
import subprocess

import pytest
from command_line import CLOSED, PROGRAM, ROOT, called, full_device, one_line, program
from trials import variants

from quadfit_tui.core.text.ascii import ascii_of


@pytest.mark.parametrize("args", [["run", "--lr", "nan"], ["run", "--preset", "too-fast", "--quiet"]])
def test_errors_never_go_to_stdout(args):
    """Not even where standard error is closed."""
    done = called(*args, stderr=CLOSED)
    assert done.returncode in (2, 3)
    assert done.stdout == ""


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_plot_fits_the_encoding_of_the_output(encoding):
    done = called("run", "--plot", "--epochs", "2", encoding=encoding)
    assert (done.returncode, done.stderr) == (0, "")
    assert "fitted" in done.stdout
    assert done.stdout.isascii() == (encoding != "utf-8")


def test_the_encoding_is_that_of_the_environment():
    done = program("explain", env=os.environ | {"PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"})
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.isascii()
    assert done.stdout.split() == ascii_of(called("explain").stdout).split()
    assert max(map(len, done.stdout.splitlines())) <= 80


LONG = ["--samples", "20000", "--epochs", "1000000000", "--stop-on", "never"]


def test_reader_that_goes_ends_the_run():
    run = subprocess.Popen(
        [*PROGRAM, "run", *LONG], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    )
    lines = [run.stdout.readline() for _ in range(3)]
    run.stdout.close()
    assert run.wait(timeout=20) in (0, -signal.SIGPIPE)
    assert run.stderr.read() == b""
    run.stderr.close()
    assert [line.split()[0] for line in lines] == [b"epoch", b"0", b"1"]


@pytest.mark.parametrize(
    "args", variants({"presets": ["presets"], "--help": ["--help"], "explain": ["explain"], "run": ["run", "-n2"]}, 2)
)
def test_closed_pipe_causes_no_traceback(args):
    reading, writing = os.pipe()
    os.close(reading)
    done = program(*args, stdout=writing)
    os.close(writing)
    assert done.returncode in (0, 1, -signal.SIGPIPE)
    assert "Traceback" not in done.stderr


@full_device
@pytest.mark.parametrize("args", [["run"], ["run", "--quiet"], ["presets"], ["--help"], ["--version"]])
def test_full_disk_is_one_line_error(args):
    done = called(*args, stdout="/dev/full")
    assert done.returncode == 2
    assert "No space left" in one_line(done.stderr)


@full_device
def test_full_disk_leaves_no_interpreter_error():
    with open("/dev/full", "w") as full:
        done = program("--help", stdout=full)
    assert done.returncode == 2
    assert "No space left" in one_line(done.stderr)


@pytest.mark.parametrize(
    "args", [["--help"], ["run", "--help"], ["--version"], ["presets"], ["explain"], ["run", "--epochs", "2"]]
)
def test_closed_stdout_is_refused(args):
    done = called(*args, stdout=CLOSED)
    assert done.returncode == 2
    assert "standard output is closed; open it" in one_line(done.stderr)


@pytest.mark.parametrize(("closing", "said"), [(">&-", "standard output is closed; open it"), ("2>&-", "")])
def test_streams_closed_by_a_shell(closing, said):
    done = subprocess.run(
        ["/bin/sh", "-c", f'exec "$@" {closing}', "sh", *PROGRAM, *(["presets"] if said else ["--lr", "nan"])],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == bool(said)
