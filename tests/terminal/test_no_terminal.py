"""Without a terminal the app names, in one line, the command that needs none."""

import pytest
from harness import APP
from trials import variants

REFUSALS = {
    "TERM=dumb, no input": ("TERM=dumb {} </dev/null", "standard input"),
    "TERM=dumb, other options": ("TERM=dumb {} --play", "TERM=dumb"),
    "no input": ("{} </dev/null", "standard input"),
    "no output": ("{} >/dev/null", "standard output"),
    "closed input": ("{} <&-", "standard input"),
}


@pytest.mark.parametrize(("line", "named"), variants(REFUSALS, 1))
def test_missing_terminal_suggests_run_command(terminal, line, named):
    shell = terminal("-c", line.format(" ".join(APP)) + "; echo code $?", command=["/bin/sh"])
    shell.until("code 2")
    said, code = shell.output.decode().split("\r\n")[:2]
    assert code == "code 2"
    assert named in said
    assert "quadfit-tui run" in said
