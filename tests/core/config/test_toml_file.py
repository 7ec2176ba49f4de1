"""The configuration file: which keys and values it may have, and how a broken one is refused."""

import pytest
from tables import table

from quadfit_tui.core.config.parameters import ConfigError, RunConfig
from quadfit_tui.core.config.toml.toml_file import read_values
from quadfit_tui.core.config.toml.toml_table import TomlError


@pytest.fixture
def toml(tmp_path):
    def write(content):
        file = tmp_path / "run.toml"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(file)

    return write


def read_config(path, base):
    """The values of a file over a configuration."""
    return base.replace(**read_values(path))


@table(
    "content",
    ["lr = 0.25\n", b"\xef\xbb\xbflr = 0.25\n", "lr = 0.25\r\n", "# a comment\nlr = 0.25", 'lr = "0,25"', 'lr = "1/4"'],
)
def test_file_is_put_over_its_base(toml, content):
    base = RunConfig(samples=50)
    assert read_config(toml(content), base) == base.replace(lr=0.25)


def test_empty_file_changes_nothing(toml):
    assert read_config(toml(""), RunConfig(lr=0.1)) == RunConfig(lr=0.1)


@table(
    ("line", "name", "value"),
    [
        ("lr = true", "lr", "true"),
        ("lr = nan", "lr", "nan"),
        ("lr = inf", "lr", "inf"),
        ("lr = -1", "lr", "-1"),
        ('lr = "abc"', "lr", "abc"),
        ("lr = [1]", "lr", "[1]"),
        ("lr = 2020-01-01", "lr", "2020-01-01"),
        ("samples = 1.5", "samples", "1.5"),
        ("samples = false", "samples", "false"),
        ("batch = 0", "batch", "0"),
        ("batch = 801", "batch", "801"),
        ("true = [1, 2]", "true", "[1, 2]"),
        ("true = 3", "true", "3"),
        ("true = [1, [2], 3]", "true", "[1, [2], 3]"),
        ("shuffle = 1", "shuffle", "1"),
        ("schedule = 5", "schedule", "5"),
        ("data = 5", "data", "5"),
        ("[init]\na = 1", "init", "{'a': 1}"),
    ],
)
def test_invalid_value_is_refused_by_name(toml, line, name, value):
    with pytest.raises(ConfigError) as refused:
        read_config(toml(line), RunConfig())
    assert refused.value.names == (name,)
    assert refused.value.value == value
    assert "allowed: " in refused.value.problem


@pytest.mark.parametrize(("key", "meant"), [("lrr", "lr"), ("epoch", "epochs"), ("x-min", "x_min"), ("Batch", "batch")])
def test_unknown_key_is_refused_with_a_hint(toml, key, meant):
    with pytest.raises(TomlError) as refused:
        read_config(toml(f"{key} = 1"), RunConfig())
    assert f"unknown key {key!r} (did you mean {meant!r}?); allowed: preset, true, samples, " in str(refused.value)


def test_unrelated_key_gets_no_hint(toml):
    with pytest.raises(TomlError, match=r"unknown key 'zzz'; allowed: preset, true, .*, round_epochs, data_sha256$"):
        read_config(toml("lr = 0.1\nzzz = 1"), RunConfig())


@table(
    ("content", "reason"),
    [
        ("lr = ", "is not valid TOML"),
        ("lr 0.5", "is not valid TOML"),
        ("lr = 0.5\nlr = 0.6", "is not valid TOML"),
        (b"\x00\x01\x02", "is not valid TOML"),
        (b"\xff\xfe\x00", "is not text"),
        (bytes(range(128, 256)), "is not text"),
        ("lr = " + "[" * 5000, "is not valid TOML: it is too deeply nested"),
        ("samples = " + "1" * 5000, "is not valid TOML: it has a number that is too long"),
        ("samples = 0x" + "f" * 5000, "allowed"),
    ],
    ids=["no value", "no sign", "twice", "zeros", "UTF-16", "Latin-1", "nested deeply", "digits", "hex digits"],
)
def test_broken_file_is_refused_in_one_line(toml, content, reason):
    with pytest.raises((TomlError, ConfigError), match=reason) as refused:
        read_config(toml(content), RunConfig())
    assert "allowed: " in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


@pytest.mark.parametrize(("name", "reason"), [("absent.toml", "No such file"), (".", "Is a directory")])
def test_file_that_cannot_be_read_is_refused(tmp_path, name, reason):
    with pytest.raises(TomlError, match=f"cannot be read: {reason}.*; allowed: a TOML file"):
        read_config(str(tmp_path / name), RunConfig())
