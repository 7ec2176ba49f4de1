"""The README's recipes for a class, tried with a real ssh server: the app, and nothing else."""

import os
import socket
import subprocess

import pytest
from classroom import Classroom, free_port, needed, recipes, wait_for
from locales import furnish
from trials import AT_LENGTH

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("classroom")]  # one server for all of them

OUT = "cannot be read: it is outside"  # as much of it as one row of the form has


@pytest.fixture(scope="module")
def classroom():
    room = Classroom()
    try:
        room.prepare()
        yield room
    finally:
        room.close()


@pytest.fixture(scope="module")
def furnished(classroom):
    """The classroom, with things in the student's home; what a shell or ssh would run there leaves a trace."""
    if not classroom.real:
        pytest.skip("the student has no home of their own: that needs root's rights, and a Python that all may run")
    (classroom.home / ".ssh").mkdir()
    for name in (".ssh/rc", ".profile", ".bash_profile", ".bashrc", ".shrc"):
        (classroom.home / name).write_text(f"touch {classroom.home}/trace\n")
    (classroom.home / ".ssh/environment").write_text(f"ENV={classroom.home}/.shrc\n")
    (classroom.home / "own.csv").write_text("x;y\n0;1\n1;3\n2;9\n3;19\n")
    (classroom.home / "link.csv").symlink_to("/etc/passwd")
    for path in (classroom.home, *classroom.home.rglob("*")):
        os.chown(path, classroom.student.pw_uid, classroom.student.pw_gid, follow_symlinks=False)
    return classroom


def go_to_data(seat):
    seat.send("\x10")
    seat.see("play or pause")
    seat.send("field file")
    seat.see("go to the field file", gone="play or pause")
    seat.send("\r")
    seat.see("Next field", "CSV file with two columns")


def enter(seat, path):
    seat.send("\x15")  # empties the field
    seat.see(gone="it is outside")
    seat.send(f"{path}\r")


def test_the_settings_of_the_server_are_those_of_the_recipe(classroom):
    client = f"user={classroom.student.pw_name},host=localhost,addr=127.0.0.1,laddr=127.0.0.1,lport={classroom.port}"
    code, text = classroom.without_terminal(classroom.sshd, "-T", "-C", client, "-f", classroom.config)
    assert code == 0, text
    found = dict(line.partition(" ")[::2] for line in text.splitlines())
    forwarding = ("allowagentforwarding", "allowstreamlocalforwarding", "allowtcpforwarding", "x11forwarding")
    assert {found[name] for name in (*forwarding, "permittunnel", "permituserrc", "permituserenvironment")} == {"no"}
    assert found["disableforwarding"] == found["permittty"] == "yes"
    assert found["forcecommand"] == f"{classroom.program} --confined"
    assert found["maxstartups"].startswith("100:")


def test_a_student_sees_the_app_whatever_is_asked_for_and_its_end_logs_out(classroom):
    seat = classroom.sit_down([*classroom.login("-tt"), "id; exec sh"], LC_NAME="/proc/self/root/etc")
    seat.see("READY", "Quit")
    go_to_data(seat)
    for path in ("/etc/passwd", "../..", "/proc/self/root/etc/passwd", "~/../x"):
        enter(seat, path)
        seat.see(OUT)
    seat.send("\x1b")
    seat.see("READY", "Quit", gone="it is outside")
    seat.send("q")
    assert seat.end() == 0
    assert "uid=" not in seat.look()


def test_names_of_locales_that_are_paths_change_nothing_at_the_server(classroom, monkeypatch):
    def said():
        code, text = classroom.without_terminal(*classroom.login())
        return code, [line for line in text.splitlines() if not line.startswith("bash: warning: setlocale")]

    usual = said()
    assert usual[0] == 2
    assert "standard input is not a terminal" in usual[1][0]
    names = furnish(classroom.folder / "locales")
    for name in names if AT_LENGTH else ("existing", "fifo", "zero", "short"):
        monkeypatch.setenv("LC_ALL", names[name])
        assert said() == usual, name


def test_a_lesson_with_files_of_ones_own(furnished):
    seat = furnished.sit_down(furnished.login())
    seat.see("READY", "Quit")
    go_to_data(seat)
    enter(seat, "link.csv")
    seat.see(OUT)
    enter(seat, "own.csv")
    seat.see("READY", "Quit", gone="it is outside")
    seat.send("u")
    seat.see("of 4")  # updates of an epoch
    seat.send("n")
    seat.see("PAUSED")

    seat.send("\x10")
    seat.see("Commands", "play or pause")
    seat.send("screenshot")
    seat.see("save a screenshot", gone="play or pause")
    seat.send("\r")
    seat.see("Screenshot saved to")
    (picture,) = furnished.home.rglob("*.svg")
    assert picture.parent == furnished.home
    assert picture.stat().st_uid == furnished.student.pw_uid
    assert "PAUSED" in picture.read_text(encoding="utf-8")
    seat.send("q")
    assert seat.end() == 0
    assert not (furnished.home / "trace").exists()


def test_a_student_who_hears_takes_lessons_by_lines(classroom):
    if not classroom.real:
        pytest.skip("needs root, to have a student with a home of its own")
    (classroom.home / "lessons").mkdir()
    os.chown(classroom.home / "lessons", classroom.student.pw_uid, classroom.student.pw_gid)
    seat = classroom.sit_down(classroom.login(), TERM="dumb")  # which travels whatever the server accepts
    seat.see("There are 12 lessons.", "Type a number, or quit.")
    for line, said in (
        ("1", "An empty line goes on."),
        ("", "Type a number."),
        ("set data /etc/passwd", "it is outside"),
    ):
        seat.send(f"{line}\r")
        seat.see(said)
    seat.send("quit\r")
    assert seat.end() == 0
    assert b"\x1b[" not in seat.output
    written = classroom.home / "lessons" / "transcript.jsonl"
    assert written.stat().st_uid == classroom.student.pw_uid
    assert '"event": "aside"' in written.read_text()


def test_without_a_terminal_nothing_is_run(classroom):
    refusal = "quadfit-tui: standard input is not a terminal; use 'quadfit-tui run' to train without one\n"
    for command in ([], ["id"]):
        assert classroom.without_terminal(*classroom.login(), *command) == (2, refusal)
    # What a subsystem says on standard error goes nowhere.
    assert classroom.without_terminal(*classroom.login("-s"), "sftp", typed="\0") == (2, "")


def test_no_file_is_copied(classroom):
    server, options = f"{classroom.student.pw_name}@127.0.0.1", [*classroom.options, "-P", classroom.port]
    for protocol in ([], ["-O"]):
        command = [classroom.scp, *protocol, *options, f"{server}:/etc/passwd", classroom.folder]
        assert classroom.without_terminal(*command)[0] != 0
    code, _ = classroom.without_terminal(
        classroom.sftp, *options, server, typed=f"get /etc/passwd {classroom.folder}\n"
    )
    assert code != 0
    assert not (classroom.folder / "passwd").exists()


def test_nothing_is_forwarded(classroom):
    port = free_port()
    way = f"{port}:127.0.0.1:{classroom.port}"
    only = ["-o", "ExitOnForwardFailure=yes", "-N"]
    for option in (["-R", way], ["-W", f"127.0.0.1:{classroom.port}"]):
        code, text = classroom.without_terminal(*classroom.login(*only, *option))
        assert code == 255
        assert "forward" in text

    client = subprocess.Popen(classroom.login(*only, "-L", way), stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: reached(port) is not None, lambda: "nobody listens")
        assert reached(port) == b""  # where forwarding is allowed, it is the greeting of the server
        assert reached(classroom.port).startswith(b"SSH-")
    finally:
        client.kill()
        client.wait()


def reached(port):
    """The first words from a port; none where the connection is closed, None where nobody listens."""
    try:
        with socket.create_connection(("127.0.0.1", port), 5) as connection:
            return connection.recv(100)
    except ConnectionRefusedError:
        return None
    except ConnectionResetError:
        return b""


@pytest.fixture
def teacher(classroom):
    """A teacher who has begun a lesson by the README's recipe."""
    (tmux,) = needed("tmux")
    *prepared, attach = classroom.adapted(recipes()[1]).splitlines()
    try:
        for line in prepared:
            if classroom.real or "server-access" not in line:  # nobody can be granted what is theirs
                code, text = classroom.without_terminal("env", "-u", "TMUX", "LC_ALL=C.UTF-8", "sh", "-c", line)
                assert code == 0, text
        yield classroom.sit_down(["sh", "-c", f"exec {attach}"])
    finally:
        classroom.without_terminal(tmux, "-S", classroom.shared / "screen", "kill-server")


def test_a_class_watches_the_teachers_screen_and_cannot_touch_it(classroom, teacher):
    teacher.see("READY", "Quit", "⠤⠤⠤ true", "% of the limit")
    watcher = classroom.sit_down([*classroom.watch("-tt"), "id; exec sh"])
    watcher.see("READY", "Quit", "⠤⠤⠤ true", "% of the limit")
    before = picture(watcher)
    assert before == picture(teacher)

    for keys in (" ", "e", "q", "\x03", "\x02c", "\x02:", "\x02x", "\x02[", "\x02\x1a"):
        watcher.send(keys)
        watcher.look(0.05)
    watcher.look(0.2)
    assert picture(watcher) == picture(teacher) == before

    teacher.send("e")
    for seat in (teacher, watcher):
        seat.see("PAUSED", " 1 of 100 epochs")
        seat.look(0.3)
    assert picture(watcher) == picture(teacher) != before
    teacher.send("q")
    watcher.end()
    assert "uid=" not in watcher.look()


def picture(seat):
    """What a seat shows, without tmux's own line, which has a clock."""
    return seat.look().splitlines()[:-1]
