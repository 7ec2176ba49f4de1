"""A value is no longer than 300 characters, wherever it is written; what is longer is refused before it is read."""

import pytest
from tables import table

from quadfit_tui.core.config.parameters import PARAMETERS, ConfigError, RunConfig
from quadfit_tui.core.config.toml.toml_file import read_values
from quadfit_tui.core.config.toml.toml_table import TomlError
from quadfit_tui.core.text import quoting

MARKS = "\u0301\u0323" * 100_000
NAMES = [name for name in PARAMETERS if name != "data"]  # a file's name is for the system to judge


@pytest.mark.parametrize("text", ["1" * 301, "1" + MARKS, MARKS], ids=["digits", "number with marks", "marks"])
def test_long_value_is_refused_before_normalizing(text, monkeypatch):
    for name in NAMES:
        with monkeypatch.context() as patch:
            patch.setattr(quoting.unicodedata, "normalize", None)
            with pytest.raises(ConfigError) as refused:
                PARAMETERS[name].parse(text)
        assert refused.value.reason.endswith("is longer than 300 characters")
        assert refused.value.allowed
        assert len(str(refused.value)) < 1000


@table("name", NAMES)
def test_so_is_one_in_a_file(name, tmp_path):
    file = tmp_path / "long.toml"
    file.write_text(f'{name} = "1{MARKS[:1900]}"', encoding="utf-8")
    with pytest.raises(ConfigError, match="is longer than 300 characters"):
        read_values(str(file))


@pytest.mark.parametrize("line", [f"{'a.' * 40_000}a = 1", f'lr = "1{MARKS[:40_000]}"'], ids=["key", "value"])
def test_long_line_is_refused_before_parsing(line, tmp_path):
    file = tmp_path / "long.toml"
    file.write_text(f"epochs = 3\n{line}\n", encoding="utf-8")
    with pytest.raises(TomlError, match=f"^has {len(line)} characters in line 2; allowed: up to 10000$"):
        read_values(str(file))


def test_value_of_maximum_length_is_read():
    assert RunConfig(lr="0.5" + "0" * 297).lr == 0.5
