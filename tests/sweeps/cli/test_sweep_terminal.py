"""A sweep on a terminal: the line that tells how far it is, ctrl+c, and the command that goes on."""

import re
import shlex
import sys

from command_line import program

LONG = ["--samples", "30", "--batch", "3", "--shuffle", "--stop-on", "never", "-n", "300", "--lr", "0.01:0.2:30"]
LONG += ["--schedule", "constant", "--seeds", "3", "--jobs", "2"]
# Told at once, in small chunks.
TOLD = "from quadfit_tui.cli import status_line; status_line.SILENCE = 0; "
TOLD += "from quadfit_tui.sweeps.cli import sweep_progress; sweep_progress._LONG = 0; "
TOLD += "from quadfit_tui.sweeps.engines import engine; engine.SECONDS = 0.02; "
COMMAND = (sys.executable, "-c", TOLD + "from quadfit_tui.main import main; main()")


def test_interrupted_sweep_resumes_identically(terminal, tmp_path):
    whole = program("sweep", *LONG, "-o", "whole.csv", folder=tmp_path)
    assert whole.returncode == 0, whole.stderr
    sweep = terminal("sweep", *LONG, "-o", "x.csv", command=COMMAND, cwd=str(tmp_path))
    sweep.wait(lambda: b"\r0 of 90 runs done, 0 failed" in sweep.output)
    line = rb"\r(\d+) of 90 runs done, 0 failed; about \d+ s left"
    sweep.wait(lambda: len(re.findall(line, sweep.output)) >= 2)
    sweep.send("\x03")
    assert sweep.end() == 130
    text = sweep.output.decode()
    *_, last = re.sub(r"[^\r\n]*\r(?!\n)", "", text).strip().splitlines()
    said, _, command = last.partition("; this goes on: ")
    assert re.fullmatch(r"quadfit-tui: interrupted after \d+ of 90 runs", said)
    assert shlex.split(command) == ["quadfit-tui", "sweep", *LONG, "-o", "x.csv", "--resume"]
    assert "Traceback" not in text
    done = program(*shlex.split(command)[1:], folder=tmp_path)
    assert (done.returncode, done.stdout) == (0, whole.stdout)
    assert (tmp_path / "x.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
    assert sorted(file.name for file in tmp_path.iterdir()) == [*("whole.csv", "whole.csv.toml", "x.csv", "x.csv.toml")]
