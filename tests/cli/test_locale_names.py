"""Names of locales that are paths: sshd takes them from whoever logs in, and nothing of the program follows them."""

import os
import resource
import subprocess
import sys

import pytest
from locales import furnish
from tables import table
from trials import variants

from quadfit_tui.cli.locale_names import drop_paths, is_locale_name


def told(**locale):
    """What the program says of its options, in an environment with such a locale; 2 GB are enough for it."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG"))}
    done = subprocess.run(
        [sys.executable, "-m", "quadfit_tui", "--help"],
        env=environ | {"COLUMNS": "100"} | locale,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30)),
        check=False,
        timeout=30,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def names(tmp_path_factory):
    return furnish(tmp_path_factory.mktemp("locales"))


@pytest.fixture(scope="module")
def usual():
    usual = told()
    assert usual[0] == 0
    assert b"Usage: " in usual[1]
    return usual


def test_sixteen_names_that_are_paths_are_dropped(names):
    assert len(names) == 16
    for name, path in names.items():
        environ = {"LC_ALL": path, "LC_MESSAGES": path, "LANG": path, "LANGUAGE": path}
        drop_paths(environ)
        assert environ == {}, name


KINDS = ["existing", "fifo", "zero", "terminal", "relative", "behind a language", "with a codeset", "escaped"]
KINDS += ["empty", "folder", "loop", "processes", "secret", "short", "socket", "text"]


# The first one would show the words of a stranger; to the program they are all alike.
@pytest.mark.parametrize("name", variants(dict(zip(KINDS, KINDS, strict=True)), 1))
def test_locale_path_changes_no_output(names, usual, name):
    assert {*KINDS} == {*names}
    assert told(LC_ALL=names[name]) == usual


@pytest.mark.parametrize("variable", variants({each: each for each in ("LANGUAGE", "LC_MESSAGES", "LANG")}, 1))
def test_no_locale_variable_opens_a_file(names, usual, variable):
    assert told(**{variable: names["existing"]}) == usual


GOOD = ["", "C", "POSIX", "C.UTF-8", "de", "en_US.UTF-8", "de_DE.ISO-8859-15@euro", "ca_ES@valencia", "zh_CN.GB18030"]
BAD = ["/", "..", ".", "a/b", "../../tmp/x", "%2e", "de:en", "de DE", "de\n", "-", "französisch", "en_US.\udcff", "²"]


@pytest.mark.parametrize("name", GOOD)
def test_names_of_locales_stay(name):
    environ = {"LC_ALL": name, "LANG": name, "LANGUAGE": f"{name}:en", "LC_TERMINAL": "iTerm2"}
    before = environ.copy()
    drop_paths(environ)
    assert environ == before


@table("name", BAD)
def test_only_invalid_names_are_dropped(name):
    assert not is_locale_name(name)
    environ = {"LC_ALL": name, "LC_ANYTHING": name, "LANG": name, "LANGUAGE": f"en:{name}/", "HOME": name, "TERM": name}
    drop_paths(environ)
    assert environ == {"HOME": name, "TERM": name}
