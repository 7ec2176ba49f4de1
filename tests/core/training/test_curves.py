"""Curves against the whole course of made-up runs: what is thinned out must not be missed."""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from trials import trials

from quadfit_tui.core.training import curves as histories
from quadfit_tui.core.training.curves import COLUMNS, CurveHistory


def mean_losses(w):
    """Any function of w does: what comes of it has spikes of its own."""
    return np.abs(w).sum(axis=1)


def course(epochs, seed):
    """A made-up run: w after 0, 1, 2 ... epochs, and the loss of each epoch; some values many times over."""
    generator = np.random.default_rng(seed)
    w = generator.standard_normal((epochs + 1, 3)).cumsum(axis=0)
    w[:, 1] = np.round(w[:, 1])
    loss = np.exp(-np.arange(epochs) / max(1, epochs / 5)) + generator.exponential(size=epochs) ** 4
    w[generator.random(epochs + 1) < 0.02, 2] = 50
    return w, loss


def told(w, loss, sizes):
    """A History that was told of the run in parts of these sizes, over and over."""
    history = CurveHistory(w[0], mean_losses)
    done = turn = 0
    while done < len(loss):
        size = min(sizes[turn % len(sizes)], len(loss) - done)
        history.add(done, loss[done : done + size], w[done + 1 : done + 1 + size])
        done, turn = done + size, turn + 1
    return history


def spikes(column, reach):
    """Where a value is higher than all others of so many on either side."""
    column, found = np.nan_to_num(column, nan=-math.inf), set()
    for low in range(0, len(column), reach):
        at = low + int(column[low : low + reach].argmax())
        near = column[max(0, at - reach) : at + reach + 1]
        if (near == column[at]).sum() == 1 and near.max() == column[at]:
            found.add(at)
    return found


def check(history, w, loss, reach):
    """The curves of a run; `reach`: of so many epochs on either side, a lowest or highest one is to be kept."""
    curves = history.curves()
    epochs, values = curves.epochs.tolist(), curves.values
    assert tuple(values) == COLUMNS == ("mean_loss", "loss", "a", "b", "c")
    assert epochs == sorted(set(epochs))
    assert (epochs[0], epochs[-1]) == (0, len(loss))
    whole = {"mean_loss": mean_losses(w), "loss": np.concatenate([[np.nan], loss])}
    whole |= dict(zip("abc", w.T, strict=True))
    kept = set(epochs)
    for name, column in whole.items():
        assert np.array_equal(values[name], column[epochs], equal_nan=True)
        for sign in (1, -1):
            assert spikes(sign * column, reach) <= kept
        assert np.nanmin(values[name]) == np.nanmin(column) if loss.size else True
        assert np.nanmax(values[name]) == np.nanmax(column) if loss.size else True
    return curves


sizes = st.lists(st.sampled_from([1, 1, 2, 3, 7, 16, 50]), min_size=1, max_size=4)
limits = st.sampled_from([(16, 4, 4), (8, 5, 4), (4, 2, 2), (32, 3, 4), (8, 3, 8), (2, 6, 2), (16, 32, 4), (4, 15, 4)])


@trials(60)
@given(st.integers(0, 2000), limits, sizes, st.integers(0, 10**6))
@example(333, (4, 3, 4), [1], 0)
@example(785, (16, 32, 4), [50, 2, 3], 33)
@example(808, (16, 32, 4), [1, 2, 7], 62)
@example(1834, (16, 32, 4), [2, 1, 7], 445)
def test_extremes_survive_thinning(epochs, small, parts, seed):
    pending, stretches, width = small
    w, loss = course(epochs, seed)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in zip(("PENDING", "STRETCHES", "FIRST_WIDTH"), small, strict=True):
            patch.setattr(histories, name, value)
        # Stretches are made twice as long once there are too many: they are no longer than what half of them share.
        curves = check(told(w, loss, parts), w, loss, reach=2 * width + 4 * epochs // stretches)
    columns = 10  # five of them, lowest and highest
    assert len(curves.epochs) <= columns * (stretches + 1) + pending + 2


@pytest.mark.parametrize("part", [1000, 4096])
def test_point_count_is_bounded(part):
    w, loss = course(40_000, 1)
    history = CurveHistory(w[0], mean_losses)
    for low in range(0, 40_000, part):
        history.add(low, loss[low : low + part], w[low + 1 : low + 1 + part])
        assert len(history.curves().epochs) <= 10 * 257 + 4096 + 2
    check(history, w, loss, reach=2000)


def test_so_far_nothing_is_thinned_out():
    w, loss = course(4095, 2)
    history = CurveHistory(w[0], mean_losses)
    for epoch in range(4095):
        history.add(epoch, loss[epoch : epoch + 1], w[epoch + 1 : epoch + 2])
    assert history.curves().epochs.tolist() == list(range(4096))
    check(history, w, loss, reach=1)


def test_only_the_start_before_first_epoch():
    curves = CurveHistory(np.array([1.0, -2.0, 3.0]), mean_losses).curves()
    assert curves.epochs.tolist() == [0]
    assert {name: values.tolist() for name, values in curves.values.items() if name != "loss"} == {
        "mean_loss": [6.0],
        "a": [1.0],
        "b": [-2.0],
        "c": [3.0],
    }
    assert math.isnan(curves.values["loss"][0])


def test_what_is_added_may_be_changed_afterwards():
    history = CurveHistory(np.zeros(3), mean_losses)
    w, loss = np.ones((2, 3)), np.array([5.0, 4.0])
    history.add(0, loss, w)
    w[:], loss[:] = 7, 7
    curves = history.curves()
    assert curves.values["loss"][1:].tolist() == [5, 4]
    assert curves.values["a"].tolist() == [0, 1, 1]


def test_numbers_of_any_size_are_kept():
    # A diverging run: from 1 to 1e100 and its squares, in few epochs.
    w = np.cumprod(np.full((5000, 3), -1.05), axis=0)
    loss = np.abs(w[1:, 0]) ** 2
    history = told(w, loss, [1024])
    curves = check(history, w, loss, reach=64)
    assert curves.values["a"][-1] == w[-1, 0]


@pytest.mark.parametrize("part", [7, 1024])
def test_mean_loss_computed_once_per_epoch(part):
    w, loss = course(9000, 4)
    judged = []
    history = CurveHistory(w[0], lambda rows: (judged.append(len(rows)), mean_losses(rows))[1])
    for low in range(0, 9000, part):
        history.add(low, loss[low : low + part], w[low + 1 : low + 1 + part])
        if low // part % 10 == 0:
            assert history.curves() is history.curves()
    check(history, w, loss, reach=200)
    assert sum(judged) == 9001


def test_curves_are_cached_until_next_add():
    w, loss = course(12, 5)
    history = told(w[:11], loss[:10], [3])
    curves = history.curves()
    assert history.curves() is curves
    with pytest.raises(ValueError, match="read-only"):
        curves.values["a"][0] = 7
    history.add(10, loss[10:], w[11:])
    assert history.curves() is not curves
    assert curves.epochs[-1] == 10
    check(history, w, loss, reach=1)
