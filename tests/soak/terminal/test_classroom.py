"""The manual's recipes for a class, tried with a real ssh server: the app, and nothing else."""

import os
import re
import socket
import subprocess
from types import SimpleNamespace

import pytest
from classroom import Classroom, free_port, needed, recipes, wait_for
from documents import MANUAL
from locales import furnish
from trials import AT_LENGTH

from quadfit_tui.teaching.notation.lesson import LETTERS, StepKind
from quadfit_tui.teaching.notation.reading.notation import read_lesson

pytestmark = [pytest.mark.xdist_group("classroom")]  # one server for all of them

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
    seat.see("Next field", "CSV file of x and y")


def enter(seat, path):
    seat.send("\x15")  # empties the field
    seat.see(gone="it is outside")
    seat.send(f"{path}\r")


def test_sshd_settings_match_recipe(classroom):
    client = f"user={classroom.student.pw_name},host=localhost,addr=127.0.0.1,laddr=127.0.0.1,lport={classroom.port}"
    code, text = classroom.without_terminal(classroom.sshd, "-T", "-C", client, "-f", classroom.config)
    assert code == 0, text
    found = dict(line.partition(" ")[::2] for line in text.splitlines())
    forwarding = ("allowagentforwarding", "allowstreamlocalforwarding", "allowtcpforwarding", "x11forwarding")
    assert {found[name] for name in (*forwarding, "permittunnel", "permituserrc", "permituserenvironment")} == {"no"}
    assert found["disableforwarding"] == found["permittty"] == "yes"
    assert found["forcecommand"] == f"{classroom.program} --confined"
    assert found["maxstartups"].startswith("100:")


def test_student_gets_only_the_app(classroom):
    seat = classroom.sit_down([*classroom.login("-tt"), "id; exec sh"], LC_NAME="/proc/self/root/etc")
    seat.see("READY", "space Play")
    go_to_data(seat)
    for path in ("/etc/passwd", "../..", "/proc/self/root/etc/passwd", "~/../x"):
        enter(seat, path)
        seat.see(OUT)
    seat.send("\x1b")
    seat.see("READY", "space Play", gone="it is outside")
    seat.send("q")
    assert seat.end() == 0
    assert "uid=" not in seat.look()


def test_locale_paths_change_nothing(classroom, monkeypatch):
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
    seat.see("READY", "space Play")
    go_to_data(seat)
    enter(seat, "link.csv")
    seat.see(OUT)
    enter(seat, "own.csv")
    seat.see("READY", "space Play", gone="it is outside")
    seat.send("u")
    seat.see("updates/s")
    seat.send("n")
    seat.see("PAUSED")

    seat.send("\x10")
    seat.see("Commands", "play or pause")
    seat.send("screenshot")
    seat.see("save a screenshot", gone="play or pause")
    seat.send("\r")
    seat.see("Saved the screen")
    (picture,) = furnished.home.rglob("*.svg")
    assert picture.parent == furnished.home
    assert picture.stat().st_uid == furnished.student.pw_uid
    assert "PAUSED" in picture.read_text(encoding="utf-8")
    seat.send("q")
    assert seat.end() == 0
    assert not (furnished.home / "trace").exists()


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
    """A teacher who has begun a lesson by the manual's recipe."""
    (tmux,) = needed("tmux")
    *prepared, attach = classroom.adapted(recipes()[2]).splitlines()
    try:
        for line in prepared:
            if classroom.real or "server-access" not in line:  # nobody can be granted what is theirs
                code, text = classroom.without_terminal("env", "-u", "TMUX", "LC_ALL=C.UTF-8", "sh", "-c", line)
                assert code == 0, text
        yield classroom.sit_down(["sh", "-c", f"exec {attach}"])
    finally:
        classroom.without_terminal(tmux, "-S", classroom.shared / "screen", "kill-server")


def test_class_watches_teacher_screen_read_only(classroom, teacher):
    teacher.see("READY", "space Play", "⠤ ⠤ true", "% of the limit")
    watcher = classroom.sit_down([*classroom.watch("-tt"), "id; exec sh"])
    for seat in (watcher, teacher):  # whose window becomes as large as the watcher's
        seat.see("READY", "F1 How", "⠤ ⠤ true", "% of the limit")
        seat.look(0.3)
    before = picture(watcher)
    assert before == picture(teacher)

    for keys in (" ", "e", "q", "\x03", "\x02c", "\x02:", "\x02x", "\x02[", "\x02\x1a"):
        watcher.send(keys)
        watcher.look(0.05)
    watcher.look(0.2)
    assert picture(watcher) == picture(teacher) == before

    teacher.send("e")
    for seat in (teacher, watcher):
        seat.see("PAUSED", " 1 of 500 epochs")
        seat.look(0.3)
    assert picture(watcher) == picture(teacher) != before
    teacher.send("q")
    watcher.end()
    assert "uid=" not in watcher.look()


def picture(seat):
    """What a seat shows, without tmux's own line, which has a clock."""
    return seat.look().splitlines()[:-1]


@pytest.fixture(scope="module")
def school(classroom):
    """Three students and a teacher by the manual's recipe, and its lesson."""
    if not classroom.real:
        pytest.skip("the students have no accounts: that needs root's rights, and a Python that all may run")
    students, teacher = classroom.add_class()
    (lesson,) = re.findall(r"```markdown\n(.+?)```", MANUAL["lesson-files"], re.DOTALL)
    (classroom.lessons / "01-our-ball.md").write_text(lesson, encoding="utf-8")
    (classroom.lessons / "02-not-yet.md").write_text("To be written.", encoding="utf-8")
    return SimpleNamespace(students=students, teacher=teacher, room=classroom, lesson=read_lesson(lesson))


def letter(lesson, step, *, is_right):
    """What is typed for a choice."""
    choices = lesson.choices(lesson.by_id[step])
    return LETTERS[[answer.is_right for answer in choices].index(is_right)]


def test_answers_are_readable_by_teacher_only(school):
    room, (anna, ben, carla) = school.room, school.students
    app = room.sit_down(room.login(user=anna))
    app.see("READY", "space Play")
    app.send("L")
    app.see("Our ball", "Your answers")
    app.send("\r")
    app.see("step 1 of 6", "recorded", "for your teacher")
    app.send("\r")
    app.see("step 2 of 6", "it will diverge")
    app.send(f"a{letter(school.lesson, 'fast', is_right=True)}\r")
    app.see("You said", "Right")
    app.send("\r")
    app.see("step 3 of 6")
    app.send("a-4.8\r")
    app.see("Twice that is g: 9.69")
    app.send("q")
    assert app.end() == 0

    lines = room.sit_down(room.login("-tt", user=ben), TERM="dumb")
    for said, typed in (
        ("or quit.", "1"),
        ("for your teacher", ""),
        ("What will the fit do", letter(school.lesson, "fast", is_right=False)),
        ("Press Enter to go on", ""),
        ("What is a?", "=1+1"),
        ("Type a number", "4.84"),
        ("The ball falls", "quit"),
    ):
        lines.see(said)
        lines.send(f"{typed}\n")
    assert lines.end() == 0

    report = f"{room.program} lessons report --lessons {room.lessons} {room.homes}/*/lessons"
    code, text = room.as_user(school.teacher, report, errors=subprocess.DEVNULL)
    rows = [line.split()[:6] for line in text.splitlines()[1:3]]
    asked = sum(step.kind is StepKind.PREDICT for step in school.lesson.steps)
    assert (code, rows) == (
        0,
        [[anna, "our-ball", "3/6", f"1/{asked}", "1/1", "0"], [ben, "our-ball", "2/6", f"0/{asked}", "0/1", "0"]],
    )
    assert f"our-ball: 2 of 3 have begun; not yet: {carla}" in " ".join(text.split())
    assert [line.split(maxsplit=6)[4:] for line in text.splitlines()[-2:]] == [
        ["fast", "predict", "1× it will get there sooner"],
        ["fall", "observe", "1× 4.84"],
    ]
    for folder in (f"{room.homes}/{anna}/lessons", f"{room.homes}/{carla}/lessons"):
        code, said = room.as_user(ben, f"{report.rpartition(' ')[0]} {folder} 2>&1")
        assert (code, "Permission denied" in said) == (2, True)
    own = room.as_user(ben, report, errors=subprocess.DEVNULL)[1]  # all that the pattern finds
    assert own.startswith("Our ball (our-ball): 2 of 6 steps done\n")
    assert "4.84" in own
    transcript = f"{room.homes}/{anna}/lessons/transcript.jsonl"
    for command in (f"ls {room.homes}/{anna}", f"echo >>{transcript}", f"rm -f {transcript}", f"touch {transcript}2"):
        assert room.as_user(school.teacher, f"({command}) 2>&1")[0] != 0
    assert room.as_user(school.teacher, f"cat {transcript}")[0] == 0


def test_hostile_student_files_are_reported_safely(school):
    room, (anna, _, carla) = school.room, school.students
    report = f"{room.program} lessons report --lessons {room.lessons} {room.homes}/{carla}/lessons"
    for command, said in (
        (f"ln -s {room.homes}/{anna}/lessons/transcript.jsonl .", "it is no regular file"),
        ("mkfifo transcript.jsonl", "it is no regular file"),
        ("head -c 6000000 /dev/zero >transcript.jsonl", "it is longer than 5000000 bytes"),
        (r"printf '\033[2J\n{\"t\":\"\033[2J\"}\n' >transcript.jsonl", "1 line cut, 1 line unreadable"),
    ):
        code, _ = room.as_user(carla, f"cd lessons && rm -f x transcript.jsonl && {command}")
        assert code == 0
        code, text = room.as_user(school.teacher, f"{report} 2>&1")
        assert said in text
        assert code == (0 if "unreadable" in said else 2)
        assert all(line.isprintable() for line in text.splitlines())
