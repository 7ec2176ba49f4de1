"""The wall between the core and the screen."""

import ast
import subprocess
import sys
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path

import quadfit_tui

PACKAGE = Path(quadfit_tui.__file__).parent
CORE = sorted(
    ".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts) for file in (PACKAGE / "core").rglob("[!_]*.py")
)
SCREEN = {"textual", "rich", "plotext", "click"}


def loaded_after(*stages):
    """The top-level packages in sys.modules after each of some statements, in a Python of their own."""
    show = "print(*{name.partition('.')[0] for name in sys.modules})"
    code = "\n".join(["import sys", *(line for stage in stages for line in (stage, show))])
    # From the package's own parent, so that this very copy of it is looked at.
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent, timeout=60
    )
    return [set(line.split()) for line in done.stdout.splitlines()]


@cache
def nodes(file):
    """The imports and calls of a source file, anywhere in it."""
    tree = ast.parse(text_of(file))
    return [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom | ast.Call)]


@cache
def text_of(file):
    return file.read_text(encoding="utf-8")


def imported_by(file):
    """The top-level packages that a source file imports."""
    names = set()
    for node in nodes(file):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names


def test_nothing_is_loaded_before_it_is_needed():
    assert len(CORE) > 40
    whole_core = "\n".join(f"import {module}" for module in CORE)
    package, plugin, library, core = loaded_after(
        "import quadfit_tui", "import quadfit_tui.pytest_plugin", "from quadfit_tui import train", whole_core
    )
    assert not package & (SCREEN | {"numpy"})
    assert not plugin & (SCREEN | {"numpy"})  # a test run that does not use it
    assert "numpy" in library
    assert not library & SCREEN
    assert not core & (SCREEN | {"markdown_it"})  # which is loaded when a lesson is read


def test_the_plugin_of_pytest_is_found():
    (found,) = entry_points(group="pytest11", name="quadfit-tui")
    assert found.load().__name__ == "quadfit_tui.pytest_plugin"


def test_core_imports_only_stdlib_and_numpy():
    formats = {"text.document": "markdown_it", "config.toml.toml_writer": "tomlkit"}
    others = {}
    for module in CORE:
        file = PACKAGE.joinpath(*module.split(".")[1:]).with_suffix(".py")
        own = formats.get(module.removeprefix("quadfit_tui.core."), "numpy")
        others[module] = imported_by(file) - {*sys.stdlib_module_names, "numpy", "quadfit_tui", own}
    assert {module: names for module, names in others.items() if names} == {}


def test_only_one_module_imports_plotext():
    importers = {
        file.relative_to(PACKAGE).as_posix()
        for file in PACKAGE.rglob("*.py")
        if "plotext" in text_of(file) and "plotext" in imported_by(file)
    }
    assert importers == {"ui/charts/plot.py"}


def test_app_import_does_not_load_plotext():
    (loaded,) = loaded_after("import quadfit_tui.ui.app")
    assert "textual" in loaded
    assert not loaded & {"plotext", "tomlkit"}


OPENERS = {"open", "fdopen", "read_text", "read_bytes", "write_text", "write_bytes", "loadtxt", "genfromtxt", "stat"}


def opened_by(file):
    """The calls of a source file that open something, or look at it, but for the device that swallows all."""
    if not any(f"{name}(" in text_of(file) for name in OPENERS):
        return []  # as most do not: to parse them all takes half a second
    calls = [node for node in nodes(file) if isinstance(node, ast.Call)]
    opens = [call for call in calls if getattr(call.func, "id", getattr(call.func, "attr", "")) in OPENERS]
    return [text for text in map(ast.unparse, opens) if "os.devnull" not in text]


def test_files_are_opened_in_one_module():
    """Confining that module confines the whole package."""
    assert len(opened_by(PACKAGE / "core" / "files" / "access.py")) > 3
    files = {f"{file.parent.name}/{file.name}": file for file in PACKAGE.rglob("*.py") if file.name != "access.py"}
    others = {name: opened_by(file) for name, file in files.items()}
    within = others.pop("files/folders.py")  # a folder that access.py has opened
    assert [text for text in within if "dir_fd=descriptor" not in text] == []
    assert [text.partition(",")[0] for text in others.pop("samples/rows.py")] == ["np.loadtxt(lines"]  # a list of them
    whole = others.pop("files/atomic_file.py")  # the same
    assert [text for text in whole if "dir_fd=folder" not in text] == []
    assert others.pop("files/virtual_files.py") == ["entry.read_bytes()"]  # of the package itself
    (terminal,) = others.pop("terminal/output_queue.py")  # the one that is in use already
    assert terminal.startswith("os.open(name, os.O_WRONLY | ")
    assert others.pop("parsing/columns.py") == ["super().write_text(text)"]  # of click's help, which goes into no file
    # The folders on the way to a file that access.py lets pass are looked at, and no more.
    assert others.pop("files/readers.py") == ["os.stat(folder)", "os.stat(real)"]
    assert {name: calls for name, calls in others.items() if calls} == {}


def test_np_unique_is_not_used():
    """It would load NumPy's masked arrays."""
    # 2 MB for each session of a class, and a tenth of its start; parabola.distinct does the same as np.unique.
    users = {file.name for file in PACKAGE.rglob("*.py") if "np.unique(" in text_of(file)}
    assert users == set()
