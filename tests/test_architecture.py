"""The papers are true: each path in them exists, each module says what it is for, what is read first stays short."""

import ast
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import quadfit_tui

PACKAGE = Path(quadfit_tui.__file__).parent
ROOT = Path(__file__).parents[1]
PAGE = PACKAGE / "README.md"
DECISIONS = sorted((ROOT / ".github" / "decisions").glob("*"))
PAPERS = [PAGE, ROOT / ".github" / "CONTRIBUTING.md", ROOT / ".github" / "RELEASING.md", *DECISIONS]
MODULES = sorted(PACKAGE.rglob("*.py"))
NAMES = Counter(file.name for folder in (PACKAGE, ROOT / "tests") for file in folder.rglob("*.py"))
PATH = re.compile(r"[\w.*-]*(?:/[\w.*-]*)+|\w+\.(?:py|md|toml|tcss)")


def text_of(file):
    return file.read_text(encoding="utf-8")


def code_in(text):
    """The spans of code in Markdown, without its blocks of code."""
    return re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))


def paths_in(text):
    """The words of code that are paths: with a slash, or with the suffix of a file that there is one of."""
    words = {word for span in code_in(text) for word in span.split()}
    return {word for word in words if PATH.fullmatch(word) and not word.startswith((".venv/", "dist/", "/"))}


def exists(path):
    """Whether there is a file or folder of that path; of a module's name alone, whether exactly one has it."""
    if "/" not in path and path.endswith(".py"):
        return NAMES[path] == 1 or (PACKAGE / path).exists()
    return any(any(folder.glob(path)) for folder in (PACKAGE, ROOT))


def first_line(file):
    """The first line of a module's docstring."""
    return (ast.get_docstring(ast.parse(text_of(file))) or "").partition("\n")[0]


def words_of(text):
    return re.findall(r"[a-z0-9]+", text.lower())


@pytest.mark.parametrize("file", PAPERS, ids=lambda file: file.name)
def test_every_path_exists(file):
    assert [path for path in sorted(paths_in(text_of(file))) if not exists(path)] == []


def test_paths_are_found():
    assert len(paths_in(text_of(PAGE))) > 50
    assert [file.name for file in DECISIONS if not any("test" in path for path in paths_in(text_of(file)))] == []


def test_every_module_says_what_it_is_for():
    lines = {file.relative_to(PACKAGE).as_posix(): first_line(file) for file in MODULES}
    assert [name for name, line in lines.items() if not line.endswith(".")] == []  # nor is one cut amid a sentence
    names = {name: name.removesuffix("/__init__.py").removesuffix(".py") for name in lines}
    repeated = [name for name, line in lines.items() if {*words_of(line)} <= {*words_of(names[name]), "the", "a", "of"}]
    assert repeated == []


def test_what_packages_name_is_in_them():
    missing = []
    for file in PACKAGE.rglob("*/__init__.py"):
        text = ast.get_docstring(ast.parse(text_of(file))) or ""
        paths = re.findall(r"[\w/]+\.py\b", text)
        missing += [
            (file.parent, path) for path in paths if not any((at / path).exists() for at in (file.parent, PACKAGE))
        ]
        source = "\n".join(text_of(module) for module in file.parent.rglob("*.py")).replace(text, "")
        names = re.findall(r"`(\w+)`|\b([A-Z]{4,}|[A-Z][a-z]+[A-Z]\w+)\b", text)
        missing += [(file.parent, *name) for name in names if not re.search(rf"\b{''.join(name)}\b", source)]
        assert re.search(r"\bBegin with |\bAll is in ", text), file
    assert missing == []


def test_what_is_read_first_stays_short():
    assert PAGE.stat().st_size <= 12_288
    assert {file.name: file.stat().st_size for file in DECISIONS if file.stat().st_size > 3_000} == {}
    contributing = text_of(ROOT / ".github" / "CONTRIBUTING.md").splitlines()
    assert (len(contributing) <= 100, [line for line in contributing if len(line) > 100]) == (True, [])


def test_decisions_say_what_was_decided():
    parts = ("Context", "Decision", "Consequences", "Held by")
    for file in DECISIONS:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+\.md", file.name)
        assert re.match(r"# .+\n\n", text_of(file))
        assert [part for part in parts if f"\n**{part}.** " not in text_of(file)] == [], file.name


def test_folder_table_line_counts():
    rows = re.findall(r"^\| `(\w+)/` \| ([\d,]+) \|", text_of(PAGE), re.MULTILINE)
    for folder, lines in rows:
        found = sum(len(text_of(file).splitlines()) for file in (PACKAGE / folder).rglob("*.py"))
        assert 0.8 * found < int(lines.replace(",", "")) < 1.25 * found, (folder, found)
    assert {folder for folder, _ in rows} == {file.relative_to(PACKAGE).parts[0] for file in PACKAGE.glob("*/*.py")}


def test_named_code_exists_in_named_file():
    # As in "`check_action` (`ui/app.py`)" or "`on_event` of `ui/app.py`"; of tables "SETTINGS in `cli/settings.py`".
    pairs = [
        pair
        for file in PAPERS
        for pair in re.findall(
            r"(?:`([A-Za-z_.]+)(?:\([a-z]*\))?`|\b([A-Z]{4,}))\s(?:of\s|in\s)?\(?`([\w/]+\.py)`\)?", text_of(file)
        )
    ]
    assert len(pairs) > 10
    missing = [
        (code or table, path)
        for code, table, path in pairs
        for file in PACKAGE.rglob(path)
        if not re.search(rf"\b{(code or table).rpartition('.')[2]}\b", text_of(file))
    ]
    assert missing == []


def test_capitals_are_names_of_the_program():
    # Tables and classes that the papers name without code, such as PARAMETERS or RunConfig.
    papers = "\n".join(re.sub(r"`[^`\n]+`", "", text_of(file)) for file in PAPERS)
    names = set(re.findall(r"\b(?:[A-Z]+_[A-Z_]+|[A-Z]{6,}|[A-Z][a-z]+[A-Z]\w+)\b", papers))
    source = {word for file in MODULES for word in re.findall(r"\w+", text_of(file))}
    foreign = {"README", "CHANGELOG", "RELEASING", "SECURITY"}
    assert sorted(names - foreign - source) == []


def test_no_file_is_above_400_lines():
    lengths = {
        file.relative_to(ROOT).as_posix(): len(text_of(file).splitlines())
        for folder in (PACKAGE, ROOT / "tests")
        for file in folder.rglob("*.py")
    }
    assert {name: length for name, length in lengths.items() if length > 400} == {}


def test_import_contracts_hold():
    # A contract that an import breaks is named in the output.
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command; lint_imports_command()",
            "--no-cache",
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout
