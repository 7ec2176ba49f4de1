"""Settings in a file: what can be read is, what cannot is told, and what somebody wrote there stays."""

import os
import pwd
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tables import table
from trials import trials

from quadfit_tui.core.config.toml import toml_writer
from quadfit_tui.core.config.toml.settings_file import MOST_BYTES, Setting, read_settings, write_settings
from quadfit_tui.core.config.toml.toml_table import TomlError
from quadfit_tui.core.config.value_types import Choice, Integer, Text
from quadfit_tui.core.files import access

ROWS = {
    row.name: row
    for row in (
        Setting("theme", Text("the name of a theme"), "auto", "color theme"),
        Setting("speed", Choice(("1", "30", "max")), "1", "epochs per second"),
        Setting("fps", Integer(1, 60), "10", "frames per second"),
    )
}

ALLOWED = "allowed: theme, speed, fps"


@pytest.fixture
def file(tmp_path, monkeypatch):
    """Where the settings are to be, in a home folder by the password database."""
    home = tmp_path / "anna"
    home.mkdir()
    entry = pwd.struct_passwd(("anna", "x", os.getuid(), os.getgid(), "", str(home), "/bin/sh"))
    monkeypatch.setattr(pwd, "getpwuid", {os.getuid(): entry}.__getitem__)
    yield home / "settings.toml"
    access.configure()


def read(file):
    settings = read_settings(str(file), ROWS)
    return dict(settings.values), [*settings.faults]


def test_values_are_read_leniently(file):
    assert read(file) == ({}, [])
    file.write_text('theme = "nord"\nspeed = 30\nfps = "20"\n')
    assert read(file) == ({"theme": "nord", "speed": "30", "fps": 20}, [])
    file.write_text('speed = "MAX"\n')
    assert read(file) == ({"speed": "max"}, [])


def test_invalid_settings_fall_back_to_defaults(file):
    file.write_text('# mine\nspeed = 7\n\n"fps" = true\ntheme = "a\\u001b[2J"\nspede = 1\n[later]\nspeed = 1\n')
    values, faults = read(file)
    assert values == {}
    assert faults == [
        "settings.toml:2: speed = 7 is not one of the choices; allowed: one of 1, 30, max",
        "settings.toml:4: fps = true is not a number; allowed: a whole number from 1 to 60",
        "settings.toml:5: theme = 'a\\x1b[2J' has characters that do not print; allowed: the name of a theme",
        f"settings.toml:6: unknown setting 'spede' (did you mean 'speed'?); {ALLOWED}",
        f"settings.toml:8: unknown setting 'later.speed' (did you mean 'speed'?); {ALLOWED}",
    ]


@table(
    ("content", "left"),
    [
        ('# of view\nview = "loss"  # seen\nspeed = "30"\n', '# of view\nspeed = "30"\n'),
        ('speed = "30"\n\n[options]\nfit = "near"\n\n[other]\nx = 1\n', 'speed = "30"\n\n[other]\nx = 1\n'),
        ('options.fit = "near"\nview = 3\n', ""),
        ('[other]\nview = "loss"\n', '[other]\nview = "loss"\n'),
    ],
)
def test_dropped_settings_are_taken_out(file, content, left):
    file.write_text(content)
    settings = read_settings(str(file), ROWS, ("view", "options"))
    assert settings.dropped == tuple(name for name in ("view", "options") if name in tomllib.loads(content))
    assert not any("view = " in fault or "options" in fault for fault in settings.faults)
    write_settings(str(file), {}, ["heading"], settings.dropped)
    assert file.read_text() == left


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"speed = 1\ntheme = = 3\nfps = 1\n", ":2: 'theme = = 3' is not valid TOML: Invalid value"),
        (b"\x7fELF\x02\x01\x00\xff\xfe", ": it is not text in UTF-8"),
        (b"x = " + b"[" * 4900 + b"]" * 4900, ": it is too deeply nested"),
        (b"a" * (MOST_BYTES + 1), f" is {MOST_BYTES + 1} bytes long"),
    ],
    ids=["broken", "binary", "deep", "large"],
)
def test_broken_file_is_reported_and_kept(file, content, said):
    file.write_bytes(content)
    assert read(file) == ({}, [f"settings.toml{said}; the defaults are used"])
    with pytest.raises((TomlError, OSError)):
        write_settings(str(file), {"theme": "nord"}, [])
    assert file.read_bytes() == content  # it is somebody's


def test_nobody_is_waited_for(file):
    def told():
        values, (fault,) = read(file)
        assert (values, fault.endswith("; the defaults are used")) == ({}, True)
        return fault.removeprefix("settings.toml cannot be read: ").partition(";")[0]

    os.mkfifo(file)
    assert told() == "it is not a regular file"
    writer = os.open(file, os.O_RDWR)
    assert told() == "it is not a regular file"
    os.close(writer)
    file.unlink()
    file.mkdir()
    assert told() == "Is a directory"
    file.rmdir()
    file.symlink_to("/dev/zero")
    assert told() == "it is not a regular file"
    file.unlink()
    file.touch()
    assert read(file / "settings.toml")[1] == ["settings.toml cannot be read: Not a directory; the defaults are used"]


def test_link_out_of_home_is_refused(file):
    outside = file.parent.parent / "outside"
    outside.write_text('theme = "secret"\n')
    file.symlink_to(outside)
    access.configure(confined=True)
    fault = "settings.toml cannot be read: it is outside your home directory; the defaults are used"
    assert read(file) == ({}, [fault])
    with pytest.raises(OSError, match="it is outside your home directory"):
        write_settings(str(file), {"theme": "nord"}, [])
    assert outside.read_text() == 'theme = "secret"\n'


def test_new_file_has_header_and_private_mode(file):
    write_settings(str(file), {"speed": "30", "theme": "nord"}, ["Settings", ""])
    assert file.read_text() == '# Settings\n\nspeed = "30"\ntheme = "nord"\n'
    assert oct(file.stat().st_mode & 0o777) == "0o600"


def test_what_somebody_wrote_there_stays(file):
    file.write_text("# my own\n\nspeed = 1  # slow\r\nlater = [1,\n  2]\n# of fps\nfps = 5\n\n[other]\nx = 1 # one\n")
    write_settings(str(file), {"speed": "max", "theme": "nord"}, ["never"])
    lines = file.read_bytes().decode().split("\n")
    for line in ("# my own", 'speed = "max"  # slow\r', "later = [1,", "  2]", "# of fps", "fps = 5", "x = 1 # one"):
        assert line in lines
    assert tomllib.loads(file.read_text())["other"] == {"x": 1}
    assert read(file)[0] == {"speed": "max", "theme": "nord", "fps": 5}


def test_changes_by_other_programs_are_kept(file):
    write_settings(str(file), {"theme": "nord", "fps": "5"}, [])
    before = read(file)
    write_settings(str(file), {"speed": "30"}, [])  # of another one, which read the same
    write_settings(str(file), {"theme": "dracula"}, [])
    assert before == ({"theme": "nord", "fps": 5}, [])
    assert tomllib.loads(file.read_text()) == {"theme": "dracula", "fps": "5", "speed": "30"}


def test_too_deep_file_is_left_unchanged(file):
    file.write_text("\n".join("a." * 30 + f"k{at} = 1" for at in range(140)))  # tomlkit takes seconds for it
    before = file.read_text()
    with pytest.raises(TomlError, match="too deep"):
        write_settings(str(file), {"theme": "nord"}, [])
    assert file.read_text() == before


def test_unreadable_result_is_not_written(file, monkeypatch):
    file.write_text("fps = 5\n")
    monkeypatch.setattr(toml_writer, "with_changes", lambda *_: 'theme = "nord"\n')
    with pytest.raises(TomlError, match="cannot be changed"):
        write_settings(str(file), {"theme": "nord"}, [])
    assert file.read_text() == "fps = 5\n"


NAMES = st.sampled_from(["theme", "speed", "options.fit", "options.loss", "x", '"quoted key"', "options.deep.er"])
LINES = st.builds(
    "{}{} = {}{}".format,
    st.sampled_from(["", "  ", "\n"]),
    NAMES,
    st.sampled_from(["1", '"a"', "'''b\n'''", "[1, 2]", "{ y = 1 }", "1979-05-27"]),
    st.sampled_from(["", " # why", "\n\n# below"]),
)
HEADS = st.sampled_from(["[options]", "[other]", "[[many]]", "# only a comment", "[options.fit]", "[a.b.c]"])


@trials(200)
@given(
    st.lists(LINES | HEADS, max_size=8),
    st.dictionaries(st.sampled_from([*ROWS]), st.text("ab'\"\\ #=\n", max_size=5)),
    st.sampled_from([(), ("options",), ("x", "other")]),
)
def test_write_changes_only_given_settings(tmp_path_factory, lines, changes, dropped):
    file = tmp_path_factory.getbasetemp() / "any.toml"
    text = "\n".join(lines)
    file.write_text(text)
    try:
        before = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        before = None
    try:
        write_settings(str(file), changes, [], dropped)
    except TomlError:
        assert file.read_text() == text
        return
    assert before is not None
    after = tomllib.loads(file.read_text())
    assert after == {name: value for name, value in before.items() if name not in dropped} | changes
