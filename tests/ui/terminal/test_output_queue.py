"""What is written to a terminal that may be full: it is never waited for, and its flags are left as they were."""

import os
import pty
import tty

import pytest

from quadfit_tui.ui.terminal import output_queue
from quadfit_tui.ui.terminal.output_queue import OutputQueue


@pytest.fixture(params=["its own", "shared"])
def line(request, monkeypatch):
    """A terminal's output queue and the other end; `shared`: the terminal cannot be opened again."""
    if request.param == "shared":
        monkeypatch.setattr(output_queue, "_opened_again", lambda terminal: terminal)
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    os.set_blocking(ours, False)
    box = OutputQueue(theirs)
    box.enter()
    yield box, ours, theirs
    box.close()
    os.close(ours)
    os.close(theirs)


def taken(ours):
    found = b""
    try:
        while piece := os.read(ours, 65536):
            found += piece
    except BlockingIOError:
        pass
    return found


def test_all_is_written_in_order(line):
    box, ours, _ = line
    sent = bytes(range(33, 127)) * 3000
    box.put(sent[:5])
    assert box.is_empty
    box.put(sent[5:])
    assert not box.is_empty  # nobody reads, and it is here all the same
    assert len(box) < len(sent)
    got = b""
    while not box.drain(0.01):
        got += taken(ours)
    while len(got) < len(sent):
        got += taken(ours)
    assert got == sent


def test_unread_output_is_dropped_for_farewell(line):
    box, ours, theirs = line
    box.put(b"x" * 1_000_000)
    assert not box.drain(0.02)
    box.end_with(b"farewell")
    assert box.is_empty
    found = b""
    while not found.endswith(b"farewell"):
        found += taken(ours)
    assert len(found) < 500_000
    assert os.get_blocking(theirs)


def test_blocking_flag_is_restored(line):
    box, _, theirs = line
    box.leave()
    assert os.get_blocking(theirs)
    box.enter()
    box.leave()
    assert os.get_blocking(theirs)


def test_begin_drops_pending_output(line):
    box, ours, _ = line
    box.put(b"x" * 1_000_000)
    box.enter()
    assert box.is_empty
    found = taken(ours)
    box.put(b"next")
    while not found.endswith(b"next"):
        found += taken(ours)
    assert len(found) < 100_000  # what the terminal had taken before


def test_closed_terminal_accepts_output():
    ours, theirs = pty.openpty()
    box = OutputQueue(theirs)
    os.close(ours)
    box.put(b"x")
    assert box.is_empty
    box.end_with(b"y")
    before = len(os.listdir("/dev/fd"))
    box.close()
    assert len(os.listdir("/dev/fd")) == before - 1
    os.close(theirs)


@pytest.mark.parametrize("refused", ["/dev/tty", "its own"])
def test_open_falls_back_to_dev_tty(monkeypatch, refused):
    ours, theirs = pty.openpty()
    own, tried, really = os.ttyname(theirs), [], os.open

    def opened(name, flags):
        tried.append(name)
        if name == (own if refused == "its own" else refused):
            raise PermissionError
        return really(own, flags)

    monkeypatch.setattr(output_queue, "_is_controlling", lambda _: True)
    monkeypatch.setattr(os, "open", opened)
    box = OutputQueue(theirs)
    monkeypatch.undo()
    assert tried == ([own] if refused == "/dev/tty" else [own, "/dev/tty"])  # which macOS waits for in no way
    assert box.descriptor != theirs
    box.close()
    os.close(ours)
    os.close(theirs)


def sequence(made, count=100):
    """The pieces of a long one, which tell of each that is made."""
    for number in range(count):
        made.append(number)
        yield b"<" * (not number) + b"s" * 10_000 + b">" * (number == count - 1)


def test_long_sequence_is_lazy_and_uninterrupted(line):
    box, ours, _ = line
    made = []
    box.put(b"before")
    box.put(sequence(made))
    for data in (b"after", sequence([], 2), b"last"):
        box.put(data)
    assert not box.is_empty
    assert len(made) < 50  # nobody has read yet
    assert len(box) < 10_000 + 100
    got = b""
    while not box.drain(0.001):
        got += taken(ours)
    while not got.endswith(b"last"):
        got += taken(ours)
    assert got == b"before<" + b"s" * 1_000_000 + b">after<" + b"s" * 20_000 + b">last"
    assert len(box) == 0


@pytest.mark.parametrize("how", ["end_with", "begin"])
def test_cut_sequence_is_canceled_first(line, how):
    box, ours, _ = line
    box.put(sequence([]))
    box.put(b"after")
    taken(ours)
    if how == "end_with":
        box.end_with(b"farewell")
    else:
        box.enter()
        assert box.is_empty or len(box) < 10
        box.put(b"farewell")
    found = b""
    while not found.endswith(b"farewell"):
        box.send()
        found += taken(ours)
    assert found.endswith(b"s\x18farewell") or found == b"\x18farewell"
    assert b">" not in found
    assert box.is_empty
