"""The path of an epoch against the article's loop in plain Python; test_timeline.py has it to the last bit."""

import numpy as np
import pytest
from tables import table

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.session.playback import Unit
from quadfit_tui.core.session.session import RunSession

ARTICLE = PRESETS["article"]


def session_at(config, epoch, update=0):
    session = RunSession(config, speed=None)
    go(session, epoch, update)
    return session


def go(session, epoch, update=0):
    session.seek(epoch, update)
    while session.is_busy:
        session.advance(1.0)


def plain_path(plain, config, w, epoch):
    """w before and after each update of an epoch that begins with w, its samples in order."""
    points = [list(w)]
    for xs, ys in plain.batches(config, *plain.samples(config), None):
        points.append(plain.update(points[-1], xs, ys, plain.rate(config, epoch), config.gradient)[2])
    return np.array(points)


@pytest.mark.parametrize("config", [ARTICLE, ARTICLE.replace(batch=16), ARTICLE.replace(batch="full", gradient="full")])
@pytest.mark.parametrize("epoch", [0, 1, 12])
def test_it_goes_where_plain_training_goes(plain, config, epoch):
    session = session_at(config, epoch)
    whole = plain_path(plain, config, session.snapshot().w.tolist(), epoch)
    updates = len(whole) - 1
    apart = 4 if updates == 800 else 1
    for update in sorted({1, updates // 3, updates - 1, updates} - {0}):
        go(session, epoch, update)
        found, steps = session.timeline.epoch_path(most=updates), whole[: update + 1]
        scale = np.abs(whole).max()
        assert found == pytest.approx(steps, abs=1e-9 * scale)
        assert np.array_equal(found[-1], session.snapshot().w)
    assert session.timeline.epoch_path() == pytest.approx(whole[::apart], abs=1e-9 * scale)


def test_path_is_empty_at_start():
    session = session_at(ARTICLE, 0)
    assert session.timeline.epoch_path().shape == (0, 3)
    go(session, 0, 1)
    assert session.timeline.epoch_path().shape == (2, 3)
    session.restart()
    assert session.timeline.epoch_path().shape == (0, 3)


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"samples": 20_000}, True),
        ({"samples": 20_001}, False),
        ({"samples": 5120, "optimizer": "adam"}, True),
        ({"samples": 5121, "optimizer": "adam"}, False),
        ({"samples": 5120, "batch": 16}, True),
        ({"samples": 5136, "batch": 16}, False),
        ({"samples": 200_001, "batch": 100_000}, False),
        ({"samples": 200_001, "batch": "full"}, True),
    ],
)
def test_long_epochs_have_no_path(changes, shown):
    session = session_at(RunConfig(**changes), 0, 1)
    assert session.timeline.epoch_path().shape == ((2, 3) if shown else (0, 3))


@table("most", [1, 2, 3, 100, 255, 256, 257, 799, 800, 5000])
def test_path_is_evenly_thinned(most):
    session = session_at(ARTICLE, 0)
    whole = {w.tobytes(): at for at, w in enumerate(session_at(ARTICLE, 0, 799).timeline.epoch_path(5000))}
    for update in [*range(1, 40), 255, 256, 257, 511, 512, 513, 799]:
        go(session, 0, update)
        points = session.timeline.epoch_path(most)
        assert min(update, most) / 2 < len(points) <= most + 1
        updates = [whole[w.tobytes()] for w in points]
        assert (updates[0], updates[-1]) == (0, update)
        assert len(set(np.diff(updates[:-1]))) <= 1
        assert updates[-1] - updates[-2] <= (updates[1] or 1)


def test_next_updates_extend_the_path(monkeypatch):
    session = session_at(ARTICLE, 3, 1)
    session.timeline.epoch_path()
    walker, done = session.timeline._epoch_path._trainer, []
    trace = walker.advance_tracing

    def traced(stops):
        done.append(stops[-1] - walker.update)
        return trace(stops)

    monkeypatch.setattr(walker, "advance_tracing", traced)
    for _ in range(300):
        session.step(Unit.UPDATE)
        session.advance(1.0)
        session.timeline.epoch_path()
    assert 290 < sum(done) <= 300
    session.timeline.epoch_path()
    assert sum(done) <= 300
