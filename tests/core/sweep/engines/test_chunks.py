"""Chunks of a sweep: how they grow, shrink towards the end, and go again when they were lost."""

import pytest

from quadfit_tui.core.sweep.engines.chunks import GROWTH, SECONDS, Chunks
from quadfit_tui.core.sweep.rows import Rows


def sizes(count, cost, workers=1):
    """How many cells each chunk has, where the cell n takes cost(n) seconds."""
    chunks, found = Chunks(range(count)), []
    while chunks:
        chunk = chunks.take(workers)
        found.append(len(chunk.cells))
        chunks.done(chunk, sum(map(cost, chunk.cells.tolist())))
    assert sum(found) == count
    return found


def test_chunks_grow_until_they_take_long_enough():
    assert sizes(5000, lambda _: 0.001)[:5] == [1, 8, 64, 500, 500]
    assert sizes(20, lambda _: 2.0) == [1] * 20
    assert sizes(1000, lambda _: 0.0) == [1, 8, 64, 512, 415]


def test_chunks_shrink_where_cells_take_longer():
    found = sizes(20000, lambda cell: 0.001 if cell < 5000 else 0.1)
    assert max(found) == 500
    assert found[-1] == 5
    assert sorted(found)[len(found) // 2] == 5


def test_all_workers_have_something_to_do_at_the_end():
    found = sizes(2000, lambda _: 0.001, workers=4)
    assert found[:4] == [1, 8, 64, 482]
    assert min(found[4:-1]) >= 200  # a fifth of a second


def test_an_old_small_chunk_makes_later_ones_no_smaller():
    chunks = Chunks(range(10_000))
    old, first = chunks.take(1), chunks.take(1)
    chunks.done(first, 0.001)
    for _ in range(3):
        chunk = chunks.take(1)
        chunks.done(chunk, 0.001 * len(chunk.cells))
    chunks.done(old, 0.4)
    assert len(chunks.take(1).cells) == 500
    assert chunks.seconds_left == pytest.approx(0.001 * (10_000 - 2 - 8 - 64 - 500 - 500))


def test_what_is_lost_goes_again_then_in_parts_and_then_fails():
    chunks, why = Chunks(range(100)), ValueError("one\ntwo")
    chunks.done(chunks.take(1), SECONDS / GROWTH / 2)
    chunk = chunks.take(1)
    assert chunk.cells.tolist() == list(range(1, 9))
    assert list(chunks.lost(chunk, why)) == []
    assert chunks.take(1) is chunk
    assert list(chunks.lost(chunk, why)) == []
    parts = [chunks.take(1) for _ in range(8)]
    assert [part.cells.tolist() for part in parts] == [[cell] for cell in range(1, 9)]
    assert list(chunks.lost(parts[3], why)) == []
    assert chunks.take(1) is parts[3]
    (rows,) = chunks.lost(parts[3], why)
    assert rows.errors == {4: "lost 3 times, at last by ValueError: one two"}
    assert isinstance(rows, Rows)
    assert len(chunks.take(1).cells) > 1


def test_a_cell_alone_is_tried_three_times():
    chunks = Chunks([5])
    for _ in range(2):
        assert list(chunks.lost(chunks.take(1), KeyError())) == []
    (rows,) = chunks.lost(chunks.take(1), KeyError())
    assert rows.errors == {5: "lost 3 times, at last by KeyError"}
    assert not chunks
    with pytest.raises(IndexError):
        chunks.take(1)
