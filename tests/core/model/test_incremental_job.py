"""Work that is done piece by piece."""

import pytest

from quadfit_tui.core.model.incremental_job import IncrementalJob, map_progress, run_job


def count(to, closed=None):
    try:
        for number in range(to):
            yield number / to
    finally:
        if closed is not None:
            closed.append(True)
    return to


def refuse():
    yield 0.5
    raise ValueError("refused")


def test_done_returns_result_or_raises():
    assert run_job(count(3)) == 3
    with pytest.raises(ValueError, match="refused"):
        run_job(refuse())


def test_mapped_pieces_precede_the_result():
    shown = []
    assert run_job(map_progress(count(3), lambda share: shown.append(f"{share:.2f}"))) == 3
    assert shown == ["0.00", "0.33", "0.67"]
    assert [*map_progress(count(2), str)] == ["0.0", "0.5"]
    with pytest.raises(ValueError, match="refused"):
        run_job(map_progress(refuse(), str))


def test_advance_stops_at_time_or_count():
    work = IncrementalJob(count(4))
    work.advance(0)
    assert (work.percent, work.is_busy, work.result) == (0, True, None)
    work.advance(60, 2)
    assert (work.percent, work.is_busy) == (50, True)
    work.advance(60)
    assert (work.is_busy, work.result) == (False, 4)
    work.advance(60)
    assert work.result == 4


def test_cancelled_and_failed_work_ends():
    closed = []
    work = IncrementalJob(count(4, closed))
    work.advance(0)
    work.cancel()
    assert (closed, work.is_busy, work.result) == ([True], False, None)
    work = IncrementalJob(refuse())
    with pytest.raises(ValueError, match="refused"):
        work.advance(60)
    assert (work.is_busy, work.result) == (False, None)
