"""What somebody at a page may try, with the app as it is served to a class: nothing of the account, nothing of others.

The account has what is worth reading and writing; the records of two students are in it, each with a page of its own.
"""

import asyncio
import os
import re
import subprocess
import sys
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from command_line import PROGRAM
from notices import without_root
from pages import Server, sessions_of
from visits import Visit
from websockets.exceptions import InvalidStatus

from quadfit_tui.core.export.download import MOST_BYTES

SECRET = "0,1\n1,2\n2,5\n"
NAMES = ["Anna", "Ben"]
OUT = "it is outside"


class Class:
    """A server for a class, run by an account."""

    def __init__(self, account, server):
        self.account, self.records = account, account / "records"
        lines = [server.stdout.readline().rstrip("\n").partition("\t") for _ in NAMES]
        self.tokens = {name: url.partition("#")[2] for name, _, url in lines}
        port = int(re.search(r":(\d+)/", lines[0][2])[1])
        self.server, self.number = Server(port, None, None), server.pid

    @asynccontextmanager
    async def visit(self, name, **greeting):
        async with self.server.open(self.tokens[name], max_size=None) as socket:
            visit = Visit(socket)
            await visit.begin(**greeting)
            yield visit

    def folders(self):
        """The folders of the sessions that there are, and the numbers of their processes."""
        found = {}
        for number in sessions_of(self.number):
            with suppress(OSError):
                found[Path(os.readlink(f"/proc/{number}/cwd"))] = number
        return found

    async def gone(self):
        async with asyncio.timeout(30):
            while sessions_of(self.number):
                await asyncio.sleep(0.05)


def contents(folder):
    """All that is in a folder, but for the records of the class."""
    files = [file for file in folder.rglob("*") if file.is_file() and "records" not in file.parts]
    return {str(file.relative_to(folder)): (file.read_bytes(), file.stat().st_mtime_ns) for file in files}


@pytest.fixture
def school(tmp_path):
    """The class. What its server has of temporary files is in a folder of the test's own."""
    account = tmp_path / "account"
    for name, content in {
        "secret.csv": SECRET,
        "lessons/transcript.jsonl": '{"n": 0}\n',
        ".config/quadfit-tui/settings.toml": 'language = "zh_CN"\nspeed = "1"\nview = "loss"\n',
        ".config/quadfit-tui/presets/mine.toml": "epochs = 7\n",
        ".local/share/quadfit-tui/lessons.jsonl": '{"n": 0}\n',
        "class.csv": "\n".join(["name", *NAMES]),
    }.items():
        (account / name).parent.mkdir(parents=True, exist_ok=True)
        (account / name).write_text(content)
    (tmp_path / "tmp").mkdir()
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "TEXTUAL"))}
    environ |= {"HOME": str(account), "TMPDIR": str(tmp_path / "tmp"), "SECRET": "of the account"}
    environ |= {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "TEXTUAL_LOG": str(account / "log")}
    options = ["--port", "0", "--names", "class.csv", "--records", "records", "--progress", "none"]
    with subprocess.Popen(
        [*PROGRAM, "serve", *options, "--", "--preset", "playground"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=account,
        env=environ,
    ) as server:
        before = contents(account)
        try:
            yield Class(account, server)
        finally:
            server.terminate()
            _, err = server.communicate(timeout=30)
    assert without_root(err) == ""
    assert contents(account) == before
    assert os.listdir(tmp_path / "tmp") == []


def ways_out(school, own, other):
    """Names of files that are none of the page's own."""
    account, up = school.account, os.path.relpath(school.account, own)
    (own / "link").symlink_to(account / "secret.csv")  # as if somebody else had put them there
    (own / "folder").symlink_to(account)
    return [
        f"{account}/secret.csv",
        f"{up}/secret.csv",
        f"~/{up}/secret.csv",
        "link",
        "folder/secret.csv",
        "/etc/passwd",
        f"/proc/self/root{account}/secret.csv",
        f"/proc/self/cwd/{up}/secret.csv",
        f"/proc/{school.number}/cwd/secret.csv",
        "/proc/self/environ",
        f"/proc/{school.number}/environ",
        "/dev/stdin",
        f"{other}/other.csv",
        f"../{other.name}/other.csv",
        f"{school.records}/Anna/transcript.jsonl",
        f"{school.records}/Ben/transcript.jsonl",
        f"{school.records}/.tokens.json",
        f"{account}/.config/quadfit-tui/settings.toml",
    ]


async def test_only_own_files_are_read(school):
    async with school.visit("Anna") as anna:
        (theirs,) = school.folders()
        (theirs / "other.csv").write_text(SECRET)
        async with school.visit("Ben") as ben:
            (own,) = school.folders().keys() - {theirs}
            assert own.stat().st_mode & 0o777 == 0o700
            (own / "own.csv").write_text(SECRET)
            os.mkfifo(own / "pipe")
            ways = ways_out(school, own, theirs)
            await ben.go_to_data()
            for path in ways:
                await ben.enter_data(path)
                await ben.see("cannot be read: it is outside")
            await ben.enter_data("pipe")
            await ben.see("cannot be read: it is not a", gone=OUT)  # regular file
            await ben.enter_data("~/own.csv")
            await ben.see("Settings · own-data", "~/own.csv", gone="cannot be read")
            await ben.go_to_data()
            await ben.enter_data("example:pontius")
            await ben.see("example:pontius", "space Play", gone="cannot be read")
            assert b"of the account" not in ben.output
        assert OUT not in anna.text


async def test_saving_only_downloads(school):
    async with school.visit("Anna"):
        (theirs,) = school.folders()
        async with school.visit("Ben") as ben:
            (own,) = school.folders().keys() - {theirs}
            (own / "link.svg").symlink_to(school.account / "new.svg")
            await ben.type("n")
            for path in ways_out(school, own, theirs):
                await ben.type(f"w\x15{os.path.splitext(path)[0]}.svg\r")
                await ben.see("cannot be written: ")
                assert OUT in ben.text or "it is a link" in ben.text or "Not a directory" in ben.text, ben.text
                await ben.type("\x1b")
                await ben.see(gone="cannot be written")
            for name in ("view.svg", "log.csv", "run.toml"):
                await ben.type(f"w\x15{name}\r")
                await ben.see(f"as a download, {name}")
            assert ben.downloads.keys() == {"view.svg", "log.csv", "run.toml"}
            assert b"\nepoch,lr,gradient_a," in b"\n" + ben.downloads["log.csv"]
            limits = Path(f"/proc/{school.folders()[own]}/limits").read_text()
            assert re.search(rf"Max file size +{MOST_BYTES} +{MOST_BYTES} ", limits)
            assert sorted(os.listdir(own)) == ["folder", "link", "link.svg"]
            assert os.listdir(theirs) == []
    await school.gone()
    assert {name: os.listdir(school.records / name) for name in NAMES} == {"Anna": [], "Ben": []}


async def test_clean_start_loads_no_local_modules(school):
    async with school.visit("Ben") as ben:
        ((own, number),) = school.folders().items()
        # The settings of the account would have it in Chinese, and begin with another view.
        assert "1 Fit" in ben.text
        environ = dict(pair.split("=", 1) for pair in Path(f"/proc/{number}/environ").read_text().split("\0") if pair)
        assert environ.keys() <= {
            *("PATH", "TZ", "PYTHONPATH", "LD_LIBRARY_PATH", "HOME", "LANG", "TERM", "COLORTERM", "COLORFGBG")
        }
        for name in ("tomlkit.py", "csv.py", "sitecustomize.py"):  # some of them are loaded when something is saved
            (own / name).write_text(f"open({str(own / 'loaded')!r}, 'w')\n")
        await ben.type("n")
        for name in ("run.toml", "log.csv"):
            await ben.type(f"w\x15{name}\r")
            await ben.see(f"as a download, {name}")
        assert not (own / "loaded").exists()


async def test_no_key_leads_out_of_the_app(school):
    async with school.visit("Ben") as ben:
        ((_, number),) = school.folders().items()
        before = sessions_of(number)
        for keys in ("\x1a", "\x03", "\x1c", "\x1a\x1a", "!", ":", "\x1b[20~"):
            await ben.type(keys)
        await ben.type("\x1b\x1b")
        async with asyncio.timeout(60):
            while not re.search(r"epoch \d", ben.text):  # Esc and n in one read are Alt+n
                await ben.type("n")
                with suppress(TimeoutError):
                    async with asyncio.timeout(0.5):
                        while True:
                            await ben.look()
        assert sessions_of(number) == before
        assert school.folders().popitem()[1] == number  # the same program


async def test_answers_belong_to_token_holder(school):
    async with school.visit("Ben") as ben:
        await ben.type("L")
        await ben.see("Start or go on")
        await ben.type("\r")
        await ben.see("Your answers are recorded for your teacher under the name Ben.")
        record = school.records / "Ben" / "transcript.jsonl"
        async with asyncio.timeout(30):
            while not record.exists():
                await asyncio.sleep(0.05)
        kept = record.read_bytes()
        assert record.stat().st_mode & 0o777 == 0o600
        for name in ("transcript", "new"):
            await ben.type(f"w\x15{school.records}/Ben/{name}.svg\r")
            await ben.see("cannot be written: ")
            await ben.type("\x1b")
            await ben.see(gone="cannot be written")
        assert record.read_bytes().startswith(kept)
        assert os.listdir(record.parent) == [record.name]
        session = ben.page.session
        # Somebody else who has learned which session it is does not come back to it.
        async with school.visit("Anna", again=session) as anna:
            assert anna.page.session != session
            assert len(school.folders()) == 2
    await school.gone()
    assert os.listdir(school.records / "Anna") == []
    tokens = {name: token[::-1] for name, token in school.tokens.items()}
    for token in (*tokens.values(), "", "Ben", school.tokens["Ben"][:-1], f"{school.tokens['Ben']}x"):
        with pytest.raises(InvalidStatus) as refused:
            await school.server.open(token).__aenter__()
        assert refused.value.response.status_code == 401
    reading = [*PROGRAM, "lessons", "report", "--as-root", "--format", "csv", str(school.records)]
    rows = subprocess.run(reading, capture_output=True, text=True, check=True).stdout.splitlines()
    assert rows[1].startswith("Ben,") or any(row.startswith("Ben,") for row in rows)
    assert rows[1].endswith(",token,")
