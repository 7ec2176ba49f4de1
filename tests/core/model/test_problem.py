"""The mean loss of very many samples against a pass over all of them in longer numbers, and the curves' mean losses."""

import math

import numpy as np
import pytest
from tables import table

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.model import parabola
from quadfit_tui.core.model.parabola import QuadraticLoss
from quadfit_tui.core.model.problem import MOST_DRAWN_SAMPLES, SUMS_FROM, Dataset, make_dataset
from quadfit_tui.core.model.task import make_task

EPS = float(np.finfo(np.float64).eps)


def direct(problem, w):
    """The mean loss, and how far a pass over the samples in doubles may be from it."""
    a, b, c = np.asarray(w, dtype=np.longdouble)
    x, y = problem.x.astype(np.longdouble), problem.y.astype(np.longdouble)
    r = (a * x + b) * x + c - y
    reach = float(abs(x).max())
    rounding = 16 * EPS * (float(abs(y).max()) + abs(np.asarray(w)) @ [reach**2, reach, 1])
    loss = float((r * r).mean())
    return loss, 1e-12 * loss + 2 * rounding * math.sqrt(loss) + rounding**2


SAMPLES = [10, SUMS_FROM - 1, SUMS_FROM, SUMS_FROM + 1, 20_000]
WHERE = [(-1, 1), (-50, 50), (100, 101), (0, 1e-3), (1e6 - 1, 1e6), (-1e6, 1e6), (-1e12, 1e12)]


@pytest.mark.parametrize("samples", SAMPLES)
@pytest.mark.parametrize("noise", [0, 0.5])
def test_mean_loss_matches_sample_pass(samples, noise):
    for ends in WHERE:
        problem = make_dataset(RunConfig(samples=samples, x_min=ends[0], x_max=ends[1], noise=noise))
        truth = np.array([2.0, -4.0, 3.0])
        for w in (
            truth,
            truth * (1 + 1e-15),
            truth * (1 + 1e-8),
            truth + 1,
            np.array([-11 / 6, -395 / 3, -2400]),
            1e9 * truth,
        ):
            expected, off = direct(problem, w)
            assert abs(problem.mean_loss(w) - expected) <= off
        if not noise:
            assert problem.mean_loss(truth) == 0


@table("samples", [51, 10_000])
@table("ends", [*WHERE, (2000, 2020), (999_999.9, 1e6), (1e12 - 1, 1e12), (5, 5)])
def test_mean_loss_without_known_truth(samples, ends):
    x = np.linspace(*ends, samples)
    problem = Dataset(x, np.random.default_rng(3).standard_normal(samples), None)
    for w in (np.zeros(3), np.array([0.0, 0.0, 1.0]), np.array([1e-13, 0.0, 0.0]), np.array([2.0, -4.0, 3.0])):
        expected, off = direct(problem, w)
        assert abs(problem.mean_loss(w) - expected) <= off


@table("samples", SAMPLES)
def test_mean_loss_is_nonnegative_without_warnings(samples):
    problem = make_dataset(RunConfig(samples=samples, x_max=50))
    for w in (np.zeros(3), np.full(3, 1e-300), np.full(3, 1e100)):
        assert 0 <= problem.mean_loss(w) < math.inf
    for w in (np.full(3, 1e155), np.full(3, 1e308), np.array([1e308, -1e308, 0])):
        assert not math.isfinite(problem.mean_loss(w))


def test_mean_losses_are_clamped_at_zero():
    for samples in (3, SUMS_FROM + 1):
        problem = make_dataset(RunConfig(samples=samples))
        form = problem.quadratic_loss
        vars(problem)["quadratic_loss"] = form._replace(least=-1e-46)  # as a sum of what cancels may come to
        assert problem.mean_losses(form.p[np.newaxis]).tolist() == [0]
        assert problem.mean_loss(form.p) == 0


@pytest.mark.parametrize("samples", [3, 800, 10_000])
@pytest.mark.parametrize("noise", [0, 0.5])
def test_mean_losses_match_mean_loss(samples, noise):
    problem = make_dataset(RunConfig(samples=samples, noise=noise))
    start, truth = np.array([-11 / 6, -395 / 3, -2400]), np.array([2.0, -4.0, 3.0])
    w = truth + (start - truth) * np.logspace(0, -12, 30)[:, np.newaxis]
    found = problem.mean_losses(w)
    for value, row in zip(found.tolist(), w, strict=True):
        assert value >= 0
        assert abs(value - problem.mean_loss(row)) <= 2 * direct(problem, row)[1]
    assert problem.mean_losses(w[:0]).tolist() == []
    assert (problem.mean_losses(truth[np.newaxis]) == 0).all() or noise


@pytest.mark.parametrize("samples", [3, 800, 10_000, 300_000, MOST_DRAWN_SAMPLES + 1])
def test_drawn_losses_limit_sample_passes(samples, monkeypatch):
    x = np.linspace(-1, 1, samples)
    problem = Dataset(x, np.sin(x), None)
    w = np.random.default_rng(1).standard_normal((4096, 3))
    sums = problem.mean_losses(w)
    doubt = np.arange(4096.0)[::-1]
    monkeypatch.setattr(QuadraticLoss, "losses", lambda *_: (sums, doubt * sums))
    monkeypatch.setattr(QuadraticLoss, "sums_are_exact_enough", lambda *_: np.arange(4096) % 4 == 0)
    passed = []
    monkeypatch.setattr(parabola, "losses", lambda rows, *_: (passed.append(rows), -np.ones(len(rows)))[1])
    found = problem.drawn_losses(w)
    (rows,) = passed
    assert len(rows) == min(3072, max(1, MOST_DRAWN_SAMPLES // samples))
    in_doubt = [at for at in range(4096) if at % 4][: len(rows)]
    assert np.flatnonzero(found < 0).tolist() == in_doubt
    assert np.array_equal(np.sort(rows, axis=0), np.sort(w[in_doubt], axis=0))


def test_drawn_losses_of_huge_w_overflow():
    problem = make_dataset(RunConfig(samples=700))
    w = np.ones((2000, 3)) * np.linspace(1, 2, 2000)[:, np.newaxis]
    w[1000:] *= 1e200
    found = problem.drawn_losses(w)
    assert np.isfinite(found[:1000]).all()
    assert not np.isfinite(found[1000:]).any()


@pytest.mark.parametrize("scales", [False, True])
def test_piecewise_sums_equal_one_pass(scales):
    config = RunConfig(samples=20_000, noise=1.0, x_min=999.0, x_max=1000.0, batch="full", scale_features=scales)
    once, piecewise = make_task(config), make_task(config)
    assert len([*piecewise.precompute()]) > 3
    assert {"optimum", "scale", "quadratic_loss"} <= vars(piecewise.problem).keys()
    assert "quadratic_loss" in vars(piecewise.trained)
    assert piecewise.problem.optimum.tolist() == once.problem.optimum.tolist()
    assert piecewise.problem.condition == once.problem.condition


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("y", "expected"), [([3.0, -4.0], 12.5), ([1e37, -1e37], 1e74)])
def test_loss_of_zero_is_mean_square_of_y(y, expected):
    assert Dataset(np.arange(float(len(y))), np.array(y), None).loss_of_zero == pytest.approx(expected)
