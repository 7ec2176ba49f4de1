"""Settings survive: a restart, a signal that ends the app, two sessions at once, a kill amid their writing, no room."""

import os
import signal
import subprocess
import sys
import tomllib

import pytest

# Writes without end, is killed, and begins anew whenever it is asked to; tells when it is dead.
KILLED = """
import itertools, os, random, signal, sys, time
from quadfit_tui.core.config.toml.settings_file import write_settings
moments = random.Random(7)
for number, _ in enumerate(sys.stdin):
    reader, told = os.pipe()
    child = os.fork()
    if not child:
        for at in itertools.count(10**6 * number):
            write_settings(sys.argv[1], {"speed": str(at), "theme": "x" * (at % 200)}, ["heading"])
            os.write(told, b".")
    os.close(told)
    os.read(reader, 1)
    time.sleep(moments.uniform(0, 0.015))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(reader)
    print(flush=True)
"""


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "config/quadfit-tui"


@pytest.fixture
def start(terminal, tmp_path):
    def start(*args, **options):
        env = {"XDG_CONFIG_HOME": str(tmp_path / "config"), "TEXTUAL_THEME": None}
        app = terminal(*args, env=env, answers=True, **options)
        app.until("s Settings")
        return app

    return start


def kept(folder):
    return tomllib.loads((folder / "settings.toml").read_text())


def background(app):
    """What the row of the keys is painted on."""
    return app.display.buffer[app.display.lines - 1][0].bg


def test_views_of_earlier_versions_are_dropped_once(start, folder):
    folder.mkdir(parents=True)
    (folder / "settings.toml").write_text(
        'speed = 30\nview = "surface"\nform = "unfolded"\n[options]\nfit = "follow"\n'
    )
    app = start()
    app.until("settings.toml: view, options, form: no longer kept")
    app.until("true")  # the legend of the fit
    app.send("q")
    assert (app.end(), app.left()) == (0, [])
    assert kept(folder) == {"speed": 30}
    app = start()
    app.until("s Settings")
    assert "no longer kept" not in app.text
    app.send("q")
    assert app.end() == 0


def test_changes_survive_restart(start, folder):
    app = start()
    app.send("+4zsu")
    app.until("30 updates/s")
    usual = background(app)
    app.send("\x10theme nord\r")
    app.until("s Settings")
    app.send("q")
    assert (app.end(), app.left()) == (0, [])
    found = {"theme": "nord", "speed": "30", "unit": "update"}
    assert kept(folder) == found  # nothing of what is seen: each start begins at the scene
    app = start("--speed", "5")  # which is for this session
    app.until("5 updates/s")
    app.until("true")  # the legend of the fit
    assert background(app) != usual
    app.send("q")
    assert app.end() == 0
    assert kept(folder) == found


def test_concurrent_sessions_merge_their_changes(start, folder):
    one, other = start(), start()
    one.send("+")
    one.until("30 epochs/s")
    other.send("un")
    other.until("PAUSED")  # at 80 columns the header has no room for the unit before
    for app, number in ((one, signal.SIGHUP), (other, signal.SIGTERM)):
        app.signal(number)
        assert app.end() == 128 + number
        assert app.left() == []
    assert kept(folder) == {"speed": "30", "unit": "update"}


def test_unwritable_settings_are_reported_at_exit(start, folder):
    folder.parent.mkdir()
    folder.write_text("in its place")
    app = start()
    app.until("cannot be read")
    app.send("+")
    app.until("30 epochs/s")
    app.send("q")
    assert (app.end(), app.left()) == (0, [])
    said = " ".join(app.text.split())
    assert said.startswith("quadfit-tui: your settings were not saved: ")
    assert said.count("quadfit-tui: ") == 1
    assert folder.read_text() == "in its place"
    folder.unlink()
    app = start("--no-settings")  # which reads and keeps none
    app.send("+")
    app.until("30 epochs/s")
    app.send("q")
    assert (app.end(), app.text.strip()) == (0, "")
    assert not folder.exists()


def test_kill_during_write_keeps_file_whole(tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text("# my own\nfps = 20\n")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "bufsize": 1}
    with subprocess.Popen([sys.executable, "-c", KILLED, str(file)], **pipes) as killed:
        for number in range(30):
            print(file=killed.stdin)
            assert killed.stdout.readline() == "\n"
            values = tomllib.loads(file.read_text())
            assert file.read_text().startswith("# my own\n")
            assert values["fps"] == 20
            assert int(values["speed"]) // 10**6 == number
            assert values["theme"] == "x" * (int(values["speed"]) % 200)
            assert {*os.listdir(tmp_path)} <= {"settings.toml", "settings.toml.new"}
        killed.stdin.close()
        assert killed.wait(10) == 0
