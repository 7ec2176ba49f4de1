"""Names of a class, as spreadsheets save them, and what is refused of such a table."""

import pytest

from quadfit_tui.core.classroom.names import names_in
from quadfit_tui.core.model.named_columns import TableError

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
def test_a_table_is_read_as_spreadsheets_save_it(content):
    assert names_in(content) == CLASS


def test_two_students_of_one_name_are_told_apart_by_their_accounts():
    named = names_in(b"account,name\nanna1,Anna\nanna2,Anna\nben,Ben\nroot,Ben C.")
    assert named == {"anna1": "Anna (anna1)", "anna2": "Anna (anna2)", "ben": "Ben", "root": "Ben C."}
    assert names_in(b'account,name\nanna,"Schmidt, Anna"\n') == {"anna": "Schmidt, Anna"}


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
def test_what_is_no_table_of_names_is_refused_with_its_line(content, said):
    with pytest.raises(TableError, match=r".*") as refused:
        names_in(content)
    assert said in str(refused.value)
    assert str(refused.value).isprintable()
