"""The wheel, installed in an empty environment: all that the program needs is in it, and works there.

By the Python of the tests; for a release by each Python of the machine.
"""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from documents import MANUAL, PROGRAMS
from harness import Terminal
from trials import FOR_RELEASE

from quadfit_tui import __version__
from quadfit_tui.core.config.presets import PRESETS, SUMMARIES

# Builds and installs, which takes a network or a cache of pip's. One worker, for one wheel.
pytestmark = [pytest.mark.xdist_group("wheel"), pytest.mark.timeout(900)]

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "quadfit_tui"
# Of this run of pytest and its plugins, whose files a run within it would leave its own among, and of its Python.
ALIEN = ("PYTHON", "PYTEST", "TEXTUAL", "VIRTUAL_ENV")
IMPORT_ALL = """
import pkgutil, quadfit_tui, sys
for module in pkgutil.walk_packages(quadfit_tui.__path__, "quadfit_tui."):
    # What serves browsers needs an extra.
    if not (module.name.endswith(("__main__", "pytest_plugin")) or module.name.startswith("quadfit_tui.serve.")):
        __import__(module.name)
print(quadfit_tui.__file__, len(sys.modules))
"""
TYPED = "from quadfit_tui import RunConfig, train\nreveal_type(train(RunConfig(lr=0.1)).epoch)\ntrain(3)\n"
UNUSED = """
import sys
def test_nothing_of_it_is_loaded():
    assert "quadfit_tui.pytest_plugin" in sys.modules
    assert {"textual", "numpy", "quadfit_tui.testing", "quadfit_tui.ui"} & {*sys.modules} == set()
"""
# Each shell, and the line that makes the completions in a folder share/ known to it.
SHELLS = {
    ("bash", "--norc", "--noprofile"): ". {}/bash-completion/completions/quadfit-tui",
    ("zsh", "-f"): "fpath=({}/zsh/site-functions $fpath); autoload -U compinit; compinit -D -u",
}


def done(*words, cwd, **changes):
    """What a command prints, which has to end well; nothing of this environment is seen by it."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(ALIEN)}
    env |= changes
    ran = subprocess.run([*map(str, words)], cwd=cwd, env=env, capture_output=True, text=True, check=False, timeout=600)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def environment(python, folder):
    """Makes an empty environment: the words of the command that installs in it, by the pip of these tests, since to
    unpack one for each takes long."""
    done(python, "-m", "venv", "--without-pip", folder, cwd=folder.parent)
    return installing(folder)


def installing(folder):
    """The words of the command that installs in an environment."""
    return sys.executable, "-m", "pip", "--python", folder / "bin" / "python", "install", "--quiet"


def pythons():
    """The Pythons of this machine that are new enough: one of each version."""
    own, found = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions"), {}
    for minor in range(11, 20):
        places = [shutil.which(f"python3.{minor}"), f"/usr/bin/python3.{minor}", *own.glob(f"3.{minor}.*/bin/python3")]
        for place in [sys.executable] * (sys.version_info[:2] == (3, minor)) + places:
            ready = f"import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != (3, {minor}))"
            if (
                place
                and Path(place).exists()
                and not subprocess.run([place, "-c", ready], capture_output=True).returncode
            ):
                found[f"3.{minor}"] = place
                break
    return found


# To look for others takes as long as a start of the app, in each worker.
PYTHONS = pythons() if FOR_RELEASE else {f"3.{sys.version_info.minor}": sys.executable}
FIRST = [*PYTHONS][:1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from the source distribution."""
    folder = tmp_path_factory.mktemp("build")
    install = environment(sys.executable, folder / "builder")
    python = folder / "builder" / "bin" / "python"
    requires = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]["requires"]
    done(*install, *requires, cwd=folder)
    done(python, "-m", "hatchling", "build", "-t", "sdist", "-d", folder, cwd=ROOT)
    (source,) = folder.glob("*.tar.gz")
    done(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, source, cwd=folder)
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """The manual's file of tests, whose pictures are those of the first Python for all of them."""
    folder = tmp_path_factory.mktemp("pictures")
    blocks = re.findall(r"<!-- tests/test_app_at.py [^>]+ -->\n```python\n(.+?)```", MANUAL["library"], re.DOTALL)
    assert len(blocks) == 2
    (folder / "test_pictures.py").write_text("\n\n".join(blocks), encoding="utf-8")
    return folder


@pytest.fixture(scope="module", params=PYTHONS)
def installed(request, wheel, tmp_path_factory):
    """The folder of an environment that has the wheel, and what it depends on, and nothing else."""
    folder = tmp_path_factory.mktemp("python") / "empty"
    done(*environment(PYTHONS[request.param], folder), "--no-compile", wheel, cwd=folder.parent)
    return folder


def test_clone_and_sdist_build_same_wheel(wheel, tmp_path):
    done(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", tmp_path, ROOT, cwd=tmp_path)
    (other,) = tmp_path.glob("quadfit_tui-*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    assert held == set(zipfile.ZipFile(other).namelist())
    needed = {path for path in PACKAGE.rglob("*") if path.is_file() and path.suffix != ".pyc"}
    sources = {PACKAGE / "README.md", *PACKAGE.rglob("*.po")}  # which only who works on the program reads
    needed -= sources
    ours = {"quadfit.tcss", "py.typed", "01-rate.md", "pontius.csv", "keys.md", "quadfit_tui.mo"}
    assert ours <= {path.name for path in needed}
    assert {path.relative_to(ROOT).as_posix() for path in needed} <= held
    assert len(sources) > 1
    assert held.isdisjoint(path.relative_to(ROOT).as_posix() for path in sources)
    licenses = {name.rpartition("/")[2] for name in held if ".dist-info/licenses/" in name}
    assert licenses == {"LICENSE", "xterm-LICENSE.txt", "addons-LICENSE.txt", "font-LICENSE.txt"}
    assert wheel.stat().st_size < 3_000_000
    assert {name.split("/")[0] for name in held} == {
        "quadfit_tui",
        *(f"quadfit_tui-{__version__}.{end}" for end in ("data", "dist-info")),
    }


def test_every_module_and_every_command_works(installed, tmp_path):
    quadfit_tui = installed / "bin" / "quadfit-tui"
    where, _ = done(installed / "bin" / "python", "-W", "error", "-c", IMPORT_ALL, cwd=tmp_path).split()
    assert where.startswith(str(installed))
    assert done(quadfit_tui, "--version", cwd=tmp_path) == f"quadfit-tui {__version__}\n"
    article = done(quadfit_tui, "run", "--preset", "article", "--quiet", cwd=tmp_path)
    assert "converged after 25 epochs" in article
    assert [name for name in PRESETS if name not in done(quadfit_tui, "presets", cwd=tmp_path)] == []
    assert "at the optimum" in done(quadfit_tui, "run", "--data", "example:pontius", "--quiet", cwd=tmp_path)
    assert done(quadfit_tui, "lessons", "check", cwd=tmp_path).count("all true\n") == 10


def test_app_starts_and_quits(installed, tmp_path):
    screen = Terminal(command=[str(installed / "bin" / "quadfit-tui")], env={"HOME": str(tmp_path)}, answers=True)
    try:
        assert "mean loss" in screen.until("true")
        screen.send("q")
        assert screen.end() == 0
    finally:
        screen.close()


@pytest.mark.skipif(not shutil.which("man"), reason="needs man")
def test_man_finds_a_page_of_each_command(installed):
    path = f"{installed / 'bin'}:{os.environ['PATH']}"
    for page in ("quadfit-tui", "quadfit-tui-run", "quadfit-tui-lessons-play"):
        assert f"NAME {page} - " in " ".join(done("man", page, cwd=installed, PATH=path).split())


@pytest.mark.parametrize("shell", SHELLS, ids=lambda shell: shell[0])
def test_a_shell_completes_commands_and_choices(installed, shell, tmp_path):
    if not shutil.which(shell[0]):
        pytest.skip(f"needs {shell[0]}")
    env = {"PATH": f"{installed / 'bin'}:{os.environ['PATH']}", "HOME": str(tmp_path), "PS1": "> "}
    screen = Terminal(command=shell, env=env)
    try:
        screen.send(f"{SHELLS[shell].format(installed / 'share')}; echo now it is rea''dy\r")
        screen.until("now it is ready")
        screen.send("quadfit-tui pre\t")
        screen.until("quadfit-tui presets")
        screen.quiet()
        screen.send("\x15")
        screen.quiet()
        screen.send("quadfit-tui run --preset noi\t")
        screen.until("quadfit-tui run --preset noisy")
        screen.send("\x15")
        screen.quiet()
        screen.send("quadfit-tui run --preset=noi\t")
        screen.until("quadfit-tui run --preset=noisy")
    finally:
        screen.close()


@pytest.mark.skipif(not shutil.which("fish"), reason="needs fish")
def test_fish_completes_commands_and_choices(installed):
    env = {"PATH": f"{installed / 'bin'}:{os.environ['PATH']}", "XDG_DATA_DIRS": str(installed / "share")}
    typed = ("quadfit-tui pre", "quadfit-tui run -p noi", "quadfit-tui run --preset=noi")
    offered = done("fish", "-c", "; ".join(f"complete -C '{words}'" for words in typed), cwd=installed, **env)
    noisy = f"noisy\t{SUMMARIES['noisy']}"
    assert offered == f"presets\tList the presets and what each one changes.\n{noisy}\n--preset={noisy}\n"


@pytest.mark.parametrize("installed", FIRST, indirect=True)  # mypy reads the same files of each Python
def test_types_are_seen_and_checked(installed, tmp_path):
    (tmp_path / "user.py").write_text(TYPED, encoding="utf-8")
    python = installed / "bin" / "python"
    words = [sys.executable, "-m", "mypy", "--strict", "--python-executable", python, "user.py"]
    told = subprocess.run([*map(str, words)], cwd=tmp_path, capture_output=True, text=True, timeout=600).stdout
    assert re.search(r'user.py:2: note: Revealed type is "numpy.ndarray', told), told
    assert re.search(r"user.py:3: error: Argument 1 to \"train\" .+ expected \"RunConfig\"", told), told


@pytest.mark.parametrize("installed", FIRST, indirect=True)  # pytest finds a plugin in the same way by each Python
def test_unused_plugin_loads_nothing(installed, tmp_path):
    done(*installing(installed), "--no-compile", "pytest", cwd=tmp_path)
    (tmp_path / "test_unused.py").write_text(UNUSED, encoding="utf-8")
    words = ("-m", "pytest", "-p", "no:cacheprovider")
    assert "1 passed" in done(installed / "bin" / "python", *words, cwd=tmp_path)


def make_pictures(installed, pictures):
    """Makes the pictures of the manual's tests, unless another Python has; installs what they need."""
    done(*installing(installed), "--no-compile", "pytest", "pytest-textual-snapshot", "pytest-asyncio", cwd=pictures)
    if not (pictures / "__snapshots__").exists():
        assert "5 passed" in app_tested(installed, pictures, "--snapshot-update")


def test_manual_snapshots_match(installed, pictures):
    make_pictures(installed, pictures)
    assert "4 snapshots passed" in app_tested(installed, pictures)


def test_the_manuals_programs_print_the_same(installed, tmp_path):
    for program, prints in PROGRAMS:
        (tmp_path / "program.py").write_text(program, encoding="utf-8")
        assert done(installed / "bin" / "python", "-W", "error", "program.py", cwd=tmp_path) == prints


@pytest.mark.skipif(not FOR_RELEASE, reason="for a release")
@pytest.mark.parametrize("installed", FIRST, indirect=True)  # what else takes its time is nothing of the Python's
def test_manual_snapshots_match_on_busy_machine(installed, pictures):
    make_pictures(installed, pictures)
    with busy_processes(os.cpu_count() or 1):
        assert "4 snapshots passed" in app_tested(installed, pictures)


def app_tested(installed, pictures, *options):
    """What pytest says of the manual's tests, run as the manual says it."""
    return done(installed / "bin" / "python", "-m", "pytest", "--asyncio-mode=auto", *options, cwd=pictures)


@contextmanager
def busy_processes(number):
    """So many programs that take all the time they can have."""
    started = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(number)]
    try:
        yield
    finally:
        for process in started:
            process.kill()
            process.wait()
