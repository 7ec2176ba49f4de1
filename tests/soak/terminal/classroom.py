"""A classroom for its tests: the recipes of the manual, an ssh server, and users that are gone afterwards."""

import contextlib
import grp
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from documents import MANUAL
from harness import Terminal

ROOT = Path(__file__).parents[3]
SIZE = (40, 140)
FORM = 40  # columns of the form
PATH = f"{os.environ['PATH']}:/usr/sbin:/sbin"
PREFIX = "quadfit-test-"  # of what the tests make on this machine; the number of their process follows


PAGE = MANUAL["class-server"]


def recipes():
    """The blocks of the page that are marked to be tried: for the server, a class with lessons, a shared screen."""
    mark = r"<!-- tests/soak/terminal/test_classroom\.py tries the next block -->"
    server, lessons, screen = re.findall(mark + r"\n```\w*\n(.*?)```", PAGE, re.DOTALL)
    return server, lessons, screen


def needed(*programs):
    """Where the programs are; skips the test where one of them is not there."""
    found = [shutil.which(program, path=PATH) for program in programs]
    for program, path in zip(programs, found, strict=True):
        if path is None:
            pytest.skip(f"{program} is not installed")
    return found


class Classroom:
    """A folder, an ssh server that follows the manual's recipe, and who logs in to it.

    With root's rights the student and the watcher are users of their own, `real`; otherwise both are the test's user.
    """

    def __init__(self):
        self.sshd, self.ssh, self.keygen, self.scp, self.sftp = needed("sshd", "ssh", "ssh-keygen", "scp", "sftp")
        self.folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
        self.folder.chmod(0o755)
        self.program = self.folder / "quadfit-tui"
        self.program.write_text(f'#!/bin/sh\nexec {sys.executable} -P -m quadfit_tui "$@"\n')
        self.program.chmod(0o755)
        self.shared = self.folder / "shared"
        self.lessons, self.homes = self.folder / "lessons", self.folder / "home"
        self.log = self.folder / "log"
        self.config = self.folder / "sshd_config"
        self.port, self.watchers_port = free_port(), free_port()
        self.seats = []
        self.server = None
        self.real = False
        self.student = self.watcher = pwd.getpwuid(os.getuid())

    def prepare(self):
        """Makes the users and starts the server."""
        forget_killed_tests()
        self.shared.mkdir()
        if os.getuid() == 0:
            self._make_users()
            Path("/run/sshd").mkdir(exist_ok=True)  # Debian's sshd wants it, and has it from its service
        for key in ("host", "id"):
            subprocess.run([self.keygen, "-q", "-t", "ed25519", "-N", "", "-f", self.folder / key], check=True)
        (self.folder / "id.pub").chmod(0o644)
        own = [
            "ListenAddress 127.0.0.1",
            f"Port {self.port}",
            f"Port {self.watchers_port}",
            f"PidFile {self.folder}/pid",
        ]
        own += [f"HostKey {self.folder}/host", f"AuthorizedKeysFile {self.folder}/id.pub", "PasswordAuthentication no"]
        # As Debian 13 has it; the recipe has to hold against it.
        own += [
            "StrictModes no",
            "AcceptEnv LANG LC_* COLORTERM NO_COLOR",
            "X11Forwarding yes",
            "Subsystem sftp internal-sftp",
        ]
        self.config.write_text("\n".join([*own, self.adapted(recipes()[0]), self._of_lessons(), ""]))
        self.server = subprocess.Popen([self.sshd, "-D", "-f", self.config, "-E", self.log])
        wait_for(lambda: self._said().count("Server listening") == 2 or self.server.poll() is not None, self._said)
        assert self.server.poll() is None, self._said()

    def _of_lessons(self):
        """What the server has for students with lessons: the same as for all, but for the line that the page tells."""
        (line,) = re.findall(r"`(ForceCommand [^`]+ --lessons\s[^`]+)`", PAGE)
        (block,) = re.findall(r"^Match Group students\n.+?(?=^Match)", recipes()[0], re.DOTALL | re.MULTILINE)
        block = re.sub("ForceCommand .+", " ".join(line.split()), block)
        own = {"Group students": f"Group {PREFIX}{os.getpid()}l", "/srv/quadfit-tui/lessons": str(self.lessons)}
        return replaced(block, own | {"/usr/local/bin/quadfit-tui": str(self.program)})

    def add_class(self):
        """Makes three students and a teacher, and does what the recipe for lessons tells; gives their names."""
        name = f"{PREFIX}{os.getpid()}"
        *students, teacher = [f"{name}{end}" for end in "abct"]
        run_as_root("groupadd", f"{name}l")
        self.lessons.mkdir(mode=0o755)
        self.homes.mkdir(mode=0o755)
        for user in (*students, teacher):
            groups = [] if user == teacher else ["--groups", f"{name}l"]
            usual = ["--home-dir", self.homes / user, "--shell", "/bin/sh", "--password", "*"]
            run_as_root("useradd", "--create-home", "--key", "HOME_MODE=0755", *usual, *groups, user)
        own = {"sudo ": "", "teachers": f"{name}h", '"$USER"': teacher, "anna ben carla": " ".join(students)}
        recipe = replaced(recipes()[1], own | {"/home/": f"{self.homes}/"})
        run_as_root("sh", "-e", "-c", recipe)
        return students, teacher

    def _said(self):
        return self.log.read_text() if self.log.exists() else ""

    def _make_users(self):
        name = f"{PREFIX}{os.getpid()}"
        run_as_root("groupadd", f"{name}g")
        for end, more in (("s", ["--groups", f"{name}g"]), ("w", [])):
            home = self.folder / f"home-{end}"
            usual = ["--no-create-home", "--home-dir", home, "--shell", "/bin/sh", "--password", "*"]
            run_as_root("useradd", *usual, *more, f"{name}{end}")
            user = pwd.getpwnam(f"{name}{end}")
            home.mkdir(mode=0o700)
            os.chown(home, user.pw_uid, user.pw_gid)
            if not self._runs_for(user):
                return  # this Python, or this copy of the program, is not for everybody
        self.real = True
        self.student, self.watcher = pwd.getpwnam(f"{name}s"), pwd.getpwnam(f"{name}w")
        os.chown(self.shared, 0, self.watcher.pw_gid)
        self.shared.chmod(0o2750)

    def _runs_for(self, user):
        who = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "cwd": user.pw_dir}
        try:
            done = subprocess.run([self.program, "--version"], capture_output=True, check=False, **who)
        except PermissionError:  # nor is the folder of temporary files
            return False
        return done.returncode == 0

    @property
    def home(self):
        return Path(self.student.pw_dir)

    def adapted(self, recipe):
        """A recipe with the names and the places of this classroom."""
        if self.real:
            own = {"Group students": f"Group {PREFIX}{os.getpid()}g", "User watch": f"User {self.watcher.pw_name}"}
        else:  # one user, told apart by the port
            own = {"Group students": f"LocalPort {self.port}", "User watch": f"LocalPort {self.watchers_port}"}
        own |= {"-r watch": f"-r {self.watcher.pw_name}", "-d quadfit-tui": f"-d {self.program}"}
        own |= {"/var/lib/quadfit-tui": str(self.shared), "/usr/local/bin/quadfit-tui": str(self.program)}
        return replaced(recipe, own)

    @property
    def options(self):
        """Options of ssh, scp and sftp, by which they depend on nothing of this machine."""
        own = ["BatchMode=yes", "IdentitiesOnly=yes", "StrictHostKeyChecking=no", "LogLevel=ERROR", "SendEnv=LC_*"]
        own += [f"UserKnownHostsFile={self.folder}/known", f"IdentityFile={self.folder}/id"]
        return ["-F", "none", *(word for option in own for word in ("-o", option))]

    def login(self, *options, user=None):
        """The command of the student, or of another user, to log in; a command may follow."""
        return [self.ssh, *self.options, "-p", str(self.port), *options, f"{user or self.student.pw_name}@127.0.0.1"]

    def watch(self, *options):
        """The same for the account that watches."""
        port = str(self.watchers_port)
        return [self.ssh, *self.options, "-p", port, *options, f"{self.watcher.pw_name}@127.0.0.1"]

    def as_user(self, name, command, errors=subprocess.STDOUT):
        """The exit code of a shell's command that a user gives after a login, and all it says.

        `errors` is where its standard error goes.
        """
        about = pwd.getpwnam(name)
        who = {"user": about.pw_uid, "group": about.pw_gid, "extra_groups": os.getgrouplist(name, about.pw_gid)}
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": errors}
        env = {"PATH": PATH, "HOME": about.pw_dir, "LC_ALL": "C.UTF-8"}
        done = subprocess.run(
            ["sh", "-c", command], **who, **pipes, cwd=about.pw_dir, env=env, text=True, check=False, timeout=60
        )
        return done.returncode, done.stdout

    def without_terminal(self, *command, typed=""):
        """The exit code of a command that has no terminal, and all it says."""
        words = [str(word) for word in command]
        done = subprocess.run(
            words, input=typed, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=30
        )
        return done.returncode, done.stdout

    def sit_down(self, command, **env):
        """A seat in which the command runs."""
        if os.getuid() and not terminals_are_owned():
            pytest.skip("only a server of root can give terminals on this machine")
        self.seats.append(Seat(command, env))
        return self.seats[-1]

    def close(self):
        """Ends whatever was begun, and leaves nothing behind."""
        for seat in self.seats:
            seat.close()
        if self.server is not None:
            self.server.terminate()
            self.server.wait(10)
        if os.getuid() == 0:
            forget_users({os.getpid()})
        shutil.rmtree(self.folder)


class Seat(Terminal):
    """A terminal in the classroom, and what somebody in front of it sees."""

    def __init__(self, command, env):
        others = dict.fromkeys(os.environ.keys() - {"PATH", "HOME", "TERM", "LANG"})
        super().__init__(command=command, size=SIZE, env=others | env)

    def look(self, seconds=0.02):
        """The screen, with what arrives within some time."""
        self.read(seconds)
        return self.text

    def words(self):
        """What is in the columns of the form, then all of the screen, each without its ends of lines."""
        lines = self.text.splitlines()
        return " ".join(" ".join([*(line[:FORM] for line in lines), *lines]).split())

    def see(self, *texts, gone=None):
        """Waits until the screen shows all the texts, and one of them no more."""

        def is_so():
            words = self.words()
            return all(text in words for text in texts) and (gone is None or gone not in words)

        self.wait(is_so)


def replaced(text, words):
    """A text with some words in the place of others."""
    for word, new in words.items():
        text = text.replace(word, new)
    return text


def wait_for(condition, instead, seconds=30.0):
    """Waits until something is so; says what is there instead, if it does not come about."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"it did not come about:\n{instead()}")
        time.sleep(0.01)


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def terminals_are_owned():
    """Whether a new terminal belongs to the group that sshd wants to give it to, which takes root's rights."""
    with contextlib.suppress(KeyError):
        ends = os.openpty()
        try:
            return os.fstat(ends[1]).st_gid == grp.getgrnam("tty").gr_gid
        finally:
            for end in ends:
                os.close(end)
    return True


# Users


def run_as_root(*command):
    subprocess.run([*needed(command[0]), *command[1:]], check=True, capture_output=True, timeout=60)


def forget_users(of):
    """Deletes the users and groups that these tests' processes made, and ends what those users run."""
    for user in [user for user in pwd.getpwall() if maker(user.pw_name) in of]:
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if process.stat().st_uid == user.pw_uid:
                    os.kill(int(process.name), signal.SIGKILL)
        run_as_root("userdel", "--force", user.pw_name)
    for group in [group for group in grp.getgrall() if maker(group.gr_name) in of]:
        run_as_root("groupdel", group.gr_name)


def maker(name):
    """The number of the test's process that made a user, a group or a folder; None for all others."""
    match = re.fullmatch(rf"{PREFIX}(\d+)([a-z]|-\w+)", name)
    return int(match[1]) if match else None


def forget_killed_tests():
    """Cleans up after tests that were killed before they could do it themselves."""
    folders = {path: maker(path.name) for path in Path(tempfile.gettempdir()).iterdir()}
    folders = {path: pid for path, pid in folders.items() if pid and path.stat().st_uid == os.getuid()}
    makers = {*folders.values(), *(maker(entry[0]) for entry in (*pwd.getpwall(), *grp.getgrall()))} - {None}
    gone = {pid for pid in makers if not Path(f"/proc/{pid}").exists()}
    for folder in [folder for folder, pid in folders.items() if pid in gone]:
        with contextlib.suppress(OSError):
            server = int((folder / "pid").read_text())
            if str(folder) in Path(f"/proc/{server}/cmdline").read_text():
                os.kill(server, signal.SIGTERM)
        shutil.rmtree(folder)
    if os.getuid() == 0:
        forget_users(gone)
