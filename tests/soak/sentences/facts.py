"""Checks that several places share: limits, places of rest, the ends of runs, changes that were tested."""

from decimal import Decimal

import numpy as np
from soak.sentences.exact import UNSEEN
from soak.sentences.told import Unjudged, expect, expect_near, number, unit
from soak.sentences.trained import EPSILON, MOST_UPDATES, rate

from quadfit_tui.core.diagnosis.stability import limit
from quadfit_tui.core.training.status import Status

TOO_SLOW = Decimal("1e-11")  # of the distance, in an epoch: a billion take a hundredth; doubles hold few of its digits
GROWS = 1e8  # an error, within an epoch: from here on rounding has a say in where the limit is


def expect_rate(text, value, what="the rate"):
    expect_near(text, value, 4, 1e-12 * abs(value), what)


def expect_safe_rate(moment, text):
    """That it is 2/(factor·max‖f‖²), rounded down: no update moves w away from what fits its samples."""
    expect(is_plain(moment.config), "only of plain descent a rate is safe")
    exact = moment.exact
    found = 2 / (exact.factor * exact.largest)
    slack = found * Decimal("1e-12")
    expect(number(text) - slack <= found < number(text) + unit(text, 3) + slack, f"it is {found:.10g}")


def is_plain(config):
    """Whether no update remembers anything."""
    return config.optimizer == "sgd" or (config.optimizer in ("momentum", "nesterov") and not config.momentum)


def expect_limit(moment, text):
    """That a run converges below it, at rates that are tried here and there, and not at some rate just above it."""
    exact, low = moment.exact, number(text)
    high = (low + unit(text, 3)) * (1 + Decimal("3e-6"))
    expect(exact.is_affine, "there is no exact limit")
    if exact.growth(high) > GROWS:
        _expect_limit_of_rounding(moment, float(low))
        return
    expect(
        exact.shrinks(low * (1 - Decimal("1e-12"))),
        f"at this rate itself the spectral radius is {exact.log_radius(low).exp():.12g}",
    )
    few = 2 if moment.task.updates_per_epoch > 100 else 8  # rates, each of which takes the longer
    above = [low + (high - low) * step / few for step in range(few, 0, -1)]
    # At a narrow border these may all be beyond it: then the program's own digits tell where to look, and no more.
    above += [Decimal(limit(moment.task).rate) * (1 + Decimal(10) ** -power) for power in (6, 5, 4)]
    above = [each for each in above if low <= each <= high]
    expect(any(not exact.shrinks(each) for each in above), "just above it, the spectral radius is below 1")
    rng = np.random.default_rng(int(low.scaleb(3 - low.adjusted())))
    for share in [*rng.uniform(0, 1, few // 2), *10 ** rng.uniform(-6, 0, few // 4)]:
        below = low * Decimal(float(share))
        expect(exact.shrinks(below), f"at {below:.6g}, which is below, the spectral radius is 1 or more")


def _expect_limit_of_rounding(moment, low):
    """That a run a little below it stays in bounds: 0.9 times what rounding tells no better."""
    task = moment.task
    epochs = min(300, MOST_UPDATES // task.updates_per_epoch)
    outcome = moment.truth.of(lr=0.9 * low, schedule="constant", epochs=epochs, stop_on="never", round_epochs=None)
    expect(not outcome.overflowed, f"a run at lr {0.9 * low:.4g} overflows")


def is_stable(moment, at):
    """Whether a run at a constant rate is sure to settle; None where rounding has a say, or no run can show it.

    The map of an epoch tells nothing of a run that has another order of its samples in each.
    """
    if not moment.exact.is_affine or moment.exact.growth(at) > GROWS:
        return None
    if -TOO_SLOW < moment.exact.log_radius(at) < UNSEEN:
        return None
    return moment.exact.shrinks(at)


def settled(moment, at):
    """(w, mean loss) where a run at a constant rate settles, w as trained."""
    expect(moment.exact.is_affine, "no epoch of this run has a fixed map")
    expect(moment.config.round_epochs is None, "w is rounded")
    if moment.exact.growth(at) > GROWS:
        raise Unjudged("rounding has a say in where it settles")
    taken = moment.exact.taken(at)
    expect(taken > 0, f"at lr {at:.6g} it settles nowhere: 1 − radius is {taken:.3g}")
    w = moment.exact.settled(at)
    return w, moment.exact.mean_loss(w)


def expect_settles(moment, at, text, digits):
    """That a run at a constant rate settles at a mean loss: by its map, and where that is not long, by training."""
    _, loss = settled(moment, at)
    expect_near(text, loss, digits, loss * Decimal("1e-6") + Decimal(moment.truth.slack_of_best()), "the settled loss")
    taken = float(moment.exact.taken(at))
    expect(taken > EPSILON, f"an epoch takes off no more than {taken:.2g} of the distance, which rounding undoes")
    start = float(moment.truth.loss_at_start / loss) if loss else 1e30
    epochs = int((np.log(max(start, 1.0)) + 12) / taken) + 10
    if epochs * moment.task.updates_per_epoch <= MOST_UPDATES / 4:
        outcome = moment.truth.of(lr=float(at), schedule="constant", epochs=epochs, stop_on="never")
        expect(not outcome.overflowed, f"a run of {epochs} epochs overflows")
        slack = 0.02 * outcome.mean_loss + moment.truth.slack(outcome.rows[-1])
        expect_near(text, outcome.mean_loss, digits, slack, f"the mean loss after {epochs} epochs")


def rested(moment):
    """(w, mean loss) where a run comes to rest, w as trained, by training on until nothing changes any more."""
    config = moment.config
    if config.schedule == "cosine":
        epochs = config.epochs
    elif config.round_epochs is not None:
        epochs = 2000
    elif config.schedule == "halve":
        epochs = 62 * config.decay_every
    elif config.schedule == "exponential":
        epochs = int(43 / -np.log(config.decay_rate) * config.decay_every) + 1
    else:
        return _nears(moment)
    if config.schedule != "cosine" and config.optimizer in ("momentum", "nesterov"):
        epochs += int(60 / (1 - config.momentum) / moment.task.updates_per_epoch) + 1
    if epochs * moment.task.updates_per_epoch > MOST_UPDATES:
        raise Unjudged("too many updates until it rests")
    outcome = moment.truth.of(epochs=epochs, stop_on="never")
    expect(not outcome.overflowed, f"the run overflows in epoch {outcome.epochs}")
    if config.round_epochs is not None:
        expect(np.array_equal(outcome.rows[-1], outcome.rows[-2]), f"w still moves after {epochs} epochs")
    return outcome.rows[-1], outcome.mean_loss


def _nears(moment):
    """(w, mean loss) where rates lead that go down like 1/n, if they lead there in a run of a billion epochs."""
    config = moment.config
    expect(config.schedule == "inverse-time" and moment.exact.is_affine, "that is not known of such a run")
    expect(moment.exact.shrinks(config.lr), "the first rates are above the limit")
    w = moment.exact.drawn_to()
    return np.array([float(each) for each in w]), float(moment.exact.mean_loss(w))


def pace(config):
    """What n times the rate of epoch n comes to."""
    return Decimal(config.lr) * config.decay_every / Decimal(config.decay_rate)


def expect_rests(moment, text, digits):
    w, loss = rested(moment)
    slack = moment.truth.slack(w) + 2e-4 * loss
    expect_near(text, loss, digits, slack, "the mean loss at rest")
    later = moment.truth.run
    if later.status is Status.CONVERGED and moment.config.stop_on == "dataset":
        expect(False, "the run converges before")


def expect_best(moment, text, digits=4):
    expect_near(text, moment.truth.least, digits, moment.truth.slack_of_best(), "the least mean loss")


def expect_end(moment, epochs, text, digits=4):
    """That the run ends after so many epochs with a mean loss."""
    run = moment.truth.run
    expect(not run.overflowed, f"the run overflows in epoch {run.epochs}")
    expect(epochs is None or number(epochs) == run.epochs, f"it ends after {run.epochs} epochs")
    expect_near(text, run.mean_loss, digits, moment.truth.slack(run.rows[-1]) + 1e-9 * run.mean_loss, "the loss then")


def expect_grown(moment):
    """That the run has done its epochs, and diverged by its mean loss alone: above that of w = 0, too."""
    run, zero = moment.truth.run, float(np.mean(np.square(moment.task.problem.y)))
    expect(run.status is Status.DIVERGED and not run.overflowed, f"the run ends {run.status}")
    expect(run.epochs == moment.config.epochs, f"it ends after {run.epochs} epochs")
    expect(run.mean_loss > 999.999 * float(moment.truth.loss_at_start), f"it began at {moment.truth.loss_at_start:.6g}")
    expect(run.mean_loss > 0.999999 * zero, f"that of w = 0 is {zero:.6g}")


def expect_below_tol(moment, epochs, **changes):
    """That after so many epochs, and no fewer, the mean loss is below tol, in a run that goes on for so long."""
    needed, config = int(number(epochs)), moment.config
    tol = Decimal(config.tol)
    if needed * moment.task.updates_per_epoch <= MOST_UPDATES:
        ends = config.epochs if config.schedule == "cosine" and "schedule" not in changes else needed
        run = moment.truth.of(**changes, stop_on="dataset", epochs=max(needed, ends))
        expect(run.status is Status.CONVERGED, f"it does not come below tol in {needed} epochs")
        expect(run.epochs == needed, f"it comes below tol after {run.epochs} epochs")
        return
    at = changes.get("lr", config.lr)
    if not moment.exact.is_affine or changes.get("schedule", config.schedule) != "constant":
        raise Unjudged("too many epochs to be trained, and no constant map")
    for done, below in ((needed - 1, False), (needed, True)):
        loss = moment.exact.mean_loss(moment.exact.after(at, done))
        expect((loss < tol * (1 + Decimal("1e-9") * (1 if below else -1))) == below, f"after {done} it is {loss:.10g}")


def changed(words):
    """The settings that words of a change name: `scaled features and lr 0.7`."""
    changes = {}
    for part in words.split(" and "):
        name, _, value = part.partition(" ")
        match name:
            case "scaled":
                changes["scale_features"] = True
            case "lr":
                changes["lr"] = float(value)
            case "schedule":
                changes["schedule"] = value
            case _:
                raise Unjudged(f"no change that is known: {part}")
    return changes


def expect_converges(moment, changes, epochs, never=False):
    """That a run with these changes comes below tol after so many epochs, by its own rule; `never`: it has none."""
    outcome = moment.truth.of(**changes)
    expect(never == (moment.config.stop_on == "never"), f"the rule is {moment.config.stop_on}")
    if never:
        below = np.flatnonzero(outcome.losses < moment.config.tol)
        expect(len(below), "it never comes below tol")
        expect(below[0] + 1 == number(epochs), f"it comes below tol after {below[0] + 1} epochs")
        return
    expect(outcome.mean_loss < moment.config.tol, f"its mean loss is {outcome.mean_loss:.6g} at the end")
    expect(outcome.status is Status.CONVERGED, f"it ends {outcome.status}")
    expect(outcome.epochs == number(epochs), f"it ends after {outcome.epochs} epochs")


def expect_ends(moment, changes, epochs, text, digits=4, most=""):
    """That a run with these changes ends with a mean loss, or at `most` with it."""
    outcome = moment.truth.of(**changes)
    expect(outcome.status is not Status.DIVERGED, "it diverges")
    expect(epochs is None or outcome.epochs == number(epochs), f"it ends after {outcome.epochs} epochs")
    if most:
        expect(outcome.mean_loss <= float(number(text)), f"its mean loss at the end is {outcome.mean_loss:.6g}")
        return
    expect_near(text, outcome.mean_loss, digits, 1e-9 * outcome.mean_loss, "its mean loss at the end")


def rate_now(moment):
    """The rate of the epoch in progress, or of the last one of a run that has ended."""
    snapshot, config = moment.snapshot, moment.config
    ended = snapshot.status.ended and snapshot.record is not None
    return rate(config, snapshot.record.epoch if ended else snapshot.epoch)
