"""Standard output as any filter has it: a reader that goes, a full disk, a closed one, an encoding."""

import os
import signal
import subprocess

import pytest
from command_line import PROGRAM, ROOT, full_device, one_line, program


@pytest.mark.parametrize("args", [["run", "--lr", "nan"], ["run", "--preset", "too-fast", "--quiet"]])
def test_what_is_wrong_never_goes_to_standard_output(args):
    """Not even where standard error is closed."""
    done = subprocess.run(
        ["/bin/sh", "-c", 'exec "$@" 2>&-', "sh", *PROGRAM, *args], stdout=subprocess.PIPE, check=False, timeout=60
    )
    assert done.returncode in (2, 3)
    assert done.stdout == b""


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_plot_fits_the_encoding_of_the_output(encoding):
    done = subprocess.run(
        [*PROGRAM, "run", "--plot", "--epochs", "2"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        cwd=ROOT,
        check=False,
        timeout=60,
        env=os.environ | {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"},
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert "fitted" in done.stdout.decode(encoding)


LONG = ["--samples", "200", "--epochs", "1000000000", "--stop-on", "never"]


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


@pytest.mark.parametrize("args", [["presets"], ["--help"], ["run", "--help"], ["--version"]])
def test_a_reader_that_has_gone_is_no_error(args):
    reading, writing = os.pipe()
    os.close(reading)
    done = program(*args, stdout=writing)
    os.close(writing)
    assert done.returncode in (0, 1, -signal.SIGPIPE)
    assert "Traceback" not in done.stderr


@full_device
@pytest.mark.parametrize("args", [["run"], ["run", "--quiet"], ["presets"], ["--help"], ["--version"]])
def test_a_full_disk_is_told_in_one_line(args):
    with open("/dev/full", "w") as full:
        done = program(*args, stdout=full)
    assert done.returncode not in (0, 3)
    assert "No space left" in one_line(done.stderr)


@pytest.mark.parametrize(
    "args", [["--help"], ["run", "--help"], ["--version"], ["presets"], ["explain"], ["run", "--epochs", "2"]]
)
def test_what_standard_output_would_get_is_refused_where_that_is_closed(args):
    done = subprocess.run(
        ["/bin/sh", "-c", 'exec "$@" >&-', "sh", *PROGRAM, *args],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert "standard output is closed; open it" in one_line(done.stderr)
