"""Each example of help, and each command that the manual has in a block, does what it is for."""

import re
import shlex
from pathlib import Path

import pytest
from cli.test_help import OF_RUNS
from cli.test_manual import COMMANDS
from command_line import called, one_line
from documents import MANUAL


@pytest.mark.parametrize("command", OF_RUNS, ids=str)
def test_every_example_of_help_is_taken(call, command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "samples.csv").write_text("0,1\n1,2\n2,4\n3,9\n")
    out = call(*command, "--help")[1].partition("Examples:\n")[2].partition("\n\n")[0]
    examples = [line.partition("   ")[0].split()[1:] for line in out.splitlines() if line.startswith("  quadfit-tui")]
    assert len(examples) >= 4
    for example in examples:
        if " ".join(["quadfit-tui", *example]) in MANUAL["sweeps"]:
            continue  # test_manual takes it
        code, _, err = call(*example)
        assert code == 0 or "standard input is not a terminal" in one_line(err), example


@pytest.mark.parametrize(("page", "line"), COMMANDS, ids=[line for _, line in COMMANDS])
def test_commands_in_blocks_succeed(page, line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [f"{i / 5},{(i / 5) ** 2 - 2}" for i in range(-10, 11)]
    Path("samples.csv").write_text("\n".join(["x,y", *rows, ""]))
    words = shlex.split(line)[1:]
    told = called(*words)
    forecast = r"(quadfit-tui: \d+ runs; (about \d|how long they ).+\.\n)?" if words[0] == "sweep" else ""
    assert told.returncode == 0, page
    assert re.fullmatch(forecast, told.stderr), page
    files = [word for word in words if word.endswith((".svg", ".csv", ".jsonl", ".sqlite", ".md"))]
    assert [name for name in files if not Path(name).stat().st_size] == []
    assert told.stdout or files
