"""What is saved is a download of the terminal's, in a sequence that nothing else gets into."""

import base64
import json
import os
import re

from harness import ALL_ANSWERS

SENT = re.compile(rb"\x1b\]1337;File=name=([\w+/=]+);size=(\d+);inline=0:([\w+/=]*)\x07")
LONG = ("--samples", "10", "--epochs", "3000", "--stop-on", "never", "--at", "2999")


def test_downloads_are_complete_and_leave_no_files(terminal, tmp_path):
    app = terminal("--downloads", "--confined-to", ".", *LONG, cwd=str(tmp_path), size=(30, 100), answers=ALL_ANSWERS)
    app.until("epoch 2999")
    app.rest()  # it is there
    for name in ("view.svg", "log.jsonl"):
        app.send(f"w\x15{name}\r")
        app.until(f"as a download, {name}")
    app.send("q")
    assert app.end() == 0
    sent = {base64.b64decode(name).decode(): (int(size), content) for name, size, content in SENT.findall(app.output)}
    assert {*sent} == {"view.svg", "log.jsonl"}
    for size, content in sent.values():
        assert len(base64.b64decode(content, validate=True)) == size
    lines = base64.b64decode(sent["log.jsonl"][1]).splitlines()
    assert len(lines) > 3000
    assert json.loads(lines[2999])["epoch"] == 2999
    assert app.output.count(b"1337;") == 2
    assert os.listdir(tmp_path) == []


def test_unfinished_download_is_canceled(terminal, tmp_path):
    app = terminal("--downloads", "--confined-to", ".", *LONG, cwd=str(tmp_path), size=(30, 100), answers=ALL_ANSWERS)
    app.until("epoch 2999")
    app.send("w\x15log.jsonl\r")
    app.wait(lambda: (tmp_path / "log.jsonl").exists() or b"1337;" in app.output)  # sent, the file is gone
    app.signal(15)
    assert app.end() == 128 + 15
    assert b"1337;" not in app.output or SENT.search(app.output) or b"\x18" in app.output
    assert app.left() == []


def test_a_plain_terminal_is_sent_none(terminal, tmp_path):
    app = terminal("--downloads", cwd=str(tmp_path), env={"TERM": "vt220"}, answers=True)
    app.until("Play")
    app.send("w\x15view.txt\r")
    app.until("Saved the view to view.txt")
    app.send("q")
    assert app.end() == 0
    assert b"1337;" not in app.output
    assert os.listdir(tmp_path) == ["view.txt"]
