"""The view *loss*: its ChartSpec against losses worked out one sample at a time."""

import pytest

from quadfit_tui.core.presets import PRESETS
from quadfit_tui.core.session import Session
from quadfit_tui.ui.chartspec import Role
from quadfit_tui.ui.scene import scene_of
from quadfit_tui.ui.views import VIEWS


def at_epoch(config, *epochs):
    session = Session(config, speed=None)
    for epoch in epochs:
        session.seek(epoch)
        while session.is_busy:
            session.advance(1)
    return session


def draw(session, window="all"):
    return VIEWS["loss"].draw(scene_of(session), {"window": window})


def series(spec, label):
    (found,) = [series for series in spec.series if series.label.startswith(label)]
    return found


def rate(epoch):
    return 0.5 / 2 ** ((epoch + 1) // 10)


def by_hand(epochs):
    """The article's run as its formulas say, in plain Python: mean loss after each epoch, loss of its last update."""
    samples = [(i / 400 - 1, 2 * (i / 400 - 1) ** 2 - 4 * (i / 400 - 1) + 3) for i in range(800)]
    a, b, c = -11 / 6, -395 / 3, -2400.0
    means, losses = [], []
    for epoch in range(epochs + 1):
        means.append(sum((a * x * x + b * x + c - y) ** 2 for x, y in samples) / 800)
        for x, y in samples:
            residual = a * x * x + b * x + c - y
            lr = rate(epoch)
            a, b, c = a - lr * residual * x * x, b - lr * residual * x, c - lr * residual
        losses.append(residual**2)
    return means, losses[:-1]


def test_the_curves_are_the_losses_after_each_epoch_and_before_its_last_update():
    spec = draw(at_epoch(PRESETS["article"], 12))
    means, losses = by_hand(12)
    assert series(spec, "mean loss").x.tolist() == list(range(13))
    assert series(spec, "mean loss").y == pytest.approx(means, rel=1e-6)
    batch = series(spec, "batch loss")
    assert batch.x == pytest.approx([epoch + 799 / 800 for epoch in range(12)])
    assert batch.y == pytest.approx(losses, rel=1e-6)


def test_the_rate_changes_where_the_schedule_says():
    rates = series(draw(at_epoch(PRESETS["article-minibatch"], 45)), "lr ")
    assert rates.x.tolist() == [9, 19, 29, 39]
    assert rates.label == "lr 0.5 → 0.03125"


def test_the_visited_moment_is_marked_on_the_curve():
    (here,) = [each for each in draw(at_epoch(PRESETS["article"], 12, 5)).series if each.role is Role.HERE]
    assert here.x.tolist() == [5]
    assert here.y.tolist() == pytest.approx([by_hand(5)[0][5]], rel=1e-6)
