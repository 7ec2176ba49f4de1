"""Losses and gradients of many runs at once are those of each, to the last bit."""

import numpy as np
import pytest
from tables import table

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.many_runs import measures
from quadfit_tui.core.methods.gradients import CONVENTIONS
from quadfit_tui.core.model import parabola
from quadfit_tui.core.model.problem import make_dataset

SIZES = [(runs, samples) for runs in (1, 2, 3, 17, 64) for samples in (1, 2, 7, 8, 9, 130, 1000, 8192, 8193)]


def made_up(runs, samples):
    rng = np.random.default_rng([runs, samples])
    w = rng.normal(size=(3, runs)) * 10.0 ** rng.integers(-3, 4, (3, runs))
    w[:, 1::5] *= 1e160  # the squares of which are too large
    w[1, 3::5] = 0.0
    return w, rng.normal(size=samples) * 3, rng.normal(size=samples)


def exact(numbers):
    return [float(number).hex() for number in np.ravel(numbers)]


@table(("runs", "samples"), SIZES)
@table("convention", CONVENTIONS)
def test_a_batch(runs, samples, convention):
    w, x, y = made_up(runs, samples)
    with np.errstate(all="ignore"):
        loss, gradient = parabola.batch_gradients(w, x, y, CONVENTIONS[convention])
        each = [parabola.batch_gradient(*column, x, y, CONVENTIONS[convention]) for column in w.T.tolist()]
    assert exact(loss) == exact([loss for loss, *_ in each])
    assert exact(gradient.T) == exact([by for _, *by in each])


@table(("runs", "samples"), SIZES)
def test_pieces_fit_the_cache(runs, samples):
    chosen = [np.arange(runs)[some] for some in measures.pieces(runs, samples)]
    assert np.concatenate(chosen).tolist() == [*range(runs)]
    assert all(len(some) == 1 or len(some) * samples <= measures.AT_ONCE for some in chosen)


@table(("runs", "samples"), SIZES)
def test_a_batch_of_each(runs, samples):
    w, x, y = made_up(runs, samples)
    x, y = (values * np.linspace(0.5, 2, runs)[:, np.newaxis] for values in (x, y))
    with np.errstate(all="ignore"):
        loss, gradient = parabola.batch_gradients(w, x, y, 1.0)
        each = [parabola.batch_gradient(*column, *of, 1.0) for column, *of in zip(w.T.tolist(), x, y, strict=True)]
    assert exact(loss) == exact([loss for loss, *_ in each])
    assert exact(gradient.T) == exact([by for _, *by in each])


@table("runs", [1, 5])
@table("convention", CONVENTIONS)
def test_a_sample(runs, convention):
    w, x, y = made_up(runs, 1)
    with np.errstate(all="ignore"):
        loss, *by_w = parabola.sample_gradient(*w, float(x[0]), float(y[0]), CONVENTIONS[convention])
    factor = CONVENTIONS[convention]
    for (a, b, c), found, of_loss in zip(w.T.tolist(), np.array(by_w).T, loss, strict=True):
        error = (a * float(x[0]) + b) * float(x[0]) + c - float(y[0])
        assert exact([of_loss]) == exact([error * error])
        by_c = factor * error
        assert exact(found) == exact([by_c * float(x[0]) * float(x[0]), by_c * float(x[0]), by_c])


@pytest.mark.parametrize("samples", [1, 9, 8192, 8193])
def test_mean_losses(samples):
    problem = make_dataset(RunConfig(samples=samples, noise=0.5))
    w = np.concatenate([made_up(6, samples)[0], problem.optimum[:, np.newaxis]], axis=1)
    with np.errstate(all="ignore"):
        found = measures.mean_losses(w, [problem])
    assert exact(found) == exact([problem.mean_loss(column) for column in w.T])
    problems = [make_dataset(RunConfig(samples=samples, noise=noise)) for noise in range(w.shape[1])]
    with np.errstate(all="ignore"):
        found = measures.mean_losses(w, problems)
    assert exact(found) == exact([each.mean_loss(column) for each, column in zip(problems, w.T, strict=True)])
