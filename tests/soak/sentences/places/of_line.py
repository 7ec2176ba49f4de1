"""The line below the header: what follows of the rate, where the run leads, what mends it."""

import re

from soak.sentences.facts import (
    changed,
    expect_below_tol,
    expect_best,
    expect_converges,
    expect_end,
    expect_ends,
    expect_rests,
    expect_settles,
)
from soak.sentences.places.of_rate import read_rate
from soak.sentences.rules import Table
from soak.sentences.told import Unjudged, expect, number

from quadfit_tui.core.training.status import Status

LINE = Table("line")
BETWEEN = re.compile(r"; ")
_POINTER = re.compile(r"; (?:press i(?: for details| to see why)?|i: details|i: why)$")


def read_line(text, moment):
    """The findings about a line: the rate, then its parts."""
    yield from read_rate(_POINTER.sub("", text), moment, BETWEEN, LINE)


def _is_ahead(moment):
    expect(not moment.ended, "the run has ended")


def _expect_at_rest(moment, text, digits=2):
    """That w settles there, of a constant rate, or comes to rest there."""
    config = moment.config
    constant = config.schedule == "constant" or (config.schedule == "exponential" and config.decay_rate == 1)
    if constant and config.round_epochs is None:
        expect_settles(moment, config.lr, text, digits)
    else:
        expect_rests(moment, text, digits)


@LINE.says(
    "stops after {epochs} epoch(s), at a mean loss of {loss}", "stops after {epochs} epoch(s) at mean loss {loss}"
)
def _(moment, epochs, loss):
    _is_ahead(moment)
    expect(moment.truth.run.status is Status.CONVERGED, "its rule does not stop it")
    expect(not moment.truth.run.mean_loss < moment.config.tol, "the mean loss is below tol then")
    expect_end(moment, epochs, loss)


@LINE.says("stops after {epochs} epoch(s), too early")
def _(moment, epochs):
    _is_ahead(moment)
    run = moment.truth.run
    expect(run.status is Status.CONVERGED and run.epochs == number(epochs), f"it {run.status} after {run.epochs}")
    expect(not run.mean_loss < moment.config.tol, "the mean loss is below tol then")


@LINE.says(
    "{:settles|comes to rest} at a mean loss of {loss}, the best is {least}", "mean loss nears {loss}, best {least}"
)
def _(moment, loss, least):
    expect_best(moment, least, 2)
    _expect_at_rest(moment, loss)


@LINE.says("ends at a mean loss of {loss}, the best is {least}", "ends at mean loss {loss}, best {least}")
def _(moment, loss, least):
    expect(moment.config.schedule == "cosine", f"the schedule is {moment.config.schedule}")
    expect_best(moment, least, 2)
    expect_end(moment, None, loss, 2)


@LINE.says("would settle at a mean loss of {loss}", "would settle at mean loss {loss}")
def _(moment, loss):
    expect(moment.ended, "it has not ended")
    _expect_at_rest(moment, loss)


@LINE.says(
    "nears a mean loss of {loss}, but ends at {end} after {epochs} epoch(s)",
    "nears a mean loss of {loss}, but ends at {end}",
    "nears mean loss {loss}, but ends at {end}",
)
def _(moment, loss, end, epochs=None):
    _is_ahead(moment)
    _expect_at_rest(moment, loss)
    expect_end(moment, epochs, end, 2)


@LINE.says("gets worse")
def _(moment):
    run = moment.truth.run
    worse = run.status is Status.DIVERGED or not run.mean_loss <= float(moment.truth.loss_at_start)
    expect(worse, f"it begins at {moment.truth.loss_at_start:.6g} and ends at {run.mean_loss:.6g}")


@LINE.says("it will diverge")
def _(moment):
    _is_ahead(moment)
    expect(moment.truth.run.status is Status.DIVERGED, f"the run ends {moment.truth.run.status}")


@LINE.says("would need {epochs} epoch(s)")
def _(moment, epochs):
    _is_ahead(moment)
    expect(number(epochs) > moment.config.epochs, "the run has as many")
    expect_below_tol(moment, epochs)


@LINE.says("mean loss below tol after {epochs} epoch(s)", "should converge after {epochs} epoch(s)")
def _(moment, epochs):
    _is_ahead(moment)
    expect(number(epochs) <= moment.config.epochs, "the run has fewer")
    expect(not moment.truth.loss_at_start < moment.config.tol, "the mean loss is below tol at the start")
    expect_below_tol(moment, epochs)
    run = moment.truth.run
    expect(run.status is not Status.DIVERGED and run.mean_loss < moment.config.tol, f"it ends at {run.mean_loss:.6g}")


@LINE.says("the start is already below tol: choose a lower one", "the start is below tol")
def _(moment):
    expect(moment.config.stop_on != "never", "no tol stops it")
    expect(float(moment.truth.loss_at_start) < moment.config.tol, "it is not")


@LINE.says("tol is out of reach: the mean loss cannot go below {least}", "tol is out of reach (best {least})")
def _(moment, least):
    expect(moment.config.stop_on == "dataset", "tol is compared with another loss")
    expect(not moment.truth.least < moment.config.tol, "it is not")
    expect_best(moment, least)


CHANGE = "{change:(?:scaled features|lr [^ ]+|schedule [a-z-]+)(?: and (?:scaled features|lr [^ ]+|schedule [a-z-]+))*}"


@LINE.says(
    f"{CHANGE} {{how:converges|brings the mean loss below tol}} after {{epochs}} epoch(s)",
    f"with {CHANGE} it {{how:converges|brings the mean loss below tol}} after {{epochs}} epoch(s)",
)
def _(moment, change, how, epochs):
    expect_converges(moment, changed(change), epochs, never=how != "converges")


@LINE.says(
    f"with {CHANGE} it ends at a mean loss of {{most:|at most }}{{loss}}",
    f"with {CHANGE} it ends at mean loss {{most:|at most }}{{loss}}",
)
def _(moment, change, most, loss):
    expect_better(moment, change, loss, most)


def expect_better(moment, change, loss, most=""):
    """That a change makes the run end with this mean loss, and that this is less than that of the run."""
    changes = changed(change)
    expect_ends(moment, changes, None, loss, most=most)
    run, other = moment.truth.run, moment.truth.of(**changes)
    if run.status is not Status.DIVERGED:
        expect(other.mean_loss < run.mean_loss, f"the run itself ends at {run.mean_loss:.6g}")


@LINE.says("scaled features {what:mend it|help}")
def _(moment, what):
    run, told = moment.truth.run, moment.memory.get("scaled")
    if told is None:
        raise Unjudged("at which rate is not told")
    outcome = moment.truth.of(**changed(told))
    good = outcome.mean_loss <= moment.truth.good
    better = good if what == "mend it" else run.status is Status.DIVERGED or outcome.mean_loss < run.mean_loss
    expect(better and outcome.status is not Status.DIVERGED, f"with {told} it ends at {outcome.mean_loss:.6g}")


@LINE.says(f"{CHANGE} {{:mends|mend}} it")
def _(moment, change):
    outcome = moment.truth.of(**changed(change))
    good = outcome.mean_loss <= moment.truth.good
    expect(good and outcome.status is not Status.DIVERGED, f"it ends at {outcome.mean_loss:.6g}")
