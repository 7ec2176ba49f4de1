"""The files of sweeps: all bits again in each format, for other programs, too; foreign ones are refused."""

import ast
import io
import json
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing

import numpy as np
import pytest
from documents import MANUAL
from sweep_files import bits, made_up_rows, small_space, write_sweep
from trials import cases

from quadfit_tui import RunConfig
from quadfit_tui.core.config.parameters import PARAMETERS
from quadfit_tui.core.config.toml.toml_file import read_values
from quadfit_tui.core.files import own_files
from quadfit_tui.core.sweep import formats
from quadfit_tui.core.sweep.formats import SWEEP_FORMATS, read_sweep
from quadfit_tui.core.sweep.head import Head, SweepFileError
from quadfit_tui.core.sweep.rows import COLUMNS, Rows
from quadfit_tui.core.sweep.space import Space
from quadfit_tui.core.sweep.tables import blocks
from quadfit_tui.core.sweep.tables.table import RESULTS, Table
from quadfit_tui.core.sweep.work import Work

SPACE = small_space()
HEAD = Head.of(SPACE)
ROWS = made_up_rows(HEAD.chosen)
NEEDS = {"parquet": "pyarrow"}
_RUN = r"test_formats.py runs the next block -->\n```python\n(.+?)```"
READERS = dict(
    zip(("pandas", "polars", "duckdb", "sqlite3"), re.findall(_RUN, MANUAL["sweeps"], re.DOTALL), strict=True)
)


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture(params=SWEEP_FORMATS)
def style(request):
    if request.param in NEEDS:
        pytest.importorskip(NEEDS[request.param])
    return request.param


def read(path):
    with open(path, "rb") as stream:
        return stream.read()


def put(path, content):
    with open(path, "wb") as stream:
        stream.write(content)


def write(style, path="sweep", rows=ROWS, head=HEAD):
    write_sweep(path, style, head, rows, overwrites=True)
    return path


def test_each_format_gives_the_same_sweep_again_to_the_last_bit(style, monkeypatch):
    monkeypatch.setattr(blocks, "LONGEST", 7)
    shuffled = ROWS.part(np.random.default_rng(0).permutation(len(ROWS)))
    head, space, rows = read_sweep(write(style, rows=shuffled))
    assert bits(rows) == bits(ROWS)
    assert (repr(space.axes), repr(space.base)) == (repr(SPACE.axes), repr(SPACE.base))
    assert (head.differences(HEAD), head.processors) == ([], HEAD.processors)
    assert space is head.space
    content = read("sweep")
    write(style)
    assert read("sweep") == content
    assert os.listdir() == ["sweep"]


def test_cells_drawn_at_random_and_rows_as_they_are_trained_are_given_again(style):
    head = Head.of(SPACE, random=9)
    rows = Work(SPACE).train(head.chosen)
    again, _, found = read_sweep(write(style, rows=rows, head=head))
    assert bits(found) == bits(rows)
    assert again.chosen.tolist() == head.chosen.tolist() == found.cell.tolist()


def small():
    """A sweep of four cells, all that its file can have among them."""
    base = RunConfig(samples=6, init=(1, 2, 3))
    head = Head.of(Space(base, {"optimizer": ["sgd", "momentum"], "momentum": [0.5, 0.75], "epochs": [4]}))
    rows = Rows.empty(3)
    rows.cell[:], rows.status[:], rows.verdict[:] = range(3), (0, 2, 3), (1, 3, 0)
    rows.epochs[:], rows.updates[:] = (4, 2, 0), (24, 13, 0)
    rows.mean_loss[:], rows.least[:] = (0.1, np.inf, np.nan), (1e-30, 5e-324, np.nan)
    rows.w[0] = 2, -0.0, 1 / 3
    return head, Rows(**{**vars(rows), "errors": {2: 'a "worker", #3, died'}})


def test_csv_has_the_head_in_comments_and_a_line_for_each_row():
    head, rows = small()
    lines = read(write("csv", rows=rows, head=head)).decode().splitlines()
    facts = [line[2:].split(": ", 1) for line in lines if line.startswith("# ")]
    assert {name: json.loads(value) for name, value in facts} == head.facts()
    assert lines[len(facts) :] == [
        "cell,optimizer,momentum,max_epochs,seed,status,verdict,epochs,updates,mean_loss,least,a,b,c,error",
        "0,sgd,,4,0,converged,optimum,4,24,0.1,1e-30,2.0,-0.0,0.3333333333333333,",
        "1,momentum,0.5,4,0,diverged,far,2,13,inf,5e-324,,,,",
        '2,momentum,0.75,4,0,failed,,0,0,,,,,,"a ""worker"", #3, died"',
    ]


def test_jsonl_has_the_head_first_and_an_object_for_each_row():
    head, rows = small()
    facts, *found = map(json.loads, read(write("jsonl", rows=rows, head=head)).splitlines())
    assert facts == head.facts()
    none = dict.fromkeys("abc")
    assert found == [
        {"cell": 0, "optimizer": "sgd", "momentum": None, "max_epochs": 4, "seed": 0, "status": "converged"}
        | {"verdict": "optimum", "epochs": 4, "updates": 24, "mean_loss": 0.1, "least": 1e-30}
        | {"a": 2.0, "b": 0.0, "c": 1 / 3, "error": None},
        {"cell": 1, "optimizer": "momentum", "momentum": 0.5, "max_epochs": 4, "seed": 0, "status": "diverged"}
        | {"verdict": "far", "epochs": 2, "updates": 13, "mean_loss": None, "least": 5e-324, **none, "error": None},
        {"cell": 2, "optimizer": "momentum", "momentum": 0.75, "max_epochs": 4, "seed": 0, "status": "failed"}
        | {"verdict": None, "epochs": 0, "updates": 0, "mean_loss": None, "least": None}
        | {**none, "error": 'a "worker", #3, died'},
    ]
    assert list(found[0]) == list(found[2])


def test_sqlite_has_the_rows_and_the_facts_as_tables():
    head, rows = small()
    with closing(sqlite3.connect(write("sqlite", rows=rows, head=head))) as database:
        facts = dict(database.execute("SELECT * FROM sweep"))
        found = database.execute("SELECT * FROM cells").fetchall()
        types = [name for (name,) in database.execute("SELECT typeof(a) FROM cells")]
    assert found[0] == (0, "sgd", None, 4, 0, "converged", "optimum", 4, 24, 0.1, 1e-30, 2.0, -0.0, 1 / 3, None)
    assert found[1][9:] == (np.inf, 5e-324, None, None, None, None)
    assert types == ["real", "null", "null"]
    assert facts["base"] == head.facts()["base"]
    assert json.loads(facts["axes"]) == head.facts()["axes"]
    put("base.toml", facts["base"].encode())
    assert RunConfig(**read_values("base.toml")) == head.space.base


def test_columns_have_the_type_of_what_varies():
    axes = {"lr": [0.1], "batch": [1, 2], "shuffle": [True, False], "true": [(1, 2, 3)], "data": [None], "tol": [0.5]}
    table = Table(
        Head.of(Space(RunConfig(), axes | {"round_epochs": [None, 2], "init": ["random"]})), Rows.empty(0), ""
    )
    kinds = {column.name: column.kind for column in table.columns}
    varied = {"lr": "real", "batch": "whole", "shuffle": "flag", "true": "text", "data": "text", "tol": "real"}
    assert kinds == {"cell": "whole", **varied, "round_epochs": "whole", "init": "text", "seed": "whole", **RESULTS}
    assert [*kinds][-len(COLUMNS) :] == [*COLUMNS]
    mixed = Table(Head.of(Space(RunConfig(), {"batch": [16, "full"]})), made_up_rows([0, 1]), "")
    (block,) = mixed.blocks()
    assert block["batch"] == ["16", "full"]


def test_no_parameter_has_the_name_of_another_column():
    assert {*RESULTS} & {*PARAMETERS} == {"epochs"}
    assert "max_epochs" not in {*RESULTS, *PARAMETERS}


def test_parquet_has_types_and_the_head_in_its_metadata():
    parquet = pytest.importorskip("pyarrow.parquet")
    head, rows = small()
    table = parquet.read_table(write("parquet", rows=rows, head=head))
    assert json.loads(table.schema.metadata[b"sweep"]) == head.facts()
    types = {field.name: str(field.type) for field in table.schema}
    kinds = {"whole": "int64", "real": "double", "text": "string"}
    whole = {"cell": "int64", "optimizer": "string", "momentum": "double", "max_epochs": "int64", "seed": "int64"}
    assert types == whole | {name: kinds[kind] for name, kind in RESULTS.items()}
    assert table["mean_loss"].to_pylist() == [0.1, np.inf, None]


def test_what_pyarrow_is_needed_for_is_told_where_it_is_not_installed(monkeypatch):
    monkeypatch.setattr(formats, "find_spec", lambda _: None)
    assert [row.missing for row in SWEEP_FORMATS.values() if not row.needs] == ["", "", ""]
    told = "a file that ends in .parquet takes pyarrow (pip install 'quadfit-tui[parquet]')"
    assert SWEEP_FORMATS["parquet"].missing == told
    put("sweep", b"PAR1")
    with pytest.raises(SweepFileError, match=re.escape(f"cannot be read: {told}; allowed: a file")):
        read_sweep("sweep")


def test_an_older_file_and_those_of_the_program_stay(style, tmp_path):
    put("sweep", b"mine")
    with pytest.raises(FileExistsError):
        write_sweep("sweep", style, HEAD, ROWS)
    assert read("sweep") == b"mine"
    own_files.declare("test", lambda: [own_files.OwnFolder(str(tmp_path), "it is the program's own")])
    try:
        with pytest.raises(own_files.OwnFileError):
            write_sweep("sweep", style, HEAD, ROWS, overwrites=True)
    finally:
        own_files.declare("test", lambda: [])
    assert (os.listdir(), read("sweep")) == (["sweep"], b"mine")


# Other programs, as the manual says


def compared(columns):
    """Whether columns are those of the rows, but for what the format cannot write; the names of others."""
    expected = {name: getattr(ROWS, name) for name in ("cell", "epochs", "updates", "mean_loss", "least")}
    expected |= {name: ROWS.w[:, at] for at, name in enumerate("abc")}
    differs = []
    for name, values in expected.items():
        found = np.array([np.nan if value is None else value for value in columns[name]], dtype=values.dtype)
        is_null = ~np.isfinite(values)
        if not (found[~is_null].tobytes() == values[~is_null].tobytes() and not np.isfinite(found[is_null]).any()):
            differs.append(name)
    block = blocks.block_of(ROWS)
    differs += [name for name in ("status", "verdict") if list(columns[name]) != block[name]]
    told = [value if isinstance(value, str) and value else None for value in columns["error"]]
    return (
        differs + ["error"] * (told != block["error"]) + ["lr"] * ([*columns["lr"]] != SPACE.columns(ROWS.cell)["lr"])
    )


@pytest.mark.parametrize("program", READERS)
def test_a_program_reads_the_same_rows(program):
    pytest.importorskip(program)
    if program != "sqlite3":
        pytest.importorskip("pyarrow")
    for row in SWEEP_FORMATS.values():
        if not row.missing:
            write(row.name, f"sweep{row.suffix}")
    read_so_far: list[str] = []
    space: dict[str, object] = {}
    # Statement by statement, since each reads another file into the same name.
    for statement in ast.parse(READERS[program]).body:
        exec(compile(ast.Module([statement], []), "manual", "exec"), space)
        runs = space.get("runs")
        text = ast.unparse(statement)
        if "runs =" not in text:
            continue
        if program == "duckdb":
            runs = dict(zip(runs.columns, zip(*runs.fetchall(), strict=True), strict=True))
        elif program == "sqlite3":
            names = [column.name for column in Table(HEAD, ROWS, "").columns]
            runs = dict(zip(names, zip(*runs, strict=True), strict=True))
        assert compared(runs) == [], text
        read_so_far.append(text)
    assert len(read_so_far) == {"pandas": 4, "polars": 3, "duckdb": 3, "sqlite3": 1}[program]


# Foreign and hostile files


def refusal(path="sweep"):
    with pytest.raises(SweepFileError) as refused:
        read_sweep(path)
    assert len(str(refused.value).splitlines()) == 1
    return str(refused.value)


def test_what_is_no_file_of_a_sweep_is_refused():
    for content in (b"", b"x", b"1,2\n3,4\n", b"\0" * 100, b"{}\n", b'{"epoch": 0}\n', b"SQLite", b"PAR", b"# x: 1\n"):
        put("sweep", content)
        assert refusal() == (
            "is not the file of a sweep; allowed: a file that 'sweep' has written, as .csv, .jsonl, .parquet or .sqlite"
        )
    with closing(sqlite3.connect("other")) as database:
        database.execute("CREATE TABLE cells (cell)")
        database.commit()
    assert refusal("other").startswith("is not the file of a sweep; ")
    assert refusal("nothing").startswith("cannot be read: No such file")
    assert refusal(".").startswith("cannot be read: it names a directory")
    os.mkfifo("pipe")
    assert refusal("pipe").startswith("cannot be read: ")


@pytest.mark.parametrize("seed", cases(range(8)))
def test_cut_or_damaged_it_is_refused_or_read(style, seed, monkeypatch):
    monkeypatch.setattr(formats, "LARGEST_FILE", 10**7)
    rng = np.random.default_rng(seed)
    content = read(write(style, rows=ROWS))
    for _ in range(3 if style == "parquet" else 12):  # which takes a process
        put("sweep", content[: int(rng.integers(len(content)))])
        refusal()
        damaged = bytearray(content)
        for at in rng.integers(0, len(content), int(rng.integers(1, 30))).tolist():
            damaged[at] = int(rng.integers(256))
        put("sweep", bytes(damaged))
        try:
            _, space, rows = read_sweep("sweep")
        except SweepFileError as refused:
            assert len(str(refused).splitlines()) == 1  # noqa: PT017  it may well be read
        else:
            assert sorted(rows.cell.tolist()) == list(range(len(space)))


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (b"\n5,", b"\n4,", "has a cell twice"),
        (b"\n5,", b"\n-5,", "has a cell that is not one of the sweep"),
        (b"\n5,", b"\n1000,", "has a cell that is not one of the sweep"),
        (b"\n5,", b"\n1e3,", "is damaged"),
        (b"\n5,", b"\n9" + b"9" * 5000 + b",", "is damaged"),
        (b"\n5,", b"\n99999999999999999999,", "is damaged"),
        (b"\n5,", b'\n"5,', "is damaged"),
        (b"\n5,", b"\n5,,", "is damaged"),
        (b"\n5,", b"\n\n5,", "is damaged"),
        (b"\n5,", b"\n\xff,", "is not text in UTF-8"),
        (b",least,", b",most,", "has no column least"),
        (b",least,", b",status,", "has no column status, or several"),
        (b"# axes: {", b"# axes: {{", "is damaged"),
        (b"# axes: ", b"# axes: " + b"[" * 100_000, "is damaged"),
        (b"# cells: 108", b"# cells: 107", "has a head that is damaged"),
        (b"# cells: ", b"# cell: ", "has a head that is damaged"),
        (b"# axes: ", b"# x: 0\n" * 101 + b"# axes: ", "is not the file of a sweep"),
    ],
)
def test_a_file_that_is_not_right_is_refused_with_the_reason(old, new, why):
    content = read(write("csv"))
    assert old in content
    put("sweep", content.replace(old, new, 1))
    assert refusal().startswith(why)


def test_what_is_larger_than_any_is_not_read(monkeypatch):
    monkeypatch.setattr(formats, "LARGEST_FILE", 1000)
    assert refusal(write("csv")).endswith("allowed: the file of a sweep of up to 1000 bytes")
    monkeypatch.undo()


def test_a_line_without_an_end_takes_no_more_memory_than_a_line_may():
    with open("sweep", "wb") as stream:
        stream.write(b"# sweep: 1\n# base: ")
        stream.truncate(2**31)
    script = (
        "import resource, sys; from quadfit_tui.core.sweep.formats import read_sweep, SweepFileError\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try: read_sweep(sys.argv[1])\n"
        "except SweepFileError as refused: print(refused)\n"
        "print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "sweep"], capture_output=True, text=True, check=True, timeout=60
    )
    told, grown = done.stdout.splitlines()
    assert told.startswith("has a line of more than 40000000 bytes; ")
    assert int(grown) < 150


def test_a_database_can_do_nothing_but_give_its_rows():
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x AS name, x AS value FROM n"
    for statement, why in (
        (f"DROP TABLE sweep; CREATE VIEW sweep AS {endless}", "is not the file of a sweep"),
        (f"DROP TABLE cells; CREATE VIEW cells AS {endless}", "is not the file of a sweep"),
        ("ALTER TABLE cells DROP COLUMN error; ALTER TABLE cells ADD error AS (zeroblob(1e9))", "is damaged: it has"),
        ("ALTER TABLE cells DROP COLUMN error", "is damaged: it has tables"),
        ("UPDATE cells SET a = 'x'", "is damaged"),
        ("UPDATE cells SET status = 'x'", "is damaged"),
        ("UPDATE cells SET epochs = 1.5", "is damaged"),
        ("DELETE FROM cells WHERE cell > 100", "is cut off: 7 of 108 cells are not there"),
        ("UPDATE sweep SET value = 3 WHERE name = 'axes'", "has a head that is damaged"),
        ("UPDATE sweep SET value = zeroblob(100000) WHERE name = 'axes'", "is damaged"),
        ("DELETE FROM sweep", "is not the file of a sweep"),
    ):
        with closing(sqlite3.connect(write("sqlite"))) as database:
            database.executescript(statement)
            database.commit()
        assert refusal().startswith(why), statement


def test_a_parquet_file_that_would_fill_the_memory_is_refused():
    parquet = pytest.importorskip("pyarrow.parquet")
    import pyarrow as pa

    table = parquet.read_table(write("parquet"))
    for change, why in (
        (lambda t: t.drop_columns("error"), "is damaged or cut off"),
        (lambda t: t.replace_schema_metadata({}), "is not the file of a sweep"),
        (lambda t: t.replace_schema_metadata({b"sweep": b"[" * 100_000}), "is damaged or cut off"),
        (lambda t: t.set_column(0, "cell", pa.array(["0"] * len(t))), "is damaged: "),
        (lambda t: t.slice(3), "is cut off: 3 of 108 cells"),
        (lambda t: pa.concat_tables([t] * 2), "has a cell twice"),
    ):
        parquet.write_table(change(table), "sweep")
        assert refusal().startswith(why)
    long = pa.array(["x" * 2**20]).take(pa.array(np.zeros(108, dtype=np.int64)))
    sink = io.BytesIO()
    parquet.write_table(table.set_column(table.schema.get_field_index("error"), "error", long), sink)
    assert len(sink.getvalue()) < 200_000
    put("sweep", sink.getvalue())
    assert refusal().startswith("is damaged or cut off, or takes too much memory")
