"""An update in words: run --explain with --format spoken."""

from decimal import Decimal

from soak.sentences.places.of_update import ONE, SAMPLES, expect_angle, expect_losses, expect_samples
from soak.sentences.rules import Table
from soak.sentences.told import expect, expect_near, unit, written

SAID = Table("spoken update")
SAID.says(f"{{optimizer:[a-z]+}} on {SAMPLES}.")(expect_samples)


def read_spoken_update(lines, moment, true):
    """The findings about the lines of an update in words."""
    for line in lines:
        yield from SAID.read(written(line), (moment, true), ONE)


@SAID.says("Epoch {epoch}, update {update} of {updates}.")
def _(both, epoch, update, updates):
    moment, true = both
    expect((int(epoch), int(update)) == (true.record.epoch, true.record.update), "it is another")
    expect(int(updates) == moment.task.updates_per_epoch, f"there are {moment.task.updates_per_epoch}")


@SAID.says("{feature:[xz]} {x}, y {y}.", "{feature:[xz]} {x}.", "y {y}.")
def _(both, feature=None, x=None, y=None):
    moment, true = both
    expect(feature is None or (feature == "z") == moment.config.scale_features, "the features are scaled, or not")
    for told, value in ((x, true.x[0]), (y, true.y[0])):
        if told is not None:
            expect_near(told, value, 3, abs(value) * Decimal("1e-15"))


@SAID.says("The parabola gives {y_out}, the residual is {r}.", "The parabola gives {y_out}.", "the residual is {r}.")
def _(both, y_out=None, r=None):
    for name, told in (("y_out", y_out), ("r", r)):
        if told is not None:
            expect_near(told, both[1].values[name][0], 3, both[1].values[name][1], name)


@SAID.says("Loss {loss}, the residual squared.", "Loss {loss}, the mean of the squared residuals.")
def _(both, loss):
    expect_near(loss, both[1].loss, 3, both[1].loss_lost, "the loss")


@SAID.says(
    "Gradient{whole:(?: of all samples)?}: a {a}, b {b}, c {c}.",
    "Gradient{whole:(?: of all samples)?}: a {a}.",
    "b {b}.",
    "c {c}.",
)
def _(both, whole=None, **told):
    moment, true = both
    whole = moment.memory["whole"] = moment.memory.get("whole") if whole is None else bool(whole)
    values = moment.exact.gradient(true.w) if whole else true.gradient
    lost = moment.exact.gradient_lost(true.w) if whole else true.gradient_lost
    for name, value, room in zip("abc", values, lost, strict=True):
        if name in told:
            expect_near(told[name], value, 3, room, name)


@SAID.says("The angle between them is {angle} degrees.")
def _(both, angle):
    expect_angle(both, angle, unit(angle, 3) / 2)


@SAID.says("Each changes by {minus:-}{rate} times its gradient.", "Learning rate {rate}.")
def _(both, rate, minus=None):
    expect((minus is not None) == (both[0].config.optimizer == "sgd"), "the rule is another")
    expect_near(rate, both[1].lr, 3, both[1].lr * Decimal("1e-12"), "the rate")


@SAID.says(
    "{name:[abc]} goes from {old} to {new}.",
    "{name:[abc]} becomes {new}.",
    "{name:[abc]} {moved:stays} {new}.",
    "{name:[abc]} goes {moved:up|down} by {change} to {new}.",
)
def _(both, name, new, old=None, moved=None, change=None):
    record, at = both[1].record, "abc".index(name)
    before, after = float(record.before[at]), float(record.trained_w[at])
    expect_near(new, after, 3)
    if both[0].config.round_epochs is None:
        expect_near(new, both[1].after[at], 3, both[1].after_lost[at])
    if old is not None:
        expect_near(old, before, 3)
    expect(moved != "stays" or before == after, f"it was {before}")
    expect(moved not in ("up", "down") or (moved == "up") == (after > before), "it goes the other way")
    if change is not None:
        expect_near(change, abs(after - before), 3)


@SAID.says("They are rounded to {decimals} decimal(s).")
def _(both, decimals):
    expect(int(decimals) == both[0].config.round_epochs, f"to {both[0].config.round_epochs}")


@SAID.says("Mean loss of all samples: {before} before, {after} after.", "Mean loss {after} after it.")
def _(both, after, before=None):
    expect_losses(*both, before, after, 3)
