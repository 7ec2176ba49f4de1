"""The spoken stream of a run: its start, its events, its end; numbers in words have three digits."""

import re
from decimal import Decimal

import numpy as np
from soak.sentences.facts import expect_grown, is_stable, rate_now
from soak.sentences.places.of_end import ADVICE, expect_done, expect_own_loss
from soak.sentences.places.of_rate import read_rate
from soak.sentences.rules import Table
from soak.sentences.told import expect, expect_near, number, written
from soak.sentences.trained import rate

from quadfit_tui.core.training.status import Status

START, EVENT, END = Table("spoken: start"), Table("spoken: event"), Table("spoken: end")
_ONE = re.compile(r"(?!)")  # a line is one sentence


def read_speech(start, events, end, moment):
    """The findings about the lines of a run: those of its start, those while it goes on, those of its end."""
    for table, lines in ((START, start), (EVENT, events), (END, end)):
        for line in lines:
            yield from table.read(written(line), moment, _ONE)


def read_advice(ways, moment):
    """The findings about the advice: sentences, each in ways ever shorter, as they are written and in words."""
    for sentence in ways:
        value = re.match(r"lr (\S+)", sentence[0])
        for way in sentence:
            is_rate = not way.startswith(("Try ", "The run", "The mean loss"))
            text = way.removesuffix(".") if is_rate else way
            if value and text.startswith(("lr is ", "lr at ", "lr may ")):
                text = f"lr {value[1]}{text[2:]}"
            yield from read_rate(text, moment, _ONE) if is_rate else ADVICE.read(text, moment, _ONE)


def _expect_w(values, **told):
    for name, value in zip("abc", np.asarray(values, dtype=np.float64).tolist(), strict=True):
        if told.get(name) is not None:
            expect_near(told[name], value, 3, 1e-14 * abs(value), name)


@START.says("Start: mean loss {loss}, a {a}, b {b}, c {c}.", "Start: mean loss {loss}.", "a {a}, b {b}, c {c}.")
@START.says("a {a}.", "b {b}.", "c {c}.")
def _(moment, loss=None, a=None, b=None, c=None):
    _expect_w(moment.task.to_x(moment.task.start), a=a, b=b, c=c)
    if loss is not None:
        slack = moment.truth.slack(moment.task.start)
        expect_near(loss, moment.truth.loss_at_start, 3, slack, "the mean loss")


# Events

NEWS = {
    "mean loss {loss}, lowest so far": {"lowest"},
    "lowest mean loss {loss}": {"lowest"},
    "mean loss {loss}": set(),
    "mean loss rose from {low} to {loss}": {"rose"},
    "mean loss rose to {loss}": {"rose"},
    "mean loss swings between {low} and {top}": {"swings"},
    "mean loss swings, up to {top}": {"swings"},
    **{
        f"mean loss {{loss}}{lowest}, after {rises}{top}": {"after", *({"lowest"} if lowest else ())}
        for lowest in (", lowest so far", "")
        for rises in ("a rise", "{rises} rises")
        for top in (" to {top}", "")
    },
}
CHANGED = ("learning rate {rate}, was {was}; ", "learning rate {rate}; ")


def _event(kinds):
    def check(moment, epochs, rate=None, was=None, loss=None, low=None, top=None, rises=None):
        done, run = int(number(epochs)), moment.truth.run
        expect(0 < done <= len(run.losses), f"there are {len(run.losses)} epochs")
        so_far = np.array([float(moment.truth.loss_at_start), *run.losses[:done]])
        now = so_far[-1]
        _expect_rate(moment.config, done, rate, was)
        slack = 1e-9 * abs(now) + moment.truth.slack(run.rows[done - 1])
        if loss is not None:
            expect_near(loss, now, 3, slack, "the mean loss")
        if "lowest" in kinds:
            expect(now <= so_far.min() + slack, f"it was {so_far.min():.6g}")
        if "rose" in kinds:
            expect(now > 1.0499 * so_far.min(), f"it was never below {so_far.min():.6g} before")
        for text in (low, top):
            if text is not None:
                _expect_any(text, so_far, slack)
        if "after" in kinds or "swings" in kinds:
            told = moment.memory.get("told", 0)
            ups = (
                int((np.diff(so_far) > 0).sum()) if told == 0 else int((np.diff(so_far[max(0, told - 6) :]) > 0).sum())
            )
            expect(ups >= int(rises or 1), f"it rose {ups} times")
        moment.memory["told"] = done

    return check


def _expect_any(text, values, slack):
    """That a told number is one of some values."""
    for value in values.tolist():
        try:
            expect_near(text, value, 3, slack + 1e-9 * abs(value))
        except Exception:
            continue
        return
    expect(False, f"no mean loss up to there was {text}")


def _expect_rate(config, done, told, was):
    if told is None:
        return
    now = rate(config, done)
    expect_near(told, now, 3, 1e-9 * now, "the rate of the next epoch")
    before = [rate(config, epoch) for epoch in range(done)]
    if was is not None:
        _expect_any(was, np.array(before), 0)
        expect(number(told) <= number(was) / 2 * Decimal("1.011"), "it has not halved")
    expect(any(now <= each / 2 * (1 + 1e-9) for each in before), "it has not halved since any epoch")


for _news, _kinds in NEWS.items():
    EVENT.says(*(f"After {{epochs}} epoch(s): {rated}{_news}." for rated in (*CHANGED, "")))(_event(_kinds))
EVENT.says(*(f"After {{epochs}} epoch(s): {rated.removesuffix('; ')}." for rated in CHANGED))(_event(set()))


# The end


@END.says(
    "Mean loss {loss}, a {a}, b {b}, c {c}.", "Mean loss {loss}.", "a {a}, b {b}, c {c}.", "a {a}.", "b {b}.", "c {c}."
)
def _(moment, loss=None, a=None, b=None, c=None):
    _expect_w(moment.snapshot.w, a=a, b=b, c=c)
    if loss is not None:
        expect_own_loss(moment, loss, 3)


@END.says("Optimum: a {a}, b {b}, c {c}.", "Optimum: a {a}.")
def _(moment, a, b=None, c=None):
    if moment.exact.determined:
        _expect_w(moment.truth.optimum_in_x, a=a, b=b, c=c)


@END.says("The mean loss was lower at the start: {loss}.")
def _(moment, loss):
    slack = moment.truth.slack(moment.task.start)
    expect_near(loss, moment.truth.loss_at_start, 3, slack, "the loss at the start")
    expect(moment.truth.run.mean_loss > float(moment.truth.loss_at_start) * (1 - 1e-9), "it was not")


@END.says("The run diverges: the learning rate is above its limit.")
def _(moment):
    slack = moment.truth.slack(moment.task.start)
    expect(moment.snapshot.mean_loss > float(moment.truth.loss_at_start) - slack, "it is not above that of the start")
    expect(is_stable(moment, rate_now(moment)) is not True, "a run of this rate settles")


@END.says("Diverged in epoch {epoch}: the numbers overflowed.")
def _(moment, epoch):
    run = moment.truth.run
    expect(run.overflowed, f"the run ends {run.status}")
    expect(int(epoch) == run.epochs, f"in epoch {run.epochs}")


@END.says("Diverged: the mean loss is more than 1,000 times that of the start.")
def _(moment):
    expect_grown(moment)


@END.says("Stopped after {epochs} epoch(s): the loss of the last update is below tol.")
def _(moment, epochs):
    run = moment.truth.run
    expect(run.status is Status.CONVERGED and run.epochs == number(epochs), f"{run.status} after {run.epochs}")
    expect(moment.config.stop_on == "last-update" and moment.snapshot.loss < moment.config.tol, "it is not")


@END.says("However, the mean loss is not below tol.")
def _(moment):
    expect(not moment.snapshot.mean_loss < moment.config.tol, "it is")


@END.says("Converged after {epochs} epoch(s): mean loss below tol.")
def _(moment, epochs):
    run = moment.truth.run
    expect(run.status is Status.CONVERGED and run.epochs == number(epochs), f"{run.status} after {run.epochs}")
    expect(moment.snapshot.mean_loss < moment.config.tol, "it is not")


@END.says(
    "Finished {done:the only epoch|all [0-9,]+ epochs}.",
    "Finished {done:the only epoch|all [0-9,]+ epochs}: {which:mean loss|the loss of the last update} "
    "{beside:still above|not below} tol.",
)
def _(moment, done, which=None, beside=None):
    expect(moment.truth.run.status is Status.FINISHED, f"the run ends {moment.truth.run.status}")
    expect_done(moment, done)
    if which is not None:
        expect((which == "mean loss") == (moment.config.stop_on == "dataset"), f"the rule is {moment.config.stop_on}")
        value, tol = moment.snapshot.mean_loss if which == "mean loss" else moment.snapshot.loss, moment.config.tol
        expect(value > tol if beside == "still above" else value == tol, f"it is {value}, tol {tol}")


@END.says(
    "{where:At|Near} the optimum: {:with this noise|with these samples} the mean loss cannot go below {least}.",
    "The mean loss is {where:at|near} the optimum.",
)
def _(moment, where, least=None):
    best = float(moment.truth.least)
    room = 1.0011 if where.lower() == "at" else 1.1001
    expect(moment.snapshot.mean_loss <= room * best, f"it is {moment.snapshot.mean_loss:.6g}, the best {best:.6g}")
    if least is not None:
        expect_near(least, best, 4, moment.truth.slack_of_best(), "the best")
