"""What is said of a run that has ended: the verdict, in full and for few columns, and the advice after it."""

import re
from decimal import Decimal

import numpy as np
from soak.sentences.facts import expect_best, expect_converges, expect_ends, expect_grown, expect_rests, expect_settles
from soak.sentences.places.of_rate import read_rate
from soak.sentences.rules import Table
from soak.sentences.told import Unjudged, expect, expect_near, number

from quadfit_tui.core.config.parameters import PARAMETERS
from quadfit_tui.core.config.value_types import Flag
from quadfit_tui.core.training.status import Status

VERDICT, ADVICE = Table("verdict"), Table("advice")
DONE = "{done:the only epoch|all [0-9,]+ epochs}"
OF_ALL = "{whose:the mean loss of all [0-9]+ samples|the loss of the single sample}"
VECTOR = r"\([^)]*\)"


def _end(moment, status, epochs=None):
    run = moment.truth.run
    expect(run.status is status, f"the run ends {run.status}")
    expect(epochs is None or number(epochs) == run.epochs, f"it ends after {run.epochs} epochs")
    return run


def expect_own_loss(moment, text, digits=4):
    """That a told mean loss is that of w here, as the run has it and in many digits."""
    snapshot = moment.snapshot
    expect_near(text, snapshot.mean_loss, digits, what="the mean loss")
    slack = moment.truth.slack(snapshot.trained_w)
    expect_near(text, moment.exact.mean_loss(snapshot.trained_w), digits, slack, "the mean loss in many digits")


def expect_done(moment, done):
    epochs = moment.config.epochs
    expect((done == "the only epoch") == (epochs == 1), f"the run has {epochs} epochs")
    expect(epochs == 1 or number(done.split()[1]) == epochs, f"the run has {epochs} epochs")
    expect(moment.snapshot.epoch == epochs, f"{moment.snapshot.epoch} are done")


def expect_vector(text, values):
    """That numbers in brackets are these, with six digits each."""
    told = text.strip("()").split(", ")
    expect(len(told) == 3, "there are not three")
    for each, value in zip(told, np.asarray(values, dtype=np.float64).tolist(), strict=True):
        expect_near(each, value, 6, 1e-14 * abs(value))


def _below(text, tol_text, value, tol):
    expect(number(text) < number(tol_text), "what is told is not below what is told")
    expect(value < tol, f"{value} is not below {tol}")


def _whose(moment, whose):
    count = len(moment.task.problem.x)
    expect(("single" in whose) == (count == 1), f"there are {count} samples")
    expect(count == 1 or int(whose.split()[-2]) == count, f"there are {count} samples")


@VERDICT.says(
    "converged after {epochs} epoch(s): {whose:the mean loss of all [0-9]+ samples|the loss of the single sample}, "
    "{loss}, is below tol {tol}."
)
def _(moment, epochs, whose, loss, tol):
    run = _end(moment, Status.CONVERGED, epochs)
    _whose(moment, whose)
    expect_own_loss(moment, loss)
    expect_near(tol, moment.config.tol, what="tol")
    _below(loss, tol, run.mean_loss, moment.config.tol)


@VERDICT.says("converged after {epochs} epoch(s): mean loss below tol {tol}.")
def _(moment, epochs, tol):
    run = _end(moment, Status.CONVERGED, epochs)
    expect_near(tol, moment.config.tol, what="tol")
    expect(run.mean_loss < moment.config.tol, "it is not")


JUDGED = "the loss of the last update, {judged}{rounded:(?: when rounded to [0-9]+ decimals?)?}, is below tol {tol}"


def _judged(moment, judged, rounded, tol):
    loss, config = moment.snapshot.loss, moment.config
    expect(config.stop_on == "last-update", f"the rule is {config.stop_on}")
    expect_near(judged, loss, slack=1e-13 * loss, what="the loss")
    expect_near(tol, config.tol, what="tol")
    expect(bool(rounded) == (config.round_epochs is not None), "it is rounded, or not")
    _below(judged, tol, loss, config.tol)


@VERDICT.says(f"stopped after {{epochs}} epoch(s): {JUDGED}; so is {OF_ALL}, {{loss}}.")
def _(moment, epochs, judged, rounded, tol, whose, loss):
    run = _end(moment, Status.CONVERGED, epochs)
    _judged(moment, judged, rounded, tol)
    _whose(moment, whose)
    expect_own_loss(moment, loss)
    expect(number(loss) < Decimal(moment.config.tol) and run.mean_loss < moment.config.tol, "it is not below")


@VERDICT.says(
    f"stopped after {{epochs}} epoch(s): {JUDGED}. However, {OF_ALL}, {{loss}}, is not: w {{where:is close to, but "
    "not at,|is far from|is not at} the optimum.",
    f"stopped after {{epochs}} epoch(s): {JUDGED}. However, {OF_ALL}, {{loss}}, is not: w {{w:{VECTOR}}} {{where:is "
    f"close to, but not at,|is far from|is not at}} the optimum {{optimum:{VECTOR}}}.",
)
def _(moment, epochs, judged, rounded, tol, whose, loss, where, w=None, optimum=None):
    run = _end(moment, Status.CONVERGED, epochs)
    _judged(moment, judged, rounded, tol)
    _whose(moment, whose)
    expect_own_loss(moment, loss)
    expect(not run.mean_loss < moment.config.tol, "it is")
    if w is not None:
        expect_vector(w, moment.snapshot.w)
    expect_where(moment, where, optimum)


def expect_where(moment, where, told):
    """That w is as far from the optimum as is told; `told` is the optimum in brackets, None where it is left out."""
    exact, problem = moment.exact, moment.task.problem
    if not exact.determined:
        raise Unjudged("the samples do not determine an optimum")
    optimum = moment.truth.optimum_in_x
    if told is not None:
        expect_vector(told, optimum)
    w = moment.snapshot.w
    away, size = float(np.linalg.norm(w - optimum)), float(np.linalg.norm(optimum))
    least, loss = float(moment.truth.least), moment.snapshot.mean_loss
    spread = float(np.var(problem.y))
    close = away <= 0.1001 * size and (loss - least <= 0.01001 * spread or loss <= 1.101 * least)
    far = away > 0.0999 * size and loss - least > 0.0999 * spread and loss > 9.99 * least
    expect("close" not in where or close, f"it is {away:.4g} from it; the loss is {loss:.4g}, the least {least:.4g}")
    expect("far" not in where or far, f"it is {away:.4g} from it; the loss is {loss:.4g}, the least {least:.4g}")
    same = away <= 1e-15 * size
    expect(not same, "it is at the optimum")


@VERDICT.says("stopped after {epochs} epoch(s), although the mean loss, {loss}, is not below tol {tol}.")
def _(moment, epochs, loss, tol):
    run = _end(moment, Status.CONVERGED, epochs)
    expect_own_loss(moment, loss)
    expect_near(tol, moment.config.tol, what="tol")
    expect(not run.mean_loss < moment.config.tol and number(loss) >= number(tol), "it is")


@VERDICT.says(f"finished: {{done:the only epoch|all [0-9,]+ epochs}} {{are:is|are}} done; {OF_ALL} is {{loss}}.")
def _(moment, done, are, whose, loss):
    _end(moment, Status.FINISHED)
    expect_done(moment, done)
    expect((are == "is") == (moment.config.epochs == 1), "it is one, or several")
    _whose(moment, whose)
    expect_own_loss(moment, loss)
    expect(moment.config.stop_on == "never", "it was compared with tol")


@VERDICT.says(
    f"finished: {DONE} {{are:is|are}} done; {OF_ALL}, {{loss}}, is {{beside:still above|not below}} tol {{tol}}.",
    f"finished: {DONE} {{are:is|are}} done; the loss of the last update, {{loss}}{{rounded:(?: when rounded to [0-9]+ "
    "decimals?)?}, is {beside:still above|not below} tol {tol}.",
)
def _(moment, done, are, loss, beside, tol, whose=None, rounded=""):
    _end(moment, Status.FINISHED)
    expect_done(moment, done)
    config = moment.config
    expect((are == "is") == (config.epochs == 1), "it is one, or several")
    expect(config.stop_on == ("dataset" if whose else "last-update"), f"the rule is {config.stop_on}")
    if whose:
        _whose(moment, whose)
        expect_own_loss(moment, loss)
        value = moment.snapshot.mean_loss
    else:
        value = moment.snapshot.loss
        expect_near(loss, value, what="the loss")
        expect(bool(rounded) == (config.round_epochs is not None), "it is rounded, or not")
    expect_near(tol, config.tol, what="tol")
    if beside == "still above":
        expect(value > config.tol and number(loss) > number(tol), "it is not above")
    else:
        expect(value == config.tol and number(loss) == number(tol), "it is not tol itself")


@VERDICT.says(f"finished {DONE}.")
def _(moment, done):
    _end(moment, Status.FINISHED)
    expect_done(moment, done)
    expect(moment.config.stop_on == "never", "it was compared with tol")


@VERDICT.says(f"finished {DONE}; mean loss {{beside:still above|not below}} tol {{tol}}.")
def _(moment, done, beside, tol):
    run = _end(moment, Status.FINISHED)
    expect_done(moment, done)
    expect_near(tol, moment.config.tol, what="tol")
    value, bound = run.mean_loss, moment.config.tol
    expect(value > bound if beside == "still above" else value == bound, "it is not")


@VERDICT.says("It was lower at the start: {loss}.", f"finished {DONE}; the mean loss was lower at the start: {{loss}}.")
def _(moment, loss, done=None):
    if done is not None:
        _end(moment, Status.FINISHED)
        expect_done(moment, done)
    expect_near(loss, moment.truth.loss_at_start, 4, moment.truth.slack(moment.task.start), "the loss at the start")
    expect(moment.truth.run.mean_loss > float(moment.truth.loss_at_start) * (1 - 1e-9), "it was not")


@VERDICT.says(
    "at the optimum: {why:with this noise|with these samples} the mean loss cannot go below {least}.",
    "near the optimum: {why:with this noise|with these samples} the mean loss cannot go below {least}.",
    "near the optimum: the mean loss is {loss}; {why:with this noise|with these samples} it cannot go below {least}.",
)
def _(moment, why, least, loss=None):
    _end(moment, Status.FINISHED)
    if loss is not None:
        expect_own_loss(moment, loss)
    expect_best(moment, least)
    best = float(moment.truth.least)
    expect(moment.truth.run.mean_loss <= 1.1001 * best, f"the mean loss is {moment.truth.run.mean_loss:.6g}")
    expect((why == "with this noise") == bool(moment.config.noise), "there is noise, or not")
    expect(moment.config.stop_on == "never" or not best < moment.config.tol, "tol can be reached")


@VERDICT.says(
    "diverged in epoch {epoch}, after {updates} update(s): the numbers overflowed (beyond the range of a 64-bit "
    f"float); the last w before that is {{w:{VECTOR}}}.",
    "diverged in epoch {epoch}: the numbers overflowed.",
)
def _(moment, epoch, updates=None, w=None):
    run = _end(moment, Status.DIVERGED)
    expect(run.overflowed, "the numbers are finite")
    expect(int(epoch) == run.epochs, f"in epoch {run.epochs}")
    expect(updates is None or number(updates) == run.updates, f"after {run.updates} updates")
    if w is not None:
        expect_vector(w, moment.snapshot.w)


@VERDICT.says(
    f"diverged: {DONE} {{are:is|are}} done, and {OF_ALL}, {{loss}}, is more than 1,000 times that of the start, "
    "{start}.",
)
def _(moment, loss, start, done, are, whose=None):  # noqa: ARG001
    expect_grown(moment)
    expect_done(moment, done)
    _whose(moment, whose)
    expect_own_loss(moment, loss)
    expect_near(start, moment.truth.loss_at_start, 4, moment.truth.slack(moment.task.start), "the loss at the start")


@VERDICT.says("diverged: the mean loss is more than 1,000 times that of the start.")
def _(moment):
    expect_grown(moment)


# The advice

_ONE = re.compile(r"(?!)")  # a way is one sentence


def read_advice(ways, moment):
    """The findings about the advice: sentences, each in ways ever shorter."""
    for sentence in ways:
        value = re.match(r"lr (\S+)", sentence[0])
        for way in sentence:
            is_rate = not way.startswith(("Try ", "The run", "The mean loss"))
            text = way.removesuffix(".") if is_rate else way
            if value and text.startswith(("lr is ", "lr at ", "lr may ")):
                text = f"lr {value[1]}{text[2:]}"
            yield from read_rate(text, moment, _ONE) if is_rate else ADVICE.read(text, moment, _ONE)


@ADVICE.says(
    "The run settles at a mean loss of {loss}; the best is {least}.", "The run settles at a mean loss of {loss}."
)
def _(moment, loss, least=None):
    if moment.config.schedule == "constant" and moment.config.round_epochs is None:
        expect_settles(moment, moment.config.lr, loss, 2)
    else:
        expect_rests(moment, loss, 2)
    if least is not None:
        expect_best(moment, least, 2)


OPTIONS = "{options:--[^:]+?}"


@ADVICE.says(f"Try {OPTIONS}: then the run {{how:converges|brings the mean loss below tol}} after {{epochs}} epoch(s).")
def _(moment, options, how, epochs):
    expect_converges(moment, changes_of(moment, options), epochs, never=how != "converges")


@ADVICE.says("The mean loss is below tol before the first update: try a lower --tol.", "Try a lower --tol.")
def _(moment):
    expect(float(moment.truth.loss_at_start) < moment.config.tol, "it is not")
    expect(moment.truth.run.status is Status.CONVERGED, "its rule does not stop it")


@ADVICE.says(f"Try {OPTIONS}: then the run ends at a mean loss of {{most:|at most }}{{loss}}.")
def _(moment, options, most, loss):
    changes = changes_of(moment, options)
    expect_ends(moment, changes, None, loss, most=most)
    run = moment.truth.run
    better = run.status is Status.DIVERGED or moment.truth.of(**changes).mean_loss < run.mean_loss
    expect(better, f"the run itself ends at {run.mean_loss:.6g}")


@ADVICE.says(f"Try {OPTIONS}.")
def _(moment, options):
    run, other = moment.truth.run, moment.truth.of(**changes_of(moment, options))
    better = run.status is Status.DIVERGED or other.mean_loss < run.mean_loss
    expect(better and other.status is not Status.DIVERGED, f"it ends at {other.mean_loss:.6g}")


def changes_of(moment, options):
    """The settings that options name; those that are left out make no difference any more."""
    given, _, left_out = options.partition(" without ")
    words, changes = given.split(), {}
    while words:
        option = words.pop(0)
        name = option.removeprefix("--").removeprefix("no-").replace("-", "_")
        row = PARAMETERS[name]
        flag = isinstance(row.value_type, Flag)
        changes[name] = not option.startswith("--no-") if flag else row.parse(words.pop(0))
    for option in left_out.replace(" and ", " ").split():
        name = option.removeprefix("--").replace("-", "_")
        expect(name in moment.config.replace(**changes).unused, f"{name} makes a difference")
    return changes
