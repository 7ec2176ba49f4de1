"""The pages of the manual: what they say is so, of other programs' files too, and can be done as they say."""

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import click
import pytest
from command_line import started
from documents import MANUAL, README, ROOT, SECURITY
from manual_tables import MADE, made_anew
from textual.keys import key_to_character

from quadfit_tui.cli.settings import SETTINGS
from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.view_names import VIEW_NAMES
from quadfit_tui.core.export.formats import EXPORTERS
from quadfit_tui.core.export.subjects import SUBJECTS
from quadfit_tui.core.export.writers import CsvWriter
from quadfit_tui.core.files.virtual_files import example_names
from quadfit_tui.core.text.document import LINE_WIDTH, anchor_of
from quadfit_tui.main import cli
from quadfit_tui.teaching.notation.lesson import StepKind, WithheldFact
from quadfit_tui.ui.keymap import KEYS, PALETTE
from quadfit_tui.ui.terminal.terminal_app import TerminalApp

PAGES = {"README.md": README, ".github/SECURITY.md": SECURITY}
PAGES |= {f"quadfit_tui/manual/{name}.md": text for name, text in MANUAL.items()}
SSHD_CONFIG = Path("/usr/share/openssh/sshd_config")  # Debian's own, whatever this machine has made of it
SLICES = Path("/usr/lib/systemd/system/user-.slice.d")


def test_debian_accept_env_matches_manual():
    if not SSHD_CONFIG.exists():
        pytest.skip("this is no Debian with an ssh server")
    (accepted,) = re.findall(r"^AcceptEnv (.+)$", SSHD_CONFIG.read_text(), re.MULTILINE)
    assert f"`{accepted}` on Debian" in MANUAL["class-server"]


def test_systemd_takes_the_limits(tmp_path):
    (limits,) = re.findall(r"looks at the next block -->\n```ini\n(.+?)```", MANUAL["class-server"], re.DOTALL)
    assert {"MemoryMax", "CPUQuota", "TasksMax"} <= set(re.findall(r"^(\w+)=", limits, re.MULTILINE))
    (path,) = re.findall(r"`/etc/systemd/system/(user-\.slice\.d/\S+\.conf)`", MANUAL["class-server"])
    analyze = shutil.which("systemd-analyze")
    if analyze is None or not SLICES.exists():
        pytest.skip("there is no systemd")
    file = tmp_path / path
    file.parent.mkdir()
    (tmp_path / "user-1000.slice").write_text("[Slice]\n")

    def complaints(text):
        file.write_text(text)
        env = os.environ | {"SYSTEMD_UNIT_PATH": f"{tmp_path}:{SLICES.parent}"}
        command = [analyze, "verify", "--man=no", tmp_path / "user-1000.slice"]
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=60)
        return [line for line in done.stderr.splitlines() if file.name in line]

    assert complaints(limits) == []
    assert complaints(limits.replace("400M", "much"))  # so that it is looked at


def test_security_page_covers_promises_and_reporting():
    for words in ("`--confined` promises", "does not promise", "To report a vulnerability", "quadfit-tui --version"):
        assert words in " ".join(SECURITY.split())


def test_lesson_example_checks_as_documented(call, tmp_path, monkeypatch):
    (lesson,) = re.findall(
        r"test_manual.py checks the next block -->\n```markdown\n(.+?)```", MANUAL["lesson-files"], re.DOTALL
    )
    monkeypatch.chdir(tmp_path)
    Path("our-ball.md").write_text(lesson, encoding="utf-8")
    told = re.findall(r"`(our-ball\.md:.+?)`", MANUAL["lesson-files"])
    assert call("lessons", "check", "our-ball.md") == (0, f"{told[1]}\n", "")
    Path("our-ball.md").write_text(lesson.replace("answer=-4.84", "answer=-4.94"), encoding="utf-8")
    assert call("lessons", "check", "our-ball.md") == (4, "", f"{told[0]}\n")


def test_lesson_files_page_covers_whole_notation():
    page = MANUAL["lesson-files"]
    assert [held for held in WithheldFact if f'`"{held}"`' not in page] == []
    assert [kind for kind in StepKind if f"`.{kind}`" not in page] == []
    assert [name for name in example_names() if name not in page] == []


class Block(NamedTuple):
    """A block of code: its page, the test that the comment before it names, its language, its text."""

    page: str
    test: str
    language: str
    text: str


BLOCK = re.compile(r"(?:<!-- ([\w./]+)[^\n]* -->\n)?^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = [Block(page, *found) for page, text in PAGES.items() for found in BLOCK.findall(text)]
COMMANDS = [
    (block.page, line.partition("  #")[0].strip())
    for block in BLOCKS
    if block.language == "sh"
    for line in block.text.splitlines()
    if line.startswith("quadfit-tui")
]
PROSE = {page: BLOCK.sub("", text) for page, text in PAGES.items()}
# Blocks that no comment gives to a test and that are no commands of the program, by their beginning: who tries them.
OTHERS = {
    "python3 -m venv .venv && .venv/bin/pip install -q .": "tests/soak/test_wheel.py",  # by the wheel
    "epoch,lr,": "tests/cli/test_manual.py",
    "student  lesson": "tests/teaching/classroom/test_report.py",  # the report itself
    "eval ": "tests/soak/test_wheel.py",
    "_QUADFIT_TUI_COMPLETE=fish_source": "tests/soak/test_wheel.py",
    "sudo ": "",  # changes the machine: only read by a shell, below
}


def test_every_block_is_tried_by_a_test():
    for block in BLOCKS:
        name = block.test
        if not name and block.page.endswith("how-it-works.md"):
            name = "tests/core/explain/test_how_it_works.py"
        if not name and (block.page, block.text.splitlines()[0].partition("  #")[0].strip()) in COMMANDS:
            continue
        if not name:
            (name,) = [test for begin, test in OTHERS.items() if block.text.startswith(begin)]
        assert name == "" or (ROOT / name).exists(), block


def test_code_lines_fit_80_columns():
    lines = [(block.page, line) for block in BLOCKS for line in block.text.splitlines() if block.page != "README.md"]
    assert [(page, line) for page, line in lines if len(line) > LINE_WIDTH - 2] == []


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.language == "sh"])
def test_bash_parses_every_command_block(block):
    done = subprocess.run(["bash", "-n"], input=block.text, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, ""), block


def test_commands_in_prose_use_existing_options():
    found = 0
    for page, text in PROSE.items():
        for code in re.findall(r"`quadfit-tui( [^`]+)`", text):
            command, words = cli, " ".join(code.split()).replace("'", "").split()
            while words and isinstance(command, click.Group) and words[0] in command.commands:
                command = command.commands[words.pop(0)]
            options = {option for param in command.params for option in (*param.opts, *param.secondary_opts)}
            options |= {"-h", "--help"}
            assert [word for word in words if word.startswith("-") and word not in options] == [], (page, code)
            found += 1
    assert found > 20


def test_options_in_prose_exist():
    def options(command):
        own = {option for param in command.params for option in (*param.opts, *param.secondary_opts)}
        return own.union(*map(options, getattr(command, "commands", {}).values()))

    foreign = {"--spec", "--from", "--no-deps", "--help", "--asyncio-mode", "--snapshot-update"}
    for page, text in PROSE.items():
        named = re.findall(r"(?<=[` ])--[a-z][a-z0-9-]+", " ".join(re.findall("`[^`]+`", text)))
        assert {*named} - options(cli) - foreign == set(), page


def test_copied_command_example_restores_moment():
    (line,) = re.findall("`(quadfit-tui --preset [^`]+)`", MANUAL["keys"])
    app = started(*shlex.split(line)[1:])
    while app.session.is_busy:
        app.session.advance(1)
    shown = app.session.snapshot()
    assert (app.session.config.lr, app.session.config.seed, shown.epoch, shown.update) == (0.1, 3, 12, 40)


def anchors(text):
    return {
        anchor_of(re.sub("[`*]", "", title)) for title in re.findall("^#+ (.+)$", BLOCK.sub("", text), re.MULTILINE)
    }


def test_every_link_of_every_page_leads_somewhere():
    found = set()
    for page, text in PROSE.items():
        own = (ROOT / page).parent
        links = [*re.findall(r"\]\(([^)\s]+)\)", text), *re.findall(r'(?:src|srcset)="([^"]+)"', text)]
        for link in re.sub(r"`[^`]*`", "", "\n".join(links)).splitlines():
            if link.startswith(("http", "=", "show:")):
                continue
            file, _, anchor = link.partition("#")
            path = own / file if file else ROOT / page
            assert path.exists(), (page, link)
            assert not anchor or anchor in anchors(path.read_text(encoding="utf-8")), (page, link)
            found.add(path.resolve().relative_to(ROOT.resolve()).as_posix())
    assert {"LICENSE", "CHANGELOG.md", "quadfit_tui/README.md", ".github/CONTRIBUTING.md", *PAGES} - found == {
        "README.md",
        "quadfit_tui/manual/README.md",
    }


def test_readme_length_and_page_titles():
    assert len(README.splitlines()) <= 120
    assert [name for name, text in MANUAL.items() if not re.match(r"# .+\n\n", text)] == []


def cells(page, heading):
    """The rows of the table below a heading of a page of the manual, without its head."""
    table = re.search(rf"^## {heading}\n.*?^\|---.*?\n(.*?)(?:\n\n|\Z)", MANUAL[page], re.MULTILINE | re.DOTALL)[1]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table.splitlines()]


_SHOWN = {"left": "←", "right": "→", "up": "↑", "down": "↓", "home": "Home", "end": "End", "escape": "Esc"}
_SHOWN |= {"pageup": "PgUp", "pagedown": "PgDn", "f1": "F1", "tab": "Tab", "space": "space", "plus": "+", "minus": "-"}
_SHOWN |= {"enter": "Enter"}


def test_key_table_matches_bindings():
    bound = {key for binding in (*KEYS, PALETTE, *TerminalApp.BINDINGS) for key in binding.key.split(",")}
    keys = {_SHOWN.get(key) or (key if "+" in key else key_to_character(key)) for key in bound}
    told = {key for first, _ in cells("keys", "Keys") for key in re.findall("`([^`]+)`", first)}
    assert keys - told - {"ctrl+c", "。"} == set()  # which says how to quit; in the place of a point
    of_lessons = {"A", "F", "0", "9", "H", "S", "R", "m", "V", "G", "Backspace", "Del"}
    assert told - keys == of_lessons


def test_view_table_order():
    rows = [re.match(r"(\d) \*(\w+)\*", first).groups() for first, _ in cells("keys", "Views")]
    assert rows == [(str(number), name.capitalize()) for number, name in enumerate(VIEW_NAMES, 1)]


@pytest.mark.parametrize("topic", MADE)
def test_generated_pages_are_current(topic):
    page = MANUAL[topic]
    assert made_anew(topic, page) == page, "make it anew: python .packaging/manual_tables.py"


def test_format_and_save_tables_are_complete():
    assert [first for first, _ in cells("data", "Formats")] == [
        *("text", "article", "csv", "jsonl", "spoken", "markdown", "svg", "ansi")
    ]
    assert {first for first, _ in cells("data", "Formats")} == {*EXPORTERS}
    assert "\n".join(["```", *CsvWriter(RunConfig()).head(), "```"]) in MANUAL["data"]
    saved = {first: set(re.findall(r"`(\.\w+)`", files)) for first, files in cells("data", "What w saves")}
    assert saved == {subject.name: {*subject.suffixes} for subject in SUBJECTS.values()}


def test_settings_example_lists_every_setting():
    (block,) = [block.text for block in BLOCKS if block.language == "toml" and block.page.endswith("settings.md")]
    assert {*re.findall(r"^(\w+) = ", block.partition("[options]")[0], re.MULTILINE)} == {
        name for name in SETTINGS if not name.startswith("options")
    }


def test_page_names_the_tests_of_its_promises():
    rows = re.findall(r"^\| .+ \| ((?:`tests/\S+`[, ]*)+) \|$", MANUAL["promises"], re.MULTILINE)
    files = [file for row in rows for file in re.findall(r"`(tests/\S+)`", row)]
    assert len(rows) >= 9
    assert [file for file in files if not (ROOT / file).exists()] == []
