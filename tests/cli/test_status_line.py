"""What a terminal shows of `run` beside its lines: how far it is, and a plot in color."""

import os
import re
import termios
import threading

import pytest
from command_line import CLOSED, called
from tables import table

from quadfit_tui.cli import status_line
from quadfit_tui.cli.commands import run_epochs
from quadfit_tui.cli.status_line import StatusLine
from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.session.session import RunSession

SLOW = [
    "run",
    "--samples",
    "20000",
    "--batch",
    "7",
    "--shuffle",
    "--epochs",
    "12",
    "--stop-on",
    "never",
    "--lr",
    "1e-9",
]


class Terminal:
    """A terminal of 80 columns, which is read as it is written."""

    def __init__(self):
        self._ours, self.fd = os.openpty()
        termios.tcsetwinsize(self.fd, (24, 80))
        self._blocks = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self):
        try:
            while block := os.read(self._ours, 4096):
                self._blocks.append(block)
        except OSError:  # nobody has its other end any more
            pass

    def text(self):
        os.close(self.fd)
        self._reader.join()
        os.close(self._ours)
        return b"".join(self._blocks).decode().replace("\r\n", "\n")


@pytest.fixture
def at_once(monkeypatch):
    """Each piece of training, as short as there is one, is told of."""
    monkeypatch.setattr(status_line, "SILENCE", 0)
    monkeypatch.setattr(run_epochs, "SLICE", 0)


def seen(text):
    """What stays of lines in which a return goes back to their beginning."""
    return "\n".join(line.rstrip() for line in re.sub(r"[^\r\n]*\r", "", text).split("\n"))


@pytest.mark.usefixtures("at_once")
def test_progress_is_shown_then_erased(tmp_path):
    terminal = Terminal()
    done = called(*SLOW, "-o", tmp_path / "run.csv", stderr=terminal.fd)
    text = terminal.text()
    told = re.findall(r"\r(\d+) of 12 epochs done; mean loss [\d.e+]+(; at most \d+ s left)?", text)
    assert len(told) >= 3
    assert [int(epoch) for epoch, _ in told] == sorted(int(epoch) for epoch, _ in told)
    assert all(bool(left) == (epoch != "0") for epoch, left in told)
    assert seen(text) == ""
    assert done.returncode == 0


@pytest.mark.usefixtures("at_once")
def test_progress_leaves_output_lines_intact():
    terminal = Terminal()
    called(*SLOW, "--format", "csv", stdout=terminal.fd, stderr=terminal.fd)
    text = terminal.text()
    assert re.search(r"\r\d+ of 12 epochs done; mean loss", text)
    assert seen(text) == called(*SLOW, "--format", "csv").stdout


@pytest.mark.usefixtures("at_once")
def test_no_progress_when_quiet_or_piped(tmp_path):
    terminal = Terminal()
    called(*SLOW, "--samples", "2000", "--quiet", "-o", tmp_path / "run.csv", stderr=terminal.fd)
    read, written = os.pipe()  # what reads its lines may write them to the same terminal
    called(*SLOW, "--samples", "2000", stdout=written, stderr=terminal.fd)
    os.close(written)
    os.close(read)
    assert terminal.text() == ""
    assert called(*SLOW, "--samples", "2000").stderr == ""


@pytest.mark.usefixtures("at_once")
def test_a_short_run_is_told_nothing_of(tmp_path, monkeypatch):
    monkeypatch.setattr(status_line, "SILENCE", 1000)
    terminal = Terminal()
    called(*SLOW, "--samples", "2000", "-o", tmp_path / "run.csv", stderr=terminal.fd)
    assert terminal.text() == ""


@table(
    ("seconds", "left"),
    [(0.1, "1 s"), (10, "30 s"), (39, "117 s"), (40, "2 min"), (1000, "50 min"), (2400, "2 h"), (1e6, "833 h")],
)
def test_remaining_time_is_extrapolated(seconds, left):
    session = RunSession(RunConfig(epochs=40), speed=None)
    session.seek(10)
    while session.is_busy:
        session.advance(1)
    text = status_line._progress(session.snapshot(), seconds)
    assert re.fullmatch(rf"10 of 40 epochs done; mean loss \S+; at most {left} left", text)


def test_line_is_cut_to_terminal_width(monkeypatch):
    terminal = Terminal()
    termios.tcsetwinsize(terminal.fd, (24, 20))
    with open(terminal.fd, "w", closefd=False) as stream:
        monkeypatch.setattr("sys.stderr", stream)
        line = StatusLine()
        line.show("10 of 40 epochs done; mean loss 1.234")
        line.clear()
    assert max(map(len, terminal.text().split("\r"))) == 19


def test_echo_of_ctrl_c_is_erased(monkeypatch):
    terminal = Terminal()
    with open(terminal.fd, "w", closefd=False) as stream:
        monkeypatch.setattr("sys.stderr", stream)
        line = StatusLine()
        line.show("10 of 40 epochs")
        stream.write("^C")
        line.clear()
    assert terminal.text() == f"\r10 of 40 epochs^C\r{' ' * 17}\r"


@table(
    ("environment", "colored"),
    [
        ({"TERM": "xterm-256color"}, True),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, True),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
        ({"TERM": "vt100"}, False),
    ],
)
def test_plot_color_follows_terminal(environment, colored, monkeypatch):
    with monkeypatch.context() as patch:
        patch.delenv("NO_COLOR", raising=False)
        for name, value in environment.items():
            patch.setenv(name, value)
        terminal = Terminal()
        called("run", "--quiet", "--plot", "--width", "40", stdout=terminal.fd)
        assert ("\x1b[" in terminal.text()) == colored
        assert "\x1b" not in called("run", "--quiet", "--plot", "--width", "40").stdout


def test_plot_to_closed_stdout_is_dropped(tmp_path):
    done = called("run", "-n", "2", "--plot", "-o", tmp_path / "run.csv", stdout=CLOSED)
    assert (done.returncode, done.stderr) == (0, "")
