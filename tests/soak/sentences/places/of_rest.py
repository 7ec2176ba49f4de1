"""Where w comes to rest, as the page tells it."""

from decimal import Decimal

import numpy as np
from soak.sentences.facts import (
    expect_best,
    expect_end,
    expect_rate,
    expect_rests,
    expect_settles,
    pace,
    rate_now,
    rested,
    settled,
)
from soak.sentences.rules import Table
from soak.sentences.told import Unjudged, expect, expect_near

from quadfit_tui.core.training.status import Status

SETTLES = Table("page: where it settles")
PLACE = (
    "{where:at the optimum|near the optimum, at a mean loss of|far from the optimum, at a mean loss of|"
    "at a mean loss of}{told:[^;]*}"
)


def _expect_place(moment, where, told, w, loss, expect_loss):
    """That a place is where it is told to be: w as trained, its mean loss."""
    truth, exact, best = moment.truth, moment.exact, moment.truth.least
    if where == "at the optimum":
        expect(told == "", f"more follows: {told}")
        room = best * (1 + Decimal("1e-5")) + Decimal(truth.slack_of_best() + truth.slack(w))
        expect(Decimal(loss) <= room, f"the mean loss is {loss:.6g}, at the optimum {best:.6g}")
        return
    expect_loss(told.strip())
    moment.memory["settled"] = float(loss)
    if not exact.determined:
        raise Unjudged("the samples do not determine an optimum")
    optimum = np.array([float(value) for value in exact.optimum])
    w, optimum = (moment.task.to_x(np.asarray(each, dtype=np.float64)) for each in (w, optimum))
    away = float(np.linalg.norm(w - optimum)) / max(float(np.linalg.norm(optimum)), 1e-300)
    excess = float(Decimal(loss) - best)
    spread = float(np.var(moment.task.problem.y))
    if where.startswith("near"):
        expect(away <= 0.1 + 1e-6, f"w is {away:.3g} times the optimum's length from it")
        expect(excess <= 0.0101 * spread or loss <= 1.101 * float(best), f"the mean loss is {loss:.4g}")
    if where.startswith("far"):
        expect(away > 0.1 - 1e-6, f"w is {away:.3g} times the optimum's length from it")
        expect(excess > 0.0999 * spread, f"the excess is {excess:.4g}, the spread {spread:.4g}")


PLACED = f"{PLACE}; the best possible is {{least}}."


@SETTLES.says(
    f"At the ends of epochs, w settles {PLACED}",
    "At the ends of epochs, w settles {where:at the optimum}.",
    f"At a constant lr {{value}}, w would settle {PLACED}",
    "At a constant lr {value}, w would settle {where:at the optimum}.",
)
def _(moment, where, told="", least=None, value=None):
    config = moment.config
    at = config.lr if value is None else rate_now(moment)
    if value is None:
        expect(config.schedule == "constant" or config.decay_rate == 1, "the rate does not stay the same")
    else:
        expect_rate(value, at)
    if least is not None:
        expect_best(moment, least)
    w, loss = settled(moment, at)
    w = np.array([float(each) for each in w])
    _expect_place(moment, where, told, w, loss, lambda text: expect_settles(moment, at, text, 4))


@SETTLES.says(
    f"Because w is rounded to {{decimals}} decimal(s) after each epoch, it comes to rest {PLACED}",
    "Because w is rounded to {decimals} decimal(s) after each epoch, it comes to rest {where:at the optimum}.",
    "However long the run goes on, schedule {schedule:[a-z-]+} lowers the rate so fast that w comes to rest "
    f"{PLACED}",
    "However long the run goes on, schedule {schedule:[a-z-]+} lowers the rate so fast that w comes to rest "
    "{where:at the optimum}.",
)
def _(moment, where, told="", least=None, decimals=None, schedule=None):
    config = moment.config
    expect(decimals is None or int(decimals) == config.round_epochs, f"to {config.round_epochs} decimals")
    expect(schedule is None or schedule == config.schedule, f"the schedule is {config.schedule}")
    if least is not None:
        expect_best(moment, least)
    w, loss = rested(moment)
    _expect_place(moment, where, told, w, loss, lambda text: expect_rests(moment, text, 4))


@SETTLES.says(
    f"Schedule {{schedule:[a-z-]+}} lowers the rate to 0 by the end of the run, which leaves w {PLACED}",
    "Schedule {schedule:[a-z-]+} lowers the rate to 0 by the end of the run, which leaves w {where:at the optimum}.",
)
def _(moment, where, schedule, told="", least=None):
    config, run = moment.config, moment.truth.run
    expect(schedule == config.schedule == "cosine", f"the schedule is {config.schedule}")
    # It may have diverged: then all epochs are done, and its mean loss is still a number.
    expect(run.epochs == config.epochs and not run.overflowed, f"it ends after {run.epochs}: {run.status}")
    if least is not None:
        expect_best(moment, least)
    _expect_place(moment, where, told, run.rows[-1], run.mean_loss, lambda text: expect_end(moment, None, text))


@SETTLES.says(
    "Schedule {schedule:[a-z-]+} lowers the rate so slowly that in the end w comes to the optimum.",
    "With schedule {schedule:[a-z-]+}, w nears the optimum ever more slowly: in the long run, 10 times as many epochs "
    "divide its distance in the flattest direction by about {divisor}.",
)
def _(moment, schedule, divisor=None):
    expect(schedule == moment.config.schedule, f"the schedule is {moment.config.schedule}")
    _, loss = rested(moment)
    best = moment.truth.least * (1 + Decimal("1e-5")) + Decimal(moment.truth.slack_of_best())
    expect(Decimal(loss) <= best, f"it nears a mean loss of {loss:.6g}, the best is {best:.6g}")
    power = moment.exact.power(pace(moment.config))
    if divisor is None:
        expect(9 * power > 3, f"a billion epochs divide the distance by 10^{float(9 * power):.3g}")
    else:
        expect_near(divisor, Decimal(10) ** power, 3, Decimal(10) ** power * Decimal("1e-6"), "it")


@SETTLES.says("At this rate, rounding decides where the run {ends:ends|ended}.")
def _(moment, ends):
    expect((ends == "ended") == moment.ended, "it is told in the wrong tense")
    growth = moment.exact.growth(moment.config.lr)
    expect(growth > 1e3, f"an error grows no more than {growth:.3g} times in an epoch")


@SETTLES.says("The mean loss {was:was|will be} higher there than at the start.")
def _(moment, was):
    run = moment.truth.run
    expect((was == "was") == moment.ended, "it is told in the wrong tense")
    worse = run.status is Status.DIVERGED or run.mean_loss > float(moment.truth.loss_at_start)
    expect(worse, f"it is {run.mean_loss:.6g}, at the start {moment.truth.loss_at_start:.6g}")


@SETTLES.says(
    "No parabola passes through all samples, and each epoch takes them in a new order. So at a constant rate w never "
    "comes to rest but keeps moving; how far depends on the rate."
)
def _(moment):
    config, task = moment.config, moment.task
    expect(config.shuffle and not task.is_full_batch, "the order stays the same")
    left_over = task.updates_per_epoch * task.batch < len(task.problem.x)
    expect(task.updates_per_epoch > 1 or left_over, "all orders are one")
    expect(not moment.truth.fits, "one w fits all samples")


@SETTLES.says("Samples that are in no batch have no influence on it.")
def _(moment):
    expect(moment.task.batch < len(moment.task.problem.x) and moment.task.updates_per_epoch == 1, "there are none")


@SETTLES.says("Each update pulls w toward what fits its own samples best, and the last updates of an epoch count most.")
def _(moment):
    expect(moment.task.updates_per_epoch > 1, "an epoch has one update")


@SETTLES.says("The run {ends:ends|ended} before w {gets:gets|got} there.")
def _(moment, ends, gets):
    expect((ends == "ended") == moment.ended == (gets == "got"), "it is told in the wrong tense")
    if "settled" not in moment.memory:
        raise Unjudged("it is not told where")
    settles, end, aim = moment.memory["settled"], moment.truth.run.mean_loss, moment.config.tol
    if moment.truth.loss_at_start < aim:  # which is no aim then: it is to fit about as well as any curve
        aim = float(moment.truth.least) + 0.01 * float(np.var(moment.task.problem.y))
    far = end > 9.9 * max(settles, aim) or settles > 9.9 * max(end, aim)
    expect(far, f"it ends at {end:.6g}, and would settle at {settles:.6g}")


@SETTLES.says("But the schedule lowers the rate, so w does not stay there.")
def _(moment):
    expect(moment.config.schedule != "constant" and moment.config.decay_rate != 1, "the rate stays the same")
