"""The page of the diagnosis: its sentences, heading by heading."""

import re
from decimal import Decimal

from soak.sentences.exact import Exact
from soak.sentences.facts import (
    GROWS,
    changed,
    expect_below_tol,
    expect_best,
    expect_converges,
    expect_end,
    expect_ends,
    expect_rate,
    is_stable,
    rate_now,
    settled,
)
from soak.sentences.places.of_end import VERDICT
from soak.sentences.places.of_rate import GROUNDS, read_rate
from soak.sentences.places.of_rest import SETTLES
from soak.sentences.rules import Finding, Table
from soak.sentences.told import Unjudged, expect, expect_near, number

from quadfit_tui.core.diagnosis.diagnose import CRAWLS
from quadfit_tui.core.training.status import Status

SHORT, RUN, WORKS = Table("page: in short"), Table("page: run"), Table("page: what works")
EPOCHS, CONDITION, LOSSES = Table("page: epochs"), Table("page: condition"), Table("page: losses")

CHANGE = "{change:(?:scaled features|lr [^ ]+|schedule [a-z-]+)(?: and (?:scaled features|lr [^ ]+|schedule [a-z-]+))*}"


def read_page(parts, moment):
    """The findings about headings with their sentences."""
    for heading, text in parts:
        match heading:
            case "The run":
                yield from _run(text, moment)
            case "Learning rate":
                said, _, more = text.partition(". ")
                told = said.removesuffix(".").replace("Learning rate ", "lr ", 1)
                yield from read_rate(told[0].lower() + told[1:], moment)
                yield from GROUNDS.read(more, moment)
            case "In short" | "What works" | "Where it settles" | "Epochs" | "Condition" | "Losses":
                tables = (SHORT, WORKS, SETTLES, EPOCHS, CONDITION, LOSSES)
                table = next(each for each in tables if each.place == f"page: {heading.lower()}")
                yield from table.read(text, moment)
            case _:
                yield Finding("page", "", heading, "unknown", "no heading that is known")


def _run(text, moment):
    """The verdict, which is at the beginning where there is one; then what is of the page alone."""
    if text.startswith(("Diverged", "Stopped")):
        first = next(VERDICT.read(text[0].lower() + text[1:], moment, re.compile(" ")))
        yield first
        text = text[len(first.text) :].strip()
    yield from RUN.read(text, moment)


@SHORT.says("The learning rate is too high: updates overshoot, and the parabola swings farther and farther away.")
def _(moment):
    run, start = moment.truth.run, float(moment.truth.loss_at_start)
    expect(is_stable(moment, moment.truth.rates[0]) is not True, "a run of the first rate settles")
    if run.status is not Status.DIVERGED and not run.mean_loss > start:
        expect(moment.snapshot.mean_loss > start, "the mean loss is not above that of the start")
        expect(is_stable(moment, rate_now(moment)) is not True, "a run of this rate settles")


@SHORT.says("The run stops too early: it looks at the loss of its last update, not at that of all samples.")
def _(moment):
    run = moment.truth.run
    expect(moment.config.stop_on == "last-update", f"the rule is {moment.config.stop_on}")
    expect(run.status is Status.CONVERGED and not run.mean_loss < moment.config.tol, "it does not, or is below tol")


@SHORT.says("The learning rate suits this run: in the end the parabola is as close to the samples as was asked for.")
def _(moment):
    run = moment.truth.run
    expect(not moment.truth.loss_at_start < moment.config.tol, "the mean loss is below tol at the start")
    expect(run.status is not Status.DIVERGED and run.mean_loss < moment.config.tol, f"it ends at {run.mean_loss:.6g}")


@SHORT.says("The learning rate suits this run: in the end the parabola fits the samples about as well as any can.")
def _(moment):
    run, start, close = moment.truth.run, float(moment.truth.loss_at_start), 1.01 * moment.truth.good
    expect(not run.mean_loss < moment.config.tol or start < moment.config.tol, "it ends below tol")
    expect(run.status is not Status.DIVERGED and run.mean_loss <= close < start, f"it ends at {run.mean_loss:.6g}")


@SHORT.says("The learning rate is just below its limit, and works: in the end the parabola fits the samples.")
def _(moment):
    run, rate = moment.truth.run, moment.truth.rates[0]
    expect(is_stable(moment, rate) is not False, "a run of the first rate does not settle")
    expect(is_stable(moment, rate / 0.9) is not True, "a run of a rate that is a ninth higher settles")
    fits = run.mean_loss < moment.config.tol or run.mean_loss <= 1.01 * moment.truth.good
    expect(run.status is not Status.DIVERGED and fits, f"it ends at {run.mean_loss:.6g}")


@SHORT.says(
    "The mean loss is below tol before the first update, so the run stops whether it fits well or not. A lower tol "
    "lets it go on."
)
def _(moment):
    run = moment.truth.run
    expect(float(moment.truth.loss_at_start) < moment.config.tol, "it is not")
    expect(run.status is Status.CONVERGED, f"the run ends {run.status}")


@SHORT.says("The run is too short for this learning rate: it ends before the parabola is as close as was asked for.")
def _(moment):
    run = moment.truth.run
    expect(not run.mean_loss < moment.config.tol, "the mean loss is below tol at its end")


@SHORT.says("The learning rate says how far an update goes: too low, the run takes forever; too high, it overshoots.")
def _(moment):
    expect(moment.config.lr > 0, "there is none")


@RUN.says(
    "Predicted: the run stops after {epochs} epoch(s), because the loss of the last update is then below tol {tol}. "
    "However, the mean loss is then {loss}; stop on = dataset checks that one."
)
def _(moment, epochs, tol, loss):
    run = moment.truth.run
    expect(not moment.ended, "the run has ended")
    expect_near(tol, moment.config.tol, what="tol")
    expect(run.status is Status.CONVERGED, f"the run ends {run.status}")
    expect(not run.mean_loss < moment.config.tol, "the mean loss is below tol, too")
    expect_end(moment, epochs, loss)


@RUN.says(
    "The mean loss {rises:first increased|will first increase} at update {update} of epoch {epoch}, from {before} to "
    "{after}."
)
def _(moment, rises, update, epoch, before, after):
    rise = moment.truth.first_rise()
    expect(rise is not None, "it never does, within 20,000 updates")
    expect(rise[:2] == (int(epoch), int(update)), f"it does so at update {rise[1]} of epoch {rise[0]}")
    expect_near(before, rise[2], slack=1e-12 * rise[2], what="the loss before")
    expect_near(after, rise[3], slack=1e-12 * rise[3], what="the loss after")
    past = (moment.snapshot.epoch, moment.snapshot.update) >= rise[:2]
    expect(past == (rises == "first increased"), "it is told in the wrong tense")


@WORKS.says(
    f"Tested: with {CHANGE} and everything else unchanged, the run {{how:converges|brings the mean loss below tol}} "
    "after {epochs} epoch(s)."
)
def _(moment, change, how, epochs):
    expect_converges(moment, changed(change), epochs, never=how != "converges")


@WORKS.says(
    f"Tested: with {CHANGE} and everything else unchanged, the mean loss after {{epochs}} epoch(s) is "
    "{most:|at most }{loss}; the best possible is {least}."
)
def _(moment, change, epochs, most, loss, least):
    expect_ends(moment, changed(change), epochs, loss, most=most)
    expect_best(moment, least)


@WORKS.says("No change was found that makes the run converge.")
def _(moment):
    expect(not float(moment.truth.loss_at_start) < moment.config.tol, "tol tells nothing about this run")


@WORKS.says("Nothing better was found.")
def _(moment):
    expect(float(moment.truth.loss_at_start) < moment.config.tol, "tol tells how good it is")


KINDS = "{kinds:[^:]+}"


@WORKS.says(f"Not tested, because it takes too long: {KINDS}.")
def _(_, kinds):
    for kind in kinds.split("; "):
        list(_named(kind))


def _named(kind):
    """The changes that a kind of changes names, with their rates: `schedule constant with lr 0.1, 0.4 and 2`."""
    change, _, rates = ("", "", kind) if re.match(r"lr |\d", kind) else kind.partition(" with ")
    changes = changed(change) if change else {}
    for rate in re.split(", | and | to ", re.sub(r"^(\d+ rates? from )?lr ", "", rates)):
        yield changes | ({"lr": float(rate)} if rate else {})


@WORKS.says(f"Tested without convergence: {KINDS}.")
def _(moment, kinds):
    """That a run with each of these changes does not end below tol."""
    for kind in kinds.split("; "):
        for changes in _named(kind):
            outcome = moment.truth.of(**changes)
            below = outcome.status is not Status.DIVERGED and outcome.mean_loss < moment.config.tol
            expect(not below, f"with {changes} it ends at {outcome.mean_loss:.6g}")


# Epochs


@EPOCHS.says("The rate has come down to 0: no gradient moves w any more.")
def _(moment):
    expect(rate_now(moment) < 1e-300, f"the rate is {rate_now(moment)}")


@EPOCHS.says(
    "In the long run, each epoch at learning rate {value} multiplies the distance to "
    "{place:the optimum|the place where w settles} by {factor:[^ ]+|1 [+−] [^ ]+}.",
    "In the long run, an epoch at a constant learning rate of {value} would multiply the distance to "
    "{place:the optimum|the place where w settles} by {factor:[^ ]+|1 [+−] [^ ]+}.",
)
def _(moment, value, place, factor):
    exact, at = moment.exact, rate_now(moment)
    expect_rate(value, at)
    expect(exact.is_affine and moment.config.round_epochs is None, "no epoch of this run has a fixed map")
    if exact.growth(at) > GROWS:
        raise Unjudged("rounding has a say in it")
    taken = exact.taken(at)
    if factor.startswith("1 "):
        _, sign, share = factor.split(" ")
        expect_near(share, taken if sign == "−" else -taken, 4, abs(taken) * Decimal("2e-4"), "1 − the radius")
    else:
        expect_near(factor, 1 - taken, 4, abs(taken) * Decimal("2e-4"), "the radius")
    only = moment.task.is_full_batch and moment.exact.determined
    expect(place == "the optimum" or not only, "it settles at the optimum")
    if taken > 0:
        _, loss = settled(moment, at)
        rounded = moment.truth.slack_of_best() * exact.growth(at) ** 2  # of y, which an epoch may lengthen
        best = moment.truth.least * (1 + Decimal("1e-5")) + Decimal(rounded)
        expect(
            place != "the optimum" or loss <= best, f"it settles at {loss:.6g}, the best is {moment.truth.least:.6g}"
        )


@EPOCHS.says("The mean loss cannot fall below tol {tol}: even at the optimum it is {least}.")
def _(moment, tol, least):
    expect_near(tol, moment.config.tol, what="tol")
    expect_best(moment, least)
    expect(not moment.truth.least < moment.config.tol * (1 - 1e-12), "it can")


@EPOCHS.says(
    "Predicted: mean loss below tol {tol} after {epochs} epoch(s){schedule:|"
    " with schedule [a-z-]+}{more:| \\(the run has [0-9,]+\\)}."
)
def _(moment, tol, epochs, schedule, more):
    config = moment.config
    expect(not moment.ended, "the run has ended")
    expect_near(tol, config.tol, what="tol")
    expect((schedule.rpartition(" ")[2] or "constant") == config.schedule, f"the schedule is {config.schedule}")
    if more:
        expect(number(more.split()[-1].strip(")")) == config.epochs < number(epochs), f"the run has {config.epochs}")
    else:
        expect(number(epochs) <= config.epochs, f"the run has {config.epochs}")
    expect(not moment.truth.loss_at_start < config.tol, "the mean loss is below tol at the start")
    expect_below_tol(moment, epochs)


@EPOCHS.says("Whether it is still below tol at the end of the run is not predicted.")
def _(moment):
    expect(moment.config.stop_on != "dataset", "its rule stops it there")


@EPOCHS.says("However, it is not below tol at the end of the run.")
def _(moment):
    run = moment.truth.run
    expect((run.losses < moment.config.tol).any() and not run.mean_loss < moment.config.tol, "it is, or never was")


@EPOCHS.says(
    "At the start, the mean loss is {loss}, already below tol {tol}: tol says nothing about this run.",
    "At the start, the mean loss is {loss}, already below tol {tol}, so the run may stop after its first epoch however "
    "good it is; with a lower tol it goes on.",
)
def _(moment, loss, tol):
    slack = moment.truth.slack(moment.task.start)
    expect_near(loss, moment.truth.loss_at_start, 4, slack, "the loss at the start")
    expect_near(tol, moment.config.tol, what="tol")
    expect(number(loss) < number(tol), "it is not below")


@EPOCHS.says("Predicted: the run diverges{schedule:| with schedule [a-z-]+}.")
def _(moment, schedule):
    run = moment.truth.run
    expect((schedule.rpartition(" ")[2] or "constant") == moment.config.schedule, "it has another schedule")
    expect(run.status is Status.DIVERGED, f"the run ends {run.status}")


@EPOCHS.says("It is not predicted whether, or when, this run reaches a mean loss below tol {tol}.")
def _(moment, tol):
    expect_near(tol, moment.config.tol, what="tol")


@EPOCHS.says("At the end, after {epochs} epoch(s), the mean loss will be {loss}.")
def _(moment, epochs, loss):
    expect(not moment.ended, "the run has ended")
    expect_end(moment, epochs, loss)


@EPOCHS.says("With a constant learning rate of {value} from the start it would take {epochs} epoch(s).")
def _(moment, value, epochs):
    at = rate_now(moment)
    expect_rate(value, at)
    expect_below_tol(moment, epochs, lr=float(at), schedule="constant")


# Condition and losses


@CONDITION.says("The data do not determine w: many choices of w fit equally well.")
def _(moment):
    expect(not moment.exact.determined, "three samples have different x")


@CONDITION.says(
    "The condition number is {condition}: the mean loss curves that many times more strongly in its steepest direction "
    "than in its flattest{more:(?:; without scaling it would be [^ ;]+|; with scale features = yes it would be "
    "[^ ;]+)?}."
)
def _(moment, condition, more):
    found = moment.exact.condition
    expect_near(condition, found, 4, found * Decimal("1e-9"), "it")
    if more:
        scaled = moment.config.scale_features
        expect(scaled == more.startswith("; without"), "the run has its features scaled, or has not")
        other = Exact(moment.task.replace(scale_features=not scaled)).condition
        expect_near(more.rpartition(" ")[2], other, 4, other * Decimal("1e-9"), "the other")


@CONDITION.says(
    "A rate low enough for the steepest direction is far too low for the flattest, so w only crawls along it."
)
def _(moment):
    expect(moment.exact.condition >= CRAWLS * (1 - 1e-9), "the directions are alike")
    run, bound = moment.truth.run, moment.truth.good
    expect(float(moment.truth.loss_at_start) > bound, "it is close to the optimum from the start")
    soon = run.status is not Status.DIVERGED and run.epochs <= CRAWLS and run.mean_loss < bound
    expect(not soon, f"after {run.epochs} epochs it is close to the optimum")


@LOSSES.says(
    "The last update's loss is {loss}{rounded:(?:, rounded to [0-9]+ decimals?)?}; the mean loss of all {count} "
    "samples is {mean_loss}{times:(?:, [^ ]+ times as large)?}."
)
def _(moment, loss, rounded, count, mean_loss, times):
    snapshot = moment.snapshot
    expect(int(count) == len(moment.task.problem.x), "there are others")
    expect_near(mean_loss, snapshot.mean_loss, what="the mean loss")
    expect_near(mean_loss, moment.exact.mean_loss(snapshot.trained_w), 4, moment.truth.slack(snapshot.trained_w))
    expect_near(loss, snapshot.loss, what="the loss")
    if times:
        expect_near(times.split()[1], snapshot.mean_loss / snapshot.loss, what="the ratio")
    expect(bool(rounded) == (moment.config.round_epochs is not None and not snapshot.update), "it is rounded, or not")


@LOSSES.says("Stopping when the former falls below tol {tol} is too early; stop on = dataset checks the latter.")
def _(moment, tol):
    snapshot = moment.snapshot
    expect_near(tol, moment.config.tol, what="tol")
    expect(snapshot.loss < moment.config.tol <= snapshot.mean_loss, "it is not")


@LOSSES.says("One says little about the other.")
def _(moment):
    snapshot = moment.snapshot
    alike = snapshot.loss > 0 and 0.1 < snapshot.mean_loss / snapshot.loss < 10
    expect(not alike, f"they are {snapshot.loss:.4g} and {snapshot.mean_loss:.4g}")
