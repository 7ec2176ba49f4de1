"""Names of a class, as spreadsheets save them, and what is refused of such a table."""

import re

import pytest

from quadfit_tui.core.model.name_tables import MOST_NAMES, TableError, account_names, class_names

NAMES = ["Anna Großmann", "Ben", "张三", "a b.c"]
CLASS = {"anna": "Anna Großmann", "ben": "Ben Öz"}
TEXT = "account,name\nanna,Anna Großmann\nben,Ben Öz\n"


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("latin-1"),
        TEXT.replace(",", "\t").encode("utf-16"),
        TEXT.replace(",", ";").replace("\n", "\r\n").encode("utf-8-sig"),
        TEXT.replace("\n", "\r").encode(),
        TEXT.replace(",", ";").replace("account", "sep=;\nAccount").encode(),
        TEXT.replace("account,name", "账号,姓名").encode(),
        TEXT.replace("anna,", "Anna,").encode(),  # as some begin a cell
        b"No.,Name,Class,ACCOUNT\n1, Anna Gro\xc3\x9fmann ,7b,anna\n,,,\n2,\"Ben \xc3\x96z\",7b, ben\n\n",
    ],
)  # fmt: skip
def test_account_names_from_spreadsheet_formats(content):
    assert account_names(content) == CLASS


def test_equal_names_get_account_suffix():
    named = account_names(b"account,name\nanna1,Anna\nanna2,Anna\nben,Ben\nroot,Ben C.")
    assert named == {"anna1": "Anna (anna1)", "anna2": "Anna (anna2)", "ben": "Ben", "root": "Ben C."}
    assert account_names(b'account,name\nanna,"Schmidt, Anna"\n') == {"anna": "Schmidt, Anna"}


ALLOWED = "allowed: columns with the headings account and name"
IN_EACH = "allowed: an account and a name in each row"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", f"line 1: does not name these columns; {ALLOWED}"),
        (b"anna,Anna\n", f"line 1: does not name these columns; {ALLOWED}"),
        (b"account,name,name\n", f"line 1: does not name these columns; {ALLOWED}"),
        (b"sep=;\naccount,names\n", f"line 2: does not name these columns; {ALLOWED}"),
        (b"account,name\nanna,Anna\n\nben\n", f"line 4: has no name; {IN_EACH}"),
        (b"account,name\n,Anna\n", f"line 2: has no account; {IN_EACH}"),
        (b"account,name\na,A\nb,B\nA,C\n", "line 4: 'a' has a name in line 2 already; allowed: one"),
        (b"account,name\na,\x1b[2J\n", r"line 2: '\x1b[2J' is no name; allowed: up to 100 characters that print"),
        (b"account,name\na," + b"x" * 101, "is no name; allowed: up to 100 characters that print"),
        pytest.param(b"account;name\na;" + b"x" * 140_000 + b"\n", f"line 2: cannot be read; {ALLOWED}", id="long"),
        (b"\x00\x01\x02", f"is no text; {ALLOWED}"),
        ("account,name\na,Anna’s".encode("cp1252"), r"line 2: 'Anna\x92s' is no name"),
    ],
)
def test_invalid_account_table_names_the_line(content, said):
    with pytest.raises(TableError, match=r".*") as refused:
        account_names(content)
    assert said in str(refused.value)
    assert str(refused.value).isprintable()


@pytest.mark.parametrize(
    "content",
    [
        "name\n" + "\n".join(NAMES),
        "\ufeffNo;Name;Class\n" + "".join(f"{n};  {name} ;7b\n\n" for n, name in enumerate(NAMES)),
        "学号,姓名\n" + "".join(f"{n},{name}\n" for n, name in enumerate(NAMES)),
        "account\tNAME\r\n" + "\r\n".join(f"x{n}\t{name.replace(' ', '   ')}" for n, name in enumerate(NAMES)),
    ],
)
def test_class_names_from_spreadsheet_formats(content):
    assert class_names(content.encode()) == NAMES
    assert class_names("name\nRene\u0301\n".encode()) == ["Ren\xe9"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["../Ben"], "line 2: '../Ben' is no name of a folder; allowed: up to 60 characters that print, no / or "),
        (["Ben", ".."], "line 3: '..' is no name of a folder"),
        ([".hidden"], "'.hidden' is no name of a folder"),
        (["a\\b"], "is no name of a folder"),
        (["a\x1bb"], r"'a\x1bb' is no name of a folder"),
        (["a\u202eb"], "is no name of a folder"),
        (["x" * 61], "is no name of a folder"),
        (["👩🏽" * 30], "is no name of a folder"),  # in bytes
        (["Ben", "Anna", "BEN"], "line 4: 'BEN' is in line 2 already; allowed: each once, whatever its capitals"),
        (["Straße", "STRASSE"], "line 3: 'STRASSE' is in line 2 already"),
        (["Ren\u00e9", "Rene\u0301"], "is in line 2 already"),
        ([], f"has 0 names; allowed: 1 to {MOST_NAMES}"),
        ([f"s{n}" for n in range(MOST_NAMES + 1)], f"has {MOST_NAMES + 1} names; allowed: 1 to {MOST_NAMES}"),
    ],
)
def test_invalid_folder_names_are_refused(rows, said):
    with pytest.raises(TableError, match=re.escape(said)) as refused:
        class_names("\n".join(["name", *rows]).encode())
    assert str(refused.value).isprintable()


def test_missing_name_column_is_refused():
    for content in (b"", b"Ben\nAnna\n", b"names\nBen\n", b"name,name\na,b\n", b"\0\1"):
        with pytest.raises(TableError, match=r"allowed: a column with the heading name$"):
            class_names(content)
