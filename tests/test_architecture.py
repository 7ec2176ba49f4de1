"""The architecture page is true: every path in it exists, every module is in its tree, every name is where it says."""

import re
from collections import Counter
from pathlib import Path

import pytest

import quadfit_tui

PACKAGE = Path(quadfit_tui.__file__).parent
ROOT = Path(__file__).parents[1]
PAGE = (PACKAGE / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")
(TREE,) = re.findall(r"^```\n(core/text/ .+?)^```", PAGE, re.MULTILINE | re.DOTALL)
MODULES = Counter(file.name for folder in (PACKAGE, ROOT / "tests") for file in folder.rglob("*.py"))
PATH = re.compile(r"[\w.-]*(?:/[\w.-]*)+|\w+\.(?:py|md|toml|tcss)")


def listed():
    """The files of the tree, each with the line about it; a folder ends with a slash, and its files are indented."""
    files, folder = {}, ""
    for line in TREE.splitlines():
        name, _, text = line.strip().partition(" ")
        if name.endswith("/"):
            folder = name
        else:
            files[folder + name if line.startswith(" ") else name] = text.strip()
    return files


def paths_in(text):
    """What is named as a path in code: with a slash, or with the suffix of a file that there is one of."""
    spans = re.findall(r"`([^`\n]+)`", text)
    return {span for span in spans if PATH.fullmatch(span) and not span.startswith(".venv/")}


def exists(path):
    """Whether there is a file or folder of that path; of a name without a folder, whether it is of one file."""
    if "/" not in path and path.endswith(".py"):
        return MODULES[path] == 1 or (PACKAGE / path).exists()
    return (PACKAGE / path).exists() or (ROOT / path).exists()


def test_every_module_is_in_the_tree_with_a_line_about_it():
    modules = {file.relative_to(PACKAGE).as_posix() for file in PACKAGE.rglob("*.py") if file.name != "__init__.py"}
    assert (sorted(modules - listed().keys()), sorted(listed().keys() - modules)) == ([], [])  # to add, to take out
    assert [name for name, text in listed().items() if not text] == []


def test_every_wing_is_in_the_tree():
    wings = {file.parent.relative_to(PACKAGE).as_posix() + "/" for file in PACKAGE.rglob("*.py")}
    folders = {line.split()[0] for line in TREE.splitlines() if line.split()[0].endswith("/")}
    assert folders == wings - {"./", "core/", "ui/"}  # which have no modules, or are no wings


@pytest.mark.parametrize("text", [PAGE, CONTRIBUTING], ids=["architecture", "contributing"])
def test_every_path_exists(text):
    paths = paths_in(text)
    assert len(paths) > 10
    assert [path for path in sorted(paths) if not exists(path)] == []


def test_every_name_is_in_the_file_beside_it():
    # As in "`check_action` (`ui/app.py`)" or "`hush` of `ui/tasks/training_loop.py`".
    pairs = re.findall(r"`([A-Za-z_.]+)(?:\([a-z]*\))?`\s(?:of\s|in\s)?\(?`([\w/]+\.py)`\)?", PAGE)
    assert len(pairs) > 10
    missing = [
        (name, path)
        for name, path in pairs
        for file in PACKAGE.rglob(path)
        if not re.search(rf"\b{name.rpartition('.')[2]}\b", file.read_text(encoding="utf-8"))
    ]
    assert missing == []


def test_capitals_are_names_of_the_program():
    # Tables and classes that the page names without code, such as PARAMETERS or LimitBasis.
    names = set(re.findall(r"\b(?:[A-Z]+_[A-Z_]+|[A-Z]{6,}|[A-Z][a-z]+[A-Z]\w+)\b", PAGE))
    source = {word for file in PACKAGE.rglob("*.py") for word in re.findall(r"\w+", file.read_text(encoding="utf-8"))}
    foreign = {"README", "LICENSE", "CONTRIBUTING", "SIGSTOP", "SIGCONT", "COLORFGBG"}
    assert sorted(names - foreign - source) == []


def test_no_file_is_above_400_lines():
    lengths = {
        file.relative_to(ROOT).as_posix(): len(file.read_text(encoding="utf-8").splitlines())
        for folder in (PACKAGE, ROOT / "tests")
        for file in folder.rglob("*.py")
    }
    assert {name: length for name, length in lengths.items() if length > 400} == {}
