"""The curves of a sweep: rows are the same with them, no death takes one, each format has them in the cells' order."""

import csv
import json
import os
import sqlite3
from contextlib import closing

import numpy as np
import pytest
from sweep_files import bits, small_space, write_sweep

from quadfit_tui import RunConfig, train
from quadfit_tui.core.sweep.formats import SWEEP_FORMATS, curves_path, read_sweep
from quadfit_tui.core.sweep.head import Head
from quadfit_tui.core.sweep.journal import Journal, JournalError
from quadfit_tui.core.sweep.rows import Rows
from quadfit_tui.core.sweep.space import Space
from quadfit_tui.core.sweep.work import Work

SPACE = small_space()
HEAD = Head.of(SPACE, curves=True)
ROWS = Work(SPACE, curves=True).train(HEAD.chosen)
FACTS = json.loads(json.dumps(HEAD.facts()))
BOTH = ["s-curves.csv", "s.csv"]


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def read(path):
    with open(path, "rb") as stream:
        return stream.read()


def points(rows):
    """All points of the curves, as a table has them."""
    return [
        (cell, epoch, None if np.isnan(loss) else loss)
        for cell in rows.cell.tolist()
        for epoch, loss in zip(*(column.tolist() for column in rows.curves[cell]), strict=True)
    ]


def undisturbed():
    write_sweep("u.csv", "csv", HEAD, ROWS)
    found = [read("u-curves.csv"), read("u.csv")]
    os.unlink("u.csv")
    os.unlink("u-curves.csv")
    return found


def test_rows_are_the_same_with_curves_to_the_last_bit():
    assert bits(ROWS) == bits(Work(SPACE).train(HEAD.chosen))
    assert sorted(ROWS.curves) == HEAD.chosen.tolist()
    for cell in range(0, len(SPACE), 17):
        run = train(SPACE.config(cell))
        assert ROWS.curves[cell].epoch.tolist() == list(range(len(run.epoch) + 1))
        np.testing.assert_allclose(ROWS.curves[cell].mean_loss[1:], run.mean_loss, rtol=1e-9)


def test_a_cell_that_cannot_be_trained_has_a_row_and_no_curve():
    work = Work(Space(RunConfig(data="nothing.csv", batch="full"), {"lr": [0.1]}), curves=True)
    rows = work.train([0])
    assert (len(rows.errors), len(rows.curves)) == (1, 0)


@pytest.mark.parametrize("style", SWEEP_FORMATS)
def test_each_format_has_the_points_in_the_order_of_the_cells(style):
    if SWEEP_FORMATS[style].needs:
        pytest.importorskip(SWEEP_FORMATS[style].needs)
    path = f"s{SWEEP_FORMATS[style].suffix}"
    write_sweep(path, style, HEAD, ROWS.part(np.arange(len(ROWS))[::-1]))
    beside = curves_path(path)
    if style == "sqlite":
        assert os.listdir() == [path]
        with closing(sqlite3.connect(path)) as database:
            found = database.execute("SELECT cell, epoch, mean_loss FROM curves").fetchall()
    elif style == "csv":
        lines = read(beside).decode().splitlines()
        head = [line for line in lines if line.startswith("# ")]
        assert "# curves: true" in head
        assert lines[len(head)] == "cell,epoch,mean_loss"
        rows = csv.reader(lines[len(head) + 1 :])
        found = [(int(cell), int(epoch), float(loss) if loss else None) for cell, epoch, loss in rows]
    elif style == "jsonl":
        facts, *rows = map(json.loads, read(beside).splitlines())
        assert facts == FACTS
        found = [tuple(row.values()) for row in rows]
    else:
        import pyarrow.parquet as parquet

        table = parquet.read_table(beside)
        assert json.loads(table.schema.metadata[b"sweep"]) == FACTS
        found = [*zip(*table.to_pydict().values(), strict=True)]
    expected = points(ROWS)
    if style == "jsonl":
        expected = [(cell, epoch, loss if np.isfinite(loss) else None) for cell, epoch, loss in expected]
    assert found == expected
    head, _, rows = read_sweep(path)
    assert (head.curves, bits(rows)) == (True, bits(ROWS))


def test_cut_at_any_byte_it_goes_on_and_gives_the_same_files():
    rng, expected = np.random.default_rng(0), undisturbed()
    journal = Journal("s.csv", HEAD)
    kept = {os.path.getsize("s.csv.journal"): 0}
    for at in range(0, len(ROWS), 9):
        journal.add(ROWS.part(slice(at, at + 9)))
        kept[os.path.getsize("s.csv.journal")] = len(journal.rows().cell)
    journal.close()
    content = read("s.csv.journal")
    for cut in sorted({*kept, *(length - 1 for length in kept), *rng.integers(0, len(content), 20).tolist()}):
        with open("s.csv.journal", "wb") as stream:
            stream.write(content[:cut])
        journal = Journal("s.csv", HEAD, resume=True)
        told = max((rows for length, rows in kept.items() if length <= cut), default=0)
        assert journal.rows().cell.tolist() == HEAD.chosen[:told].tolist()
        journal.add(ROWS.part(rng.permutation(len(ROWS))))
        journal.finish("csv")
        journal.close()
        assert sorted(os.listdir()) == BOTH
        assert [read(name) for name in BOTH] == expected
        for name in BOTH:
            os.unlink(name)


def test_a_cell_whose_curve_is_damaged_is_computed_again():
    expected = undisturbed()
    journal = Journal("s.csv", HEAD)
    journal.add(ROWS.part(slice(0, 9)))
    journal.close()
    lines = read("s.csv.journal").splitlines(keepends=True)
    assert json.loads(lines[3])["curve"] == 2
    for damaged in (
        b"\0" * 90 + b"\n",
        b'{"curve": 2}\n',
        b'{"curve": {}, "epoch": []}\n',
        b'{"curve": 999, "epoch": [], "mean_loss": []}\n',
        b"{}\n",
    ):
        with open("s.csv.journal", "wb") as stream:
            stream.write(b"".join([*lines[:3], damaged, *lines[4:]]))
        journal = Journal("s.csv", HEAD, resume=True)
        assert journal.rows().cell.tolist() == [0, 1, *range(3, 9)]
        journal.add(ROWS)
        journal.finish("csv")
        journal.close()
        assert [read(name) for name in BOTH] == expected
        for name in BOTH:
            os.unlink(name)


def test_an_older_file_of_curves_is_written_over_only_where_that_is_asked_for():
    with open("s-curves.csv", "w") as stream:
        stream.write("mine")
    with pytest.raises(FileExistsError):
        Journal("s.csv", HEAD)
    with pytest.raises(FileExistsError):
        write_sweep("s.csv", "csv", HEAD, ROWS)
    assert (os.listdir(), read("s-curves.csv")) == (["s-curves.csv"], b"mine")
    journal = Journal("s.csv", HEAD, overwrites=True)
    journal.add(ROWS.part(slice(0, 9)))
    assert read("s-curves.csv") == b"mine"
    journal.close()
    with pytest.raises(JournalError, match="curves were kept, and are not now"):
        Journal("s.csv", Head.of(SPACE), resume=True)
    journal = Journal("s.csv", HEAD, resume=True)
    journal.add(ROWS)
    journal.finish("sqlite")  # whose file has them itself
    journal.close()
    assert (sorted(os.listdir()), read("s-curves.csv")) == (BOTH, b"mine")
    with closing(sqlite3.connect("s.csv")) as database:
        assert database.execute("SELECT count(*) FROM curves").fetchall() == [(len(points(ROWS)),)]


def test_the_journal_keeps_no_curve_in_memory():
    journal = Journal("s.csv", HEAD)
    journal.add(ROWS)
    assert dict(journal.rows().curves) == {}
    assert {*vars(journal)} == {*vars(Journal("t.csv", HEAD))}
    journal.close()
    assert Rows.joined([ROWS.part(slice(0, 3)), ROWS.part(slice(3, 9))]).curves.keys() == {*range(9)}
