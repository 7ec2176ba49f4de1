"""The program's own files are no target of what somebody saves, confined or not, by whatever name they are named."""

import contextlib
import os
import pwd
import subprocess
import tempfile
from itertools import product

import pytest
from command_line import called, one_line

from quadfit_tui.cli.user_folders import own_folders
from quadfit_tui.core.files import access, protected_files
from quadfit_tui.core.files.atomic_file import write_lines
from quadfit_tui.core.files.line_file import LineFile
from quadfit_tui.core.files.protected_files import ProtectedFolder

PRECIOUS = '{"n": 0, "precious": true}\n'
# Each kind of them, by where it is in the home folder, and why nothing is saved there.
KINDS = {
    "lessons/transcript.jsonl": "your answers to lessons are kept there",
    ".local/share/quadfit-tui/lessons.jsonl": "your answers to lessons are kept there",
    ".config/quadfit-tui/settings.toml": "your settings are kept there",
    ".config/quadfit-tui/presets/mine.toml": "only settings are saved among your own presets",
    ".local/state/quadfit-tui/crash-20260101-000000-7.txt": "reports of errors of the program are kept there",
    "class/now.json": "the question of your class is kept there",
    "ben/transcript.jsonl": "answers of a student are kept there",
}
OF_CLASS = {os.path.dirname(kind): why for kind, why in KINDS.items() if kind.startswith(("class", "ben"))}


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home folder with all kinds of own files, in which the present folder is."""
    folder = tmp_path / "anna"
    for kind in KINDS:
        (folder / kind).parent.mkdir(parents=True, exist_ok=True)
        (folder / kind).write_text(PRECIOUS)
    (folder / "work").mkdir()
    entry = pwd.struct_passwd(("anna", "x", os.getuid(), os.getgid(), "", str(folder), "/bin/sh"))
    monkeypatch.setattr(pwd, "getpwuid", lambda _: entry)
    monkeypatch.setenv("HOME", str(folder))
    for name in [name for name in os.environ if name.startswith("XDG_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(folder / "work")
    protected_files.register_protected("user", own_folders)
    protected_files.register_protected(
        "class", lambda: [ProtectedFolder(f"{folder}/{name}", why) for name, why in OF_CLASS.items()]
    )
    yield folder
    protected_files.register_protected("class", lambda: ())
    access.configure()


class Name:
    """An own file, and names that are made for it; `close` takes away what was made."""

    def __init__(self, home, own):
        self.home, self.own = str(home), own  # `own`: from the home folder
        self.path = f"{home}/{own}"
        self.folder, self.name = os.path.split(self.path)
        self._made = contextlib.ExitStack()
        self.close = self._made.close

    def link(self, target=None, name="link"):
        os.symlink(target or self.path, name)
        self._made.callback(os.unlink, name)
        return name

    def hard(self, name="hard"):
        os.link(self.path, name)
        self._made.callback(os.unlink, name)
        return name

    def opened(self, target=None):
        """The number of a descriptor."""
        descriptor = os.open(target or self.path, os.O_RDONLY)
        self._made.callback(os.close, descriptor)
        return descriptor

    def beside(self, name):
        return f"{self.folder}/{name}"


WAYS = {
    "absolute": lambda at: at.path,
    "relative": lambda at: f"../{at.own}",
    "from home": lambda at: f"~/{at.own}",
    "from home, up and down": lambda at: f"~/../anna/{at.own}",
    "a point": lambda at: f"./../{at.own}",
    "points": lambda at: at.beside(f"././{at.name}"),
    "slashes": lambda at: at.path.replace("/", "//"),
    "up and down": lambda at: at.beside(f"../{os.path.basename(at.folder)}/{at.name}"),
    "through another folder": lambda at: f"../work/../{at.own}",
    "link": lambda at: at.link(),
    "link with a suffix": lambda at: at.link(name="log.csv"),
    "relative link": lambda at: at.link(f"../{at.own}"),
    "link to a link": lambda at: at.link(at.link(), "second"),
    "link by the root of the process": lambda at: at.link(f"/proc/self/root{at.path}"),
    "link to the folder": lambda at: f"{at.link(at.folder)}/{at.name}",
    "link to home": lambda at: f"{at.link(at.home)}/{at.own}",
    "link to another folder, and up": lambda at: f"{at.link('../work')}/../{at.own}",
    "hard link": lambda at: at.hard(),
    "hard link with a suffix": lambda at: at.hard("fit.svg"),
    "hard link beside it": lambda at: at.hard(at.beside("other.csv")),
    "link to a hard link": lambda at: at.link(at.hard()),
    "other case, where a system knows none": lambda at: at.hard(at.beside(at.name.upper())),
    "folder of the process": lambda at: f"/proc/self/cwd/../{at.own}",
    "root of the process": lambda at: f"/proc/self/root{at.path}",
    "by the number of the process": lambda at: f"/proc/{os.getpid()}/cwd/../{at.own}",
    "by the thread": lambda at: f"/proc/thread-self/cwd/../{at.own}",
    "descriptor": lambda at: f"/proc/self/fd/{at.opened()}",
    "descriptor as a device": lambda at: f"/dev/fd/{at.opened()}",
    "link to a descriptor": lambda at: at.link(f"/proc/self/fd/{at.opened()}"),
    "descriptor of the folder": lambda at: f"/proc/self/fd/{at.opened(at.folder)}/{at.name}",
    # Files that there are not yet.
    "new": lambda at: at.beside("new.csv"),
    "new, as in another case": lambda at: at.beside(at.name.upper()),
    "new, as what is put beside it": lambda at: f"{at.path}.new",
    "new, by a link to the folder": lambda at: f"{at.link(at.folder)}/new.csv",
    "new, by a link to nothing": lambda at: at.link(at.beside("new.csv")),
    "new, by a descriptor of the folder": lambda at: f"/proc/self/fd/{at.opened(at.folder)}/new.csv",
}


def contents(home):
    """All that is in the folders of own files."""
    folders = {(home / kind).parent for kind in KINDS}
    return {each: each.read_text() for folder in folders for each in folder.iterdir() if each.is_file()}


def confine(how, home):
    """Has files be confined to the home folder, which may be given, or not at all."""
    access.configure(how == "home", str(home) if how == "given" else None)


@pytest.mark.skipif(not os.path.exists("/proc/self/root"), reason="/proc is Linux's")
@pytest.mark.parametrize("confined", ["home", "given", ""])
def test_no_alias_of_own_file_is_written(home, confined):
    confine(confined, home)
    before, descriptors = contents(home), len(os.listdir("/dev/fd"))
    for (kind, why), (way, name) in product(KINDS.items(), WAYS.items()):
        at = Name(home, kind)
        path = name(at)
        for save in (write_lines, save_line_by_line):
            with pytest.raises(protected_files.OwnFileError) as refused:
                save(path, ["x"], overwrites=True)
            assert refused.value.strerror == why, (kind, way)
        at.close()
        assert contents(home) == before, (kind, way)
    assert len(os.listdir("/dev/fd")) == descriptors


def save_line_by_line(path, lines, *, overwrites):
    with contextlib.closing(LineFile(path, overwrites=overwrites)) as file:
        file.write(lines)


@pytest.mark.parametrize("confined", ["home", "given", ""])
def test_other_user_files_are_written(home, confined):
    confine(confined, home)
    (home / "lessons" / "notes").mkdir()
    names = ["fit.svg", "~/transcript.jsonl", "~/settings.toml", "~/lessons/notes/fit.svg", "~/.config/other.toml"]
    for name in (*names, "link.csv"):
        if name == "link.csv":
            os.symlink("own.csv", name)
        for _ in range(2):
            write_lines(name, ["x"], overwrites=True)
    assert (home / "work" / "own.csv").read_text() == (home / "settings.toml").read_text() == "x\n"


def test_preset_folder_takes_only_settings(home):
    folder = home / ".config/quadfit-tui"
    write_lines(str(folder / "presets/new.toml"), ["lr = 0.1"], is_settings=True)
    os.link(folder / "settings.toml", folder / "presets/sly.toml")
    for path, why in (
        (folder / "new.toml", "your settings are kept there"),
        (folder / "settings.toml", "your settings are kept there"),
        (folder / "presets/sly.toml", "your settings are kept there"),
        (home / "lessons/new.toml", "your answers to lessons are kept there"),
    ):
        with pytest.raises(protected_files.OwnFileError, match=why):
            write_lines(str(path), ["lr = 0.1"], overwrites=True, is_settings=True)
    assert (folder / "settings.toml").read_text() == PRECIOUS


def test_symlinked_settings_target_is_protected(home):
    own = home / ".config/quadfit-tui/settings.toml"
    own.rename(home / "work/dotfile.toml")
    own.symlink_to(home / "work/dotfile.toml")
    with pytest.raises(protected_files.OwnFileError, match="your settings are kept there"):
        write_lines("dotfile.toml", ["x"], overwrites=True)


@pytest.mark.usefixtures("home")
def test_shared_folder_protects_only_crash_reports(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for name in ("crash-1.txt", "others.txt"):
        (tmp_path / name).write_text(PRECIOUS)
    with pytest.raises(protected_files.OwnFileError, match="reports of errors"):
        write_lines(str(tmp_path / "crash-1.txt"), ["x"], overwrites=True)
    write_lines(str(tmp_path / "others.txt"), ["x"], overwrites=True)
    assert (tmp_path / "crash-1.txt").read_text() == PRECIOUS


def test_bind_mounted_folder_is_protected(home):
    (home / "work/mounted").mkdir()
    done = subprocess.run(
        ["mount", "--bind", home / "lessons", home / "work/mounted"], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("a folder can be mounted by root only")
    try:
        for name in ("mounted/transcript.jsonl", "mounted/new.csv"):
            with pytest.raises(protected_files.OwnFileError):
                write_lines(name, ["x"], overwrites=True)
    finally:
        subprocess.run(["umount", home / "work/mounted"], check=True)


# By the program

OUTPUTS = [["run"], ["run", "--plot"], ["run", "--explain", "0:1"], ["run", "--at", "1"]]


@pytest.mark.parametrize("options", [["--confined"], ["--confined-to", "~"], []])
def test_command_line_refuses_own_files(home, options):
    before = contents(home)
    for words in OUTPUTS:
        for path in ("~/lessons/transcript.jsonl", "~/lessons/new.txt"):
            style = [] if "new" in path else ["--format", "text"]
            more = [option.replace("~", str(home)) for option in options]
            done = called(*words, *style, "--epochs", 2, "--output", path, "--force", *more)
            allowed = f"another file in {home}" if options else "another file"
            assert one_line(done.stderr) == (
                f"quadfit-tui: Invalid value for '--output': {path!r} cannot be written: "
                f"your answers to lessons are kept there; allowed: {allowed}"
            )
            assert (done.returncode, done.stdout, contents(home)) == (2, "", before)
