"""An error that nobody expected: the terminal is as it was, one line tells of it, all of it is in a file."""

import re
import sys
import tempfile

import pytest
from languages import speaking
from trials import variants

from quadfit_tui.cli.crash_report import report

# Where it fails, and what makes it: in the worker, in a watcher, in a key, in a callback of the loop, while it begins.
BREAK = {
    "the worker": "from quadfit_tui.ui.tasks.training_loop import TrainingLoop as C; C._train = fail",
    "a key": "from quadfit_tui.ui.commands.playback_commands import PlaybackCommands as C; C.action_unit = fail",
    "the loop": "from quadfit_tui.ui.terminal.driver import TerminalDriver as C; C._give_up_sequence = fail",
    "the command line": "import quadfit_tui.main as C; C.make_session = fail",
    "a picture": "from quadfit_tui.ui.widgets.chart_view import ChartView as C; C.render_line = fail",
    "a watcher": "from quadfit_tui.ui.widgets.header import Header as C; C.show = fail",
    "the begin": "from quadfit_tui.ui.app import QuadfitApp as C; C.compose = fail",
}
PROGRAM = """
def fail(*_): raise ZeroDivisionError("for a\\x1b[31m test\\nof " + 300 * "long ")
{}
from quadfit_tui.main import main
main(["--play"])
"""


@pytest.mark.parametrize("where", variants({where: where for where in BREAK}, 1))
def test_failure_prints_one_line_and_writes_report(terminal, tmp_path, where):
    app = terminal(
        command=[sys.executable, "-c", PROGRAM.format(BREAK[where])],
        env={"XDG_STATE_HOME": str(tmp_path)},
        answers=where != "the loop",  # where an answer would come behind the Esc
    )
    if where in ("a key", "the loop"):
        app.until("of 500 epochs")
        app.send("u\x1b")  # Esc may begin a sequence, which is waited for in the loop
    assert app.end() == 1
    assert app.left() == []
    assert "Traceback" not in app.text

    (written,) = (tmp_path / "quadfit-tui").iterdir()
    said = app.output.rpartition(b"\x1b[?25h")[2].decode()
    assert said.count("\n") == 1
    assert re.sub(r"\r\n", "", said).isprintable()
    assert said.startswith("quadfit-tui: internal error (ZeroDivisionError: for a")
    assert str(written) in said
    text = written.read_text()
    assert "ZeroDivisionError: for a" in text
    assert "in fail" in text
    assert f"Python {sys.version.split()[0]}" in text
    assert written.stat().st_mode & 0o077 == 0


@pytest.fixture
def told(monkeypatch):
    """The line about a failure, where the folder of the user's state and the temporary one are given."""

    def told(state, temporary):
        monkeypatch.setenv("XDG_STATE_HOME", str(state))
        monkeypatch.setattr(tempfile, "gettempdir", temporary)
        return report(ZeroDivisionError())

    return told


def _no_folder():
    raise FileNotFoundError(2, "No usable temporary directory found")


def test_report_falls_back_to_temporary_folder(told, tmp_path):
    (tmp_path / "file").write_text("")
    line = told(tmp_path / "file", lambda: str(tmp_path))
    (written,) = tmp_path.glob("crash-*.txt")
    assert str(written) in line


def test_line_is_translated_and_report_english(told, tmp_path, monkeypatch):
    monkeypatch.setenv("LANGUAGE", "zh_CN")
    with speaking():
        line = told(tmp_path, _no_folder)
    (written,) = (tmp_path / "quadfit-tui").iterdir()
    assert line == f"quadfit-tui: 内部错误（ZeroDivisionError）；请报告这个错误，并附上 {written}"
    assert "LANGUAGE='zh_CN'" in (text := written.read_text())
    assert text.isascii()


def test_report_without_temporary_folder(told, tmp_path):
    line = told(tmp_path, _no_folder)
    (written,) = (tmp_path / "quadfit-tui").iterdir()
    assert str(written) in line
    assert "ZeroDivisionError" in written.read_text()


@pytest.mark.parametrize("temporary", [lambda: "/proc", _no_folder], ids=["full", "none"])
def test_missing_report_is_mentioned(told, tmp_path, temporary):
    (tmp_path / "file").write_text("")
    assert "no report could be written: " in told(tmp_path / "file", temporary)
