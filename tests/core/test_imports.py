"""The wall between the core and the screen."""

import ast
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

import quadfit_tui

PACKAGE = Path(quadfit_tui.__file__).parent
CORE = sorted(
    ".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts) for file in (PACKAGE / "core").rglob("[!_]*.py")
)
SCREEN = {"textual", "rich", "plotext", "click"}


def loaded_by(imports):
    """The top-level packages in sys.modules after the imports, in a Python of their own."""
    code = f"import sys\n{imports}\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    # From the package's own parent, so that this very copy of it is looked at.
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent, timeout=60
    )
    return set(done.stdout.split())


def imported_by(file):
    """The top-level packages that a source file imports, anywhere in it."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names


def test_session_loads_no_screen():
    assert not loaded_by("import quadfit_tui.core.session.session") & SCREEN


def test_no_module_of_the_core_loads_a_screen():
    assert len(CORE) > 40
    assert not loaded_by("\n".join(f"import {module}" for module in CORE)) & SCREEN


def test_package_itself_loads_nothing():
    loaded = loaded_by("import quadfit_tui")
    assert not loaded & (SCREEN | {"numpy"})


def test_the_library_loads_no_screen():
    loaded = loaded_by("from quadfit_tui import train")
    assert "numpy" in loaded
    assert not loaded & SCREEN


def test_the_plugin_of_pytest_costs_nothing_where_it_is_not_used():
    assert [each.load().__name__ for each in entry_points(group="pytest11", name="quadfit-tui")] == [
        "quadfit_tui.pytest_plugin"
    ]
    assert not loaded_by("import quadfit_tui.pytest_plugin") & (SCREEN | {"numpy"})


@pytest.mark.parametrize("module", CORE)
def test_core_imports_the_standard_library_and_numpy_only(module):
    file = PACKAGE.joinpath(*module.split(".")[1:]).with_suffix(".py")
    formats = {"lessons.markdown": "markdown_it", "config.toml_writer": "tomlkit", "model.parquet": "pyarrow"}
    own = formats.get(module.removeprefix("quadfit_tui.core."), "numpy")
    assert imported_by(file) <= {*sys.stdlib_module_names, "numpy", "quadfit_tui", own}


def test_the_reader_of_markdown_is_loaded_only_when_a_lesson_is_read():
    assert "markdown_it" not in loaded_by("\n".join(f"import {module}" for module in [*CORE, "quadfit_tui.cli.main"]))


def test_only_one_module_imports_plotext():
    importers = {
        file.relative_to(PACKAGE).as_posix() for file in PACKAGE.rglob("*.py") if "plotext" in imported_by(file)
    }
    assert importers == {"ui/charts/plot.py"}


def test_the_app_does_not_load_plotext_before_its_first_picture():
    loaded = loaded_by("import quadfit_tui.ui.app")
    assert "textual" in loaded
    assert not loaded & {"plotext", "tomlkit"}


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
        cwd=PACKAGE.parent,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


OPENERS = {"open", "fdopen", "read_text", "read_bytes", "write_text", "write_bytes", "loadtxt", "genfromtxt", "stat"}


def opened_by(file):
    """The calls of a source file that open something, or look at it, but for the device that swallows all."""
    calls = [node for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    names = [(getattr(call.func, "id", getattr(call.func, "attr", "")), ast.unparse(call)) for call in calls]
    return [text for name, text in names if name in OPENERS and "os.devnull" not in text]


def test_one_module_opens_files_so_that_confining_it_confines_all():
    assert len(opened_by(PACKAGE / "core" / "files" / "access.py")) > 3
    others = {file.name: opened_by(file) for file in PACKAGE.rglob("*.py") if file.name != "access.py"}
    within = others.pop("folders.py")  # a folder that access.py has opened
    assert [text for text in within if "dir_fd=descriptor" not in text] == []
    assert [text.partition(",")[0] for text in others.pop("samples_csv.py")] == ["np.loadtxt(lines"]  # a list of them
    small = others.pop("small_file.py")  # the same
    assert [text for text in small if "dir_fd=folder" not in text] == ["os.fdopen(descriptor, 'rb', closefd=False)"]
    assert others.pop("provided.py") == ["entry.read_bytes()"]  # of the package itself
    (terminal,) = others.pop("output_queue.py")  # the one that is in use already
    assert terminal.startswith("os.open(name, os.O_WRONLY | ")
    assert {name: calls for name, calls in others.items() if calls} == {}


def test_what_loads_numpys_masked_arrays_is_not_used():
    # 2 MB for each session of a class, and a tenth of its start; parabola.distinct does the same as np.unique.
    users = {file.name for file in PACKAGE.rglob("*.py") if "np.unique(" in file.read_text(encoding="utf-8")}
    assert users == set()
