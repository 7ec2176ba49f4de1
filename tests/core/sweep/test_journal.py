"""The journal of a sweep: what was told as kept is kept, each cell once, whatever happens; others are refused."""

import errno
import json
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from full_disk import room
from sweep_files import CELLS, FILE, HEAD, JOURNAL, ROWS, bits, made_up_rows, opened, part, read, undisturbed
from trials import cases

from quadfit_tui.core.sweep import journal as module
from quadfit_tui.core.sweep.formats import SWEEP_FORMATS
from quadfit_tui.core.sweep.head import Head
from quadfit_tui.core.sweep.journal import Journal, JournalError
from quadfit_tui.core.sweep.space import Space


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_rows_are_kept_in_the_order_of_the_cells_each_once():
    journal = opened()
    assert journal.left.tolist() == CELLS.tolist()
    assert bits(journal.add(part(10, 20))) == bits(part(10, 20))
    again = journal.add(ROWS.part(np.array([3, 15, 12, 3, 0])))
    assert again.cell.tolist() == [0, 3]
    assert journal.rows().cell.tolist() == [0, 3, *range(10, 20)]
    assert sorted([*journal.left, *journal.rows().cell]) == CELLS.tolist()
    assert bits(journal.rows()) == bits(ROWS.part(journal.rows().cell))
    assert len(journal.add(part(10, 20))) == 0
    with pytest.raises(ValueError, match="another sweep"):
        journal.add(made_up_rows([len(CELLS)]))
    journal.close()
    journal = opened(resume=True)
    assert bits(journal.rows()) == bits(ROWS.part(journal.rows().cell))
    assert journal.rows().cell.tolist() == [0, 3, *range(10, 20)]
    with pytest.raises(ValueError, match="to be trained yet"):
        journal.finish("csv")
    journal.add(ROWS)
    assert bits(journal.rows()) == bits(ROWS)
    journal.finish("csv")
    journal.close()
    assert os.listdir() == [FILE]
    assert read(FILE) == undisturbed()


def test_cells_drawn_at_random_are_the_only_ones():
    head = Head.of(HEAD.space, random=7)
    journal = Journal(FILE, head)
    outside = next(cell for cell in CELLS if cell not in head.chosen)
    with pytest.raises(ValueError, match="another sweep"):
        journal.add(made_up_rows([outside]))
    drawn = made_up_rows(head.chosen)
    journal.add(drawn.part(slice(3, 7)))
    journal.close()
    journal = Journal(FILE, head, resume=True)
    assert journal.left.tolist() == head.chosen[:3].tolist()
    journal.add(drawn)
    assert bits(journal.rows()) == bits(drawn)
    journal.close()


def test_each_addition_is_on_the_disk_when_it_has_returned(monkeypatch):
    synced, fsync = [], os.fsync
    monkeypatch.setattr(os, "fsync", lambda file: synced.append(os.path.getsize(JOURNAL)) or fsync(file))
    journal = opened()
    for at in range(3):
        journal.add(part(at, at + 1))
        assert synced[-1] == os.path.getsize(JOURNAL)
    monkeypatch.setattr(module, "LONGEST", 4)
    journal.add(ROWS)
    journal.close()
    lines = [json.loads(line) for line in read(JOURNAL).splitlines()]
    assert max(len(line.get("cell", ())) for line in lines) == 4
    assert bits(opened(resume=True).rows()) == bits(ROWS)


@pytest.mark.parametrize("seed", cases(range(8)))
def test_cut_at_any_byte_it_goes_on_and_gives_the_same_file(seed):
    rng, expected = np.random.default_rng(seed), undisturbed()
    journal = opened()
    kept = {os.path.getsize(JOURNAL): 0}  # how many rows were told as kept, by the length of the journal then
    for at in range(0, len(CELLS), 5):
        journal.add(part(at, at + 5))
        kept[os.path.getsize(JOURNAL)] = len(journal.rows().cell)
    journal.close()
    content = read(JOURNAL)
    cuts = {0, 1, len(content), len(content) - 1, *kept, *(length - 1 for length in kept)}
    for cut in sorted(cuts | set(rng.integers(0, len(content), 15).tolist())):
        garbage = rng.choice([b"", b"\0" * 50, b'{"cell": [1', b'{"cell": [1]}\n', b"\xff\n\n[]\n3\n"])
        with open(JOURNAL, "wb") as stream:
            stream.write(content[:cut] + (garbage if cut in kept else b""))
        journal = opened(resume=True)
        told = max((rows for length, rows in kept.items() if length <= cut), default=0)
        assert journal.rows().cell.tolist() == CELLS[:told].tolist()
        assert bits(journal.rows()) == bits(part(0, told))
        journal.add(ROWS.part(rng.permutation(len(CELLS))))
        journal.close()
        cells = [cell for line in read(JOURNAL).splitlines() for cell in json.loads(line).get("cell", ())]
        assert sorted(cells) == CELLS.tolist()  # nothing lost, nothing twice
        journal = opened(resume=True)
        journal.finish("csv")
        journal.close()
        assert read(FILE) == expected
        os.unlink(FILE)


def test_what_is_damaged_amid_it_is_computed_again():
    journal = opened()
    for at in range(0, 30, 10):
        journal.add(part(at, at + 10))
    journal.close()
    lines = read(JOURNAL).splitlines(keepends=True)
    block = json.loads(lines[2])
    for damaged in (
        b"\0" * 100 + b"\n",
        json.dumps(block | {"status": ["?"] * 10}).encode() + b"\n",
        json.dumps(block | {"a": ["1"] * 10}).encode() + b"\n",
        json.dumps(block | {"b": [None]}).encode() + b"\n",
        json.dumps(block | {"cell": [10**30] * 10}).encode() + b"\n",
        json.dumps(block | {"cell": [-1] * 10}).encode() + b"\n",
        json.dumps(block | {"epochs": 3}).encode() + b"\n",
        json.dumps({"cell": block["cell"]}).encode() + b"\n",
        b"[" * 100_000 + b"\n",
    ):
        with open(JOURNAL, "wb") as stream:
            stream.write(b"".join([*lines[:2], damaged, *lines[3:]]))
        journal = opened(resume=True)
        assert journal.rows().cell.tolist() == [*range(10), *range(20, 30)]
        journal.add(ROWS)
        journal.close()
        journal = opened(resume=True)
        assert bits(journal.rows()) == bits(ROWS)
        journal.close()


def test_a_sweep_that_is_not_finished_is_resumed_or_begun_anew_only_where_that_is_asked_for():
    journal = opened()
    journal.close()
    assert os.listdir() == []  # nothing was done: nothing is to be resumed
    journal = opened()
    journal.add(part(0, 5))
    journal.close()
    before = read(JOURNAL)
    with pytest.raises(JournalError, match=r"^'s.csv.journal' is of a sweep that was not finished; allowed: --resume "):
        opened()
    other = Head.of(Space(HEAD.space.base.replace(tol=1e-4), HEAD.space.axes))
    with pytest.raises(JournalError) as refused:
        Journal(FILE, other, resume=True)
    assert str(refused.value) == (
        "'s.csv.journal' is of another sweep: tol was 1e-05, and is 0.0001 now; "
        "allowed: the same options again, or --force instead of --resume to begin anew"
    )
    assert (read(JOURNAL), os.listdir()) == (before, [JOURNAL])
    journal = Journal(FILE, other, overwrites=True)
    assert journal.rows().cell.tolist() == []
    journal.close()
    assert os.listdir() == []
    with open(JOURNAL, "wb") as stream:
        stream.write(b"my own notes\n")
    for how in ({}, {"resume": True}, {"overwrites": True}):
        with pytest.raises(JournalError, match=r"^'s.csv.journal' is not the journal of a sweep; allowed: "):
            opened(**how)
    assert (read(JOURNAL), os.listdir()) == (b"my own notes\n", [JOURNAL])


def test_a_head_that_is_not_understood_is_refused():
    journal = opened()
    journal.add(part(0, 5))
    journal.close()
    content = read(JOURNAL)
    for old, new in (
        (b'"lr": [0.1', b'"lr": [-1'),
        (b'"sweep": 1', b'"sweep": 10'),
        (b'"axes": {', b'"axes": 3, "x": {'),
    ):
        with open(JOURNAL, "wb") as stream:
            stream.write(content.replace(old, new, 1))
        with pytest.raises(JournalError, match=r"^'s.csv.journal' (has a head|is the file).*; allowed: the same"):
            opened(resume=True)


@pytest.mark.parametrize("call", ["unlink", "replace", "fsync"])
def test_a_death_before_the_journal_is_gone_leaves_what_gives_the_same_file(monkeypatch, call):
    expected, really = undisturbed(), getattr(os, call)

    def dies(what, *more, **how):
        if call != "unlink" or what == JOURNAL:
            raise OSError(errno.EIO, "no")
        really(what, *more, **how)

    journal = opened()
    journal.add(ROWS)
    with monkeypatch.context() as patched:
        patched.setattr(os, call, dies)
        with pytest.raises(OSError, match="no"):
            journal.finish("csv")
    journal.close()
    assert os.path.exists(JOURNAL)
    journal = opened(resume=True)
    assert len(journal.left) == 0
    journal.finish("csv")
    journal.close()
    assert (os.listdir(), read(FILE)) == ([FILE], expected)


def test_the_file_is_on_the_disk_under_its_name_before_the_journal_goes(monkeypatch):
    done = []

    def note(call):
        really = getattr(os, call)

        def noted(what, *more, **how):
            kind = "folder" if isinstance(what, int) and os.path.samestat(os.fstat(what), os.stat(".")) else "file"
            done.append((call, kind if isinstance(what, int) else what.partition(".quadfit")[0]))
            return really(what, *more, **how)

        return noted

    for call in ("fsync", "replace", "unlink"):
        monkeypatch.setattr(os, call, note(call))
    journal = opened()
    assert done == [("fsync", "file"), ("fsync", "folder")]
    journal.add(ROWS)
    done.clear()
    journal.finish("csv")
    journal.close()
    done = [step for step in done if step != ("unlink", FILE)]  # what an earlier program may have left beside it
    marked = [("fsync", "file")]
    assert done == [*marked, ("fsync", "file"), ("replace", FILE), ("fsync", "folder"), ("unlink", JOURNAL)]


def test_on_a_full_disk_nothing_that_was_told_is_lost():
    journal = opened()
    journal.add(part(0, 10))
    with room(os.path.getsize(JOURNAL) + 100), pytest.raises(OSError, match="File too large"):
        journal.add(ROWS)
    assert journal.rows().cell.tolist() == list(range(10))
    with pytest.raises(OSError, match="could not be written before"):
        journal.add(ROWS)
    journal.close()
    journal = opened(resume=True)
    assert bits(journal.rows()) == bits(part(0, 10))
    journal.add(ROWS)
    for style in SWEEP_FORMATS:
        if SWEEP_FORMATS[style].missing:
            continue
        with room(1000), pytest.raises(OSError, match=r"File too large|cannot be written"):
            journal.finish(style)
        journal.close()
        assert os.listdir() == [JOURNAL]
        journal = opened(resume=True)
    journal.finish("csv")
    journal.close()
    assert read(FILE) == undisturbed()
    with room(100), pytest.raises(OSError, match="File too large"):
        Journal("new.csv", HEAD)
    assert os.listdir() == [FILE]


def test_processors_that_computed_some_of_it_are_told_once():
    journal = opened()
    journal.computed_by("a cluster's")
    journal.computed_by(HEAD.processors[0])
    journal.add(part(0, 5))
    journal.computed_by("another one")
    journal.close()
    journal = opened(resume=True)
    journal.computed_by("another one")
    assert journal.head.processors == (*HEAD.processors, "a cluster's", "another one")
    assert len(read(JOURNAL).splitlines()) == 4
    journal.close()


def test_another_processor_is_told_behind_what_a_death_has_cut():
    journal = opened()
    journal.add(part(0, 5))
    journal.close()
    with open(JOURNAL, "ab") as stream:
        stream.write(b'{"cell": [1')
    journal = Journal(FILE, replace(HEAD, processors=("another one",)), resume=True)
    journal.add(ROWS)
    journal.close()
    journal = opened(resume=True)
    assert journal.head.processors == (*HEAD.processors, "another one")
    assert bits(journal.rows()) == bits(ROWS)
    journal.close()


def many():
    """A sweep of more cells than a program adds one by one before it is killed."""
    head = Head.of(Space(HEAD.space.base, {"seed": range(30_000)}))
    return head, made_up_rows(head.chosen)


def test_killed_at_any_time_it_has_all_rows_that_were_told():
    script = (
        "import numpy; from test_journal import *; head, rows = many(); journal = Journal(FILE, head, resume=True)\n"
        "for cell in journal.left.tolist():\n"
        "    journal.add(rows.part(numpy.array([cell]))); print(cell, flush=True)\n"
    )
    path = os.pathsep.join([os.path.dirname(__file__), *filter(None, sys.path)])
    told = []
    for _ in range(3):
        program = subprocess.Popen(
            [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path}
        )
        assert program.stdout is not None
        told += [int(program.stdout.readline()) for _ in range(20)]
        program.kill()
        told += [int(line) for line in program.stdout.read().split("\n")[:-1]]
        program.wait(20)
        program.stdout.close()
    assert len(told) == len(set(told)) >= 60
    head, rows = many()
    journal = Journal(FILE, head, resume=True)
    assert {*told} <= {*journal.rows().cell.tolist()}
    journal.add(rows)
    journal.finish("csv")
    journal.close()
    assert read(FILE) == undisturbed(head, rows)
