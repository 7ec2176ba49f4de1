"""TOML read once for all: what stands where, and which values the rows of a table refuse."""

from pathlib import Path

from tables import table

import quadfit_tui
from quadfit_tui.core.config.toml.toml_table import KeyFault, TomlTable, parse_values
from quadfit_tui.core.config.value_types import Choice, Integer

PACKAGE = Path(quadfit_tui.__file__).parent
TEXT = """\
# lr = 1
lr = 2
 "fps"  = 3
one.two = 4
'a.b' = 5
inline = { fit = 6 }

[options]  # of views
fit = 8
lr = 9

[ runs . "very fast" ]
lr = 10
[[many]]
x = 11
"""


@table(
    ("name", "line"),
    [
        ("lr", 2),
        ("fps", 3),
        ("one.two", 4),
        ("a.b", 5),
        ("inline.fit", 6),
        ("options", 8),
        ("options.fit", 9),
        ("options.lr", 10),
        ("runs.very fast", 12),
        ("runs.very fast.lr", 13),
        ("runs.very fast.none", 12),
        ("many.x", 15),
        ("fit", None),
        ("none", None),
        ("", None),
    ],
)
def test_line_of_name_respects_tables(name, line):
    assert TomlTable(TEXT).line_of(name) == line


def test_flat_names_join_table_and_key():
    assert TomlTable(b'\xef\xbb\xbfa = 1\n[b]\nc = "x"\n[b.d]\ne = 2\n').flat == {"a": 1, "b.c": "x", "b.d": {"e": 2}}


def test_faults_keep_text_order():
    rows = {"n": Integer(1, 3), "word": Choice(("a", "b")), "m": Integer(1, 3)}
    values = TomlTable('word = "c"\nm = 2\nz = [1]\nn = true\n').values
    assert parse_values(values, rows) == (
        {"m": 2},
        [
            KeyFault("word", "c", "is not one of the choices", "one of a, b"),
            KeyFault("z", [1]),
            KeyFault("n", True, "is not a number", "a whole number from 1 to 3"),
        ],
    )
    assert [fault.shown for fault in parse_values(values, rows)[1]] == ["'c'", "[1]", "true"]


def test_there_is_one_reader_of_toml():
    readers = [file.name for file in PACKAGE.rglob("*.py") if "import tomllib" in file.read_text(encoding="utf-8")]
    assert readers == ["toml_table.py"]
