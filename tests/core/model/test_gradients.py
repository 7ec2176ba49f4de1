"""The ways to the gradient that parabola.py lists: each against exact arithmetic, and all of them in the list."""

import re
from fractions import Fraction
from inspect import getsource

import numpy as np
from tables import table

from quadfit_tui.core.methods.gradients import CONVENTIONS
from quadfit_tui.core.model import parabola

RUNS, SAMPLES = 5, 7


def made_up():
    """w of several runs, shape (3, R), and the samples x and y of each, shape (R, n)."""
    rng = np.random.default_rng(7)
    return rng.normal(size=(3, RUNS)), rng.normal(size=(RUNS, SAMPLES)), rng.normal(size=(RUNS, SAMPLES))


def exact(w, x, y, factor):
    """The loss and the gradient of a batch, rounded once."""
    a, b, c = map(Fraction, w)
    pairs = [(Fraction(xi), Fraction(yi)) for xi, yi in zip(x, y, strict=True)]
    errors = [a * xi**2 + b * xi + c - yi for xi, yi in pairs]
    sums = [sum(e * xi**power for e, (xi, _) in zip(errors, pairs, strict=True)) for power in (2, 1, 0)]
    loss = sum(e * e for e in errors) / len(pairs)
    return [float(loss), *(float(factor * each / len(pairs)) for each in sums)]


def by_descend(w, x, y, factor):
    """One update of each run."""
    found = []
    for column, xs, ys in zip(w.T, x, y, strict=True):
        loss, gradient, after = parabola.descend(column, xs[:1], ys[:1], 0.125, factor, passed := [])
        assert [*passed[0]] == after.tolist() == (column - 0.125 * gradient).tolist()
        found.append([loss, *gradient])
    return found


def by_sample_of_one_run(w, x, y, factor):
    return [
        parabola.sample_gradient(*column.tolist(), float(xs[0]), float(ys[0]), factor)
        for column, xs, ys in zip(w.T, x, y, strict=True)
    ]


def by_sample_of_all_runs(w, x, y, factor):
    return np.array(parabola.sample_gradient(*w, x[:, 0], y[:, 0], factor)).T


def by_sample_step(w, x, y, factor):
    """A rate of 1 takes the gradient off; the columns are counted from (1, 1, 1), whose residuals are beside them."""
    steps, apart = np.empty(RUNS), w - 1
    parabola.compute_sample_step(apart, x[:, 0], x[:, 0] ** 2 + x[:, 0] + 1 - y[:, 0], np.full(RUNS, factor), steps)
    error, after = steps / factor, apart.copy()
    parabola.subtract_step(after, steps, x[:, 0])
    return np.array([error * error, *(apart - after)]).T


def by_batch(w, x, y, factor):
    return [parabola.batch_gradient(*column.tolist(), xs, ys, factor) for column, xs, ys in zip(w.T, x, y, strict=True)]


def by_batches(w, x, y, factor):
    loss, gradient = parabola.batch_gradients(w, x, y, factor)
    assert loss.tolist() == parabola.losses_of_runs(w, x, y).tolist()
    return np.array([loss, *gradient]).T


def by_rows(w, x, y, factor):
    loss, gradient = parabola.row_gradients(w.T[np.newaxis], x, y, factor)
    return np.concatenate([loss[..., np.newaxis], gradient], axis=-1)[0]


def by_form(w, x, y, factor):
    forms = [parabola.quadratic_loss_of(xs, ys) for xs, ys in zip(x, y, strict=True)]
    rows = w.T[:, np.newaxis]
    losses = [float(form.losses(row)[0][0]) for form, row in zip(forms, rows, strict=True)]
    gradients = [factor * form.gradients(row)[0] for form, row in zip(forms, rows, strict=True)]
    return [[loss, *gradient] for loss, gradient in zip(losses, gradients, strict=True)]


OF_A_SAMPLE = [by_descend, by_sample_of_one_run, by_sample_of_all_runs, by_sample_step]
OF_A_BATCH = [by_batch, by_batches, by_rows, by_form]


@table("way", [*OF_A_SAMPLE, *OF_A_BATCH])
@table("factor", [*CONVENTIONS.values()])
def test_every_way_is_that_of_exact_arithmetic(way, factor):
    w, x, y = made_up()
    size = 1 if way in OF_A_SAMPLE else SAMPLES
    expected = [exact(*each, factor) for each in zip(w.T, x[:, :size], y[:, :size], strict=True)]
    np.testing.assert_allclose(way(w, x, y, factor), expected, rtol=1e-12, atol=1e-13)


@table("factor", [*CONVENTIONS.values()])
def test_integer_row_gradients_are_exact(factor):
    rng = np.random.default_rng(3)
    w, x, y = (rng.integers(-9, 10, shape).astype(float) for shape in ((3, RUNS), (RUNS, SAMPLES), (RUNS, SAMPLES)))
    assert by_rows(w, x, y, factor).tolist() == [exact(*each, factor) for each in zip(w.T, x, y, strict=True)]


def test_every_listed_way_is_tested():
    listed = re.findall(r"^    ([\w.]+) {2,}", parabola.__doc__, re.MULTILINE)
    tested = "".join(map(getsource, [*OF_A_SAMPLE, *OF_A_BATCH]))
    assert [name for name in listed if f".{name.rpartition('.')[2]}(" not in tested] == []
    functions = [name for name, each in vars(parabola).items() if "factor" in getattr(each, "__annotations__", {})]
    assert {*functions} == {*listed} - {"QuadraticLoss.gradients", "sample_step"}
