"""Sentences about a rate beside its limit: those of the line, which begin it, and those of the page."""

import re
from decimal import Decimal

import numpy as np
from soak.sentences.facts import expect_limit, expect_rate, expect_safe_rate, is_plain, is_stable, rate_now, settled
from soak.sentences.rules import Table
from soak.sentences.told import Unjudged, expect, expect_near, number, unit

from quadfit_tui.core.diagnosis.stability import LimitBasis, limit
from quadfit_tui.core.training.status import Status

RATE = Table("rate")
GROUNDS = Table("grounds")
LIMIT = "{name:limit|first limit}"
AFFINE = "{optimizer:sgd|momentum|nesterov}"
ADAPTIVE = "{optimizer:adagrad|rmsprop|adam}"


_AT_START = re.compile(r"^((?:the )?lr(?: \S+)?) at the start\b")
_USED_UP = re.compile(r"; schedule (\S+) has used it up: it is now (\S+?)(?=;|$)")


def read_rate(text, moment, parts=re.compile(r"\s+"), more=None):
    """The findings about a rate beside its limit, that of now or of the start; `more` is the table of what follows."""
    used_up = _USED_UP.search(text)
    told = text.replace(used_up[0], "") if used_up else text
    moment.memory["at start"] = bool(_AT_START.match(told))
    told = _AT_START.sub(r"\1", told)
    first = next(RATE.read(told, moment, parts))
    yield first
    rest = told[len(first.text) :].removeprefix("; ")
    if used_up:
        yield from RATE.read(used_up[0][2:], moment, parts)
    if first.verdict != "unknown" and rest:
        yield from (RATE if more is None else more).read(rest, moment, parts)


def _told_rate(moment, value):
    """The rate that a told one is: of the moment, or that of the start; without a number that of the moment."""
    at = moment.truth.rates[0] if moment.memory.get("at start") else rate_now(moment)
    if value is not None:
        expect_rate(value, at)
    return at


def _expect_used_up(moment, schedule):
    config, first = moment.config, moment.truth.rates[0]
    expect(schedule == config.schedule and config.schedule not in ("constant", "inverse-time"), "it does not die out")
    expect(rate_now(moment) < 1e-3 * first, f"it is {rate_now(moment)}, at the start {first}")


@RATE.says(
    "schedule {schedule:[a-z-]+} has used up lr {first}: it is now {value}",
    "schedule {schedule:[a-z-]+} has used it up: it is now {value}",
    "{schedule:halve|exponential|cosine} has used up lr {first}",
)
def _(moment, schedule, first=None, value=None):
    _expect_used_up(moment, schedule)
    if first is not None:
        expect_rate(first, moment.truth.rates[0])
    if value is not None:
        expect_rate(value, rate_now(moment))


def _beside(moment, value, limit, name, above):
    """A told rate and a told limit, as they are and as they stand to each other."""
    at = _told_rate(moment, value)
    expect_limit(moment, limit)
    _name(moment, limit, name)
    stable = is_stable(moment, at)
    if above:
        expect(number(value) > number(limit), "the told rate is not above the told limit")
        expect(stable is not True, "a run of this rate settles")
    else:
        expect(number(value) < number(limit) + unit(limit, 3), "the told rate is above the told limit")
        expect(stable is not False, "a run of this rate does not settle")
    return at


def _name(moment, limit, name):
    """That it is called the first one where the run begins in a window above it."""
    moment.memory["limit"], moment.memory["name"] = number(limit), name
    first = moment.truth.rates[0]
    if name != "safe rate" and is_stable(moment, first) is not None:
        window = first > float(number(limit) + unit(limit, 3)) and moment.exact.shrinks(first)
        expect(
            (name == "first limit") == window, f"the first rate, {first:.6g}, is in {'a' if window else 'no'} window"
        )


@RATE.says(f"lr {{value}} is {{percent}} % of the {LIMIT} {{limit}}")
def _(moment, value, percent, limit, name):
    at = _beside(moment, value, limit, name, above=False)
    low, high = (100 * at / float(each) for each in (number(limit) + unit(limit, 3), number(limit)))
    room = float(unit(percent, 2)) / 2 * (1 + 1e-9)
    expect(low - room <= float(number(percent)) <= high + room, f"it is {low:.5g} to {high:.5g} %")


@RATE.says(f"lr {{value}} is just below the {LIMIT} {{limit}}")
def _(moment, value, limit, name):
    at = _beside(moment, value, limit, name, above=False)
    expect(at > 0.99 * float(number(limit)), "it is not just below")


@RATE.says(f"lr {{value}} is above the {LIMIT} {{limit}}")
def _(moment, value, limit, name):
    at = moment.truth.rates[0] if moment.memory.get("at start") else rate_now(moment)
    window = is_stable(moment, at)
    if name == "first limit" and window:  # the shortest way to say that it is in a window
        expect_limit(moment, limit)
        _told_rate(moment, value)
        _name(moment, limit, name)
        expect(number(value) > number(limit), "the told rate is not above the told limit")
        return
    _beside(moment, value, limit, name, above=True)


@RATE.says("lr {value} is above {limit}, below which w settles")
def _(moment, value, limit):
    expect_limit(moment, limit)
    expect(moment.task.updates_per_epoch > 1, "there is one limit")
    expect(_told_rate(moment, value) > float(number(limit)), "the told rate is not above the told limit")
    _name(moment, limit, "limit")


@RATE.says(f"lr {{value}} is at the {LIMIT} {{limit}}", f"lr {{value}} is close to the {LIMIT} {{limit}}")
def _(moment, value, limit, name):
    at = _told_rate(moment, value)
    moment.memory["limit"], moment.memory["name"] = number(limit), name
    expect(abs(at / float(number(limit)) - 1) < 0.02, "it is not")
    if moment.exact.is_affine and is_stable(moment, at) is not None:
        expect(abs(moment.exact.log_radius(at)) < Decimal("1e-3"), "the radius is not near 1")


@RATE.says(
    "lr {value} is above the first limit {limit}, but stable: between {low} and {high} w settles again",
    "lr {value} is stable again ({low} to {high})",
)
def _(moment, value, low, high, limit=None):
    at = _told_rate(moment, value)
    if limit is not None:
        expect_limit(moment, limit)
        moment.memory["limit"], moment.memory["name"] = number(limit), "first limit"
        expect(number(limit) < number(value), "it is not above the first limit")
    expect(number(low) <= number(value) <= number(high), "it is not between these")
    expect(is_stable(moment, at) is not False and moment.exact.shrinks(at), "it is not stable")
    for share in np.linspace(0, 1, 9):
        between = number(low) + (number(high) - number(low)) * Decimal(float(share))
        expect(is_stable(moment, between) is not False, f"{between:.8g}, which is between, is not stable")
    for end, beyond in ((number(low), -unit(low, 3)), (number(high), unit(high, 3))):
        outside = end + beyond * Decimal("1.00001")
        expect(is_stable(moment, outside) is not True, f"{outside:.8g}, which is outside, is stable")


@RATE.says("lr {value} is safe: below {limit} it cannot diverge", "lr {value} is below {limit}: safe")
def _(moment, value, limit):
    at = _told_rate(moment, value)
    expect_safe_rate(moment, limit)
    moment.memory["limit"], moment.memory["name"] = number(limit), "safe rate"
    expect(at < float(number(limit) + unit(limit, 3)), "it is above")
    if moment.config.schedule == "constant" or at == moment.truth.rates[0]:
        expect(moment.truth.run.status is not Status.DIVERGED, "the run diverges")


@RATE.says("lr {value} may diverge; it is only safe below {limit}", "lr {value} is above the safe rate {limit}")
def _(moment, value, limit):
    _told_rate(moment, value)
    expect_safe_rate(moment, limit)
    expect(number(value) >= number(limit), "it is below")
    moment.memory["limit"], moment.memory["name"] = number(limit), "safe rate"


@RATE.says("lr {value} is above {limit}, below which it cannot diverge")
def _(moment, value, limit):
    _told_rate(moment, value)
    expect_safe_rate(moment, limit)
    expect(number(value) >= number(limit), "it is below")
    moment.memory["limit"], moment.memory["name"] = number(limit), "safe rate"


@RATE.says(
    f"{ADAPTIVE} rescales each gradient, so the learning rate has no fixed limit", f"{ADAPTIVE}: lr has no fixed limit"
)
def _(moment, optimizer):
    expect(moment.config.optimizer == optimizer, f"the optimizer is {moment.config.optimizer}")


@RATE.says(f"{AFFINE}: no learning-rate limit is known for this kind of run", f"{AFFINE}: no limit of lr is known")
def _(moment, optimizer):
    expect(moment.config.optimizer == optimizer, f"the optimizer is {moment.config.optimizer}")


@RATE.says("lr{value:(?: [^ ]+)?} is {how:below|above|close to|at} the {name:limit|first limit|safe rate}")
def _(moment, value, how, name):
    at, bound = _told_rate(moment, value.strip() or None), limit(moment.task).rate
    if how in ("close to", "at"):
        expect(abs(at / bound - 1) < 0.02, "it is not")
    else:
        expect((at < bound) == (how == "below"), f"the rate is {at:.6g}, the bound {bound:.6g}")
    expect((name == "safe rate") == (limit(moment.task).basis is LimitBasis.SAFE), "it is called otherwise")


# The grounds, and the schedule


def _bound(moment):
    if "limit" not in moment.memory:
        raise Unjudged("no limit is told before")
    return moment.memory["limit"]


@GROUNDS.says(
    "The schedule starts at {value} and never falls below the {name:limit|first limit|safe rate} during the run.",
    "The schedule starts at {value} and only falls below the {name:limit|first limit|safe rate} from epoch {epoch} on.",
)
def _(moment, value, name, epoch=None):
    expect_rate(value, moment.truth.rates[0])
    low = float(_bound(moment))
    expect(moment.memory["name"] == name, f"it was called {moment.memory['name']}")
    high = low * (1 + 1e-3) if low else low
    rates = np.array(moment.truth.rates)
    expect(rates[0] >= low, "it starts below")
    if epoch is None:
        expect(rates[-1] >= low * (1 - 1e-9), f"in the last epoch it is {rates[-1]:.6g}")
        return
    at = int(epoch)
    expect(0 < at < len(rates), "there is no such epoch")
    expect(rates[at] < high * 1.01, f"in that epoch it is {rates[at]:.6g}")
    expect(rates[at - 1] >= low * (1 - 1e-9), f"in the epoch before it is {rates[at - 1]:.6g}")


@GROUNDS.says(
    "{margin:Below|Well below} the {name:limit|first limit}, w eventually approaches {place:the optimum|the place "
    "where the run settles}; just above it, updates overshoot and w moves farther and farther away."
)
def _(moment, margin, name, place):
    low, config = _bound(moment), moment.config
    expect(moment.memory["name"] == name, f"it was called {moment.memory['name']}")
    expect(config.round_epochs is None, "w is rounded")
    expect(config.schedule == "constant" or config.decay_rate == 1, "the rate dies out")
    if margin == "Well below":
        low *= Decimal("0.5")
    else:
        expect_overshoots(moment, low)
    at = min(low * Decimal("0.5"), Decimal(config.lr))
    _, loss = settled(moment, at)
    only = moment.task.is_full_batch and moment.exact.determined
    expect(place == "the optimum" or not only, "it settles at the optimum")
    if place == "the optimum":
        rounded = moment.truth.slack_of_best() * moment.exact.growth(at) ** 2  # of y, which an epoch may lengthen
        expect(loss <= moment.truth.least * (1 + Decimal("1e-6")) + Decimal(rounded), "it settles elsewhere")
    # A double takes no more from w than half a unit of its last digit.
    taken = moment.exact.taken(at)
    expect(taken > Decimal("1e-16"), f"at lr {at:.3g} an epoch takes {taken:.2g} of the distance, which rounds to 0")


def expect_overshoots(moment, limit):
    above = (limit + unit(str(limit), 3)) * (1 + Decimal("1e-5"))
    rates = [limit + (above - limit) * step / 8 for step in range(8, 0, -1)]
    expect(any(is_stable(moment, each) is not True for each in rates), "just above it, w comes to rest")


@GROUNDS.says(
    "While the rate is just above the {name:limit|first limit}, updates overshoot and w moves farther and farther away."
)
def _(moment, name):
    expect_overshoots(moment, _bound(moment))
    expect(moment.memory["name"] == name, f"it was called {moment.memory['name']}")


@GROUNDS.says("It is 2 / ({factor} × {steepest}), from the largest eigenvalue of the curvature of the mean loss.")
def _(moment, factor, steepest):
    expect(moment.task.is_full_batch and moment.config.optimizer == "sgd", "the batch is not of all samples")
    expect(number(factor) == moment.exact.factor, f"the factor is {moment.exact.factor}")
    expect_near(steepest, moment.exact.steepest, 4, moment.exact.steepest * Decimal("1e-12"), "the eigenvalue")


@GROUNDS.says(
    "The limit is the lowest rate at which the updates of one epoch, taken together, no longer shrink the error: their "
    "combined map has spectral radius 1."
)
def _(moment):
    low = _bound(moment)
    if is_stable(moment, low) is None:
        raise Unjudged("rounding has a say in where the limit is")
    expect_overshoots(moment, low)
    expect(moment.exact.shrinks(low * (1 - Decimal("1e-12"))), "at a lower rate it is 1, too")


@GROUNDS.says(
    "Near the limit, w strays far from the optimum within an epoch before it returns, so the limit is set by rounding "
    "errors and not by the curvature alone. Just below it, these errors keep w from coming to rest."
)
def _(moment):
    growth = moment.exact.growth(_bound(moment))
    expect(growth > 1e6, f"an error grows no more than {growth:.3g} times")


@GROUNDS.says("Below it, no update moves w away from the optimum.")
def _(moment):
    expect(moment.truth.fits, "no w fits all samples")


@GROUNDS.says(
    "Below it, no update moves w away from what fits the samples of that update best. That is not the optimum, so w "
    "may still move away from the optimum."
)
def _(moment):
    expect(is_plain(moment.config), "only of plain descent")


@GROUNDS.says("Because the order changes every epoch, no exact limit can be computed; higher rates may also work.")
def _(moment):
    expect(moment.config.shuffle and not moment.task.is_full_batch, "the order stays the same")


@GROUNDS.says("An epoch has too many updates for an exact limit; higher rates may also work.")
def _(moment):
    expect(not moment.config.shuffle and moment.task.updates_per_epoch > 1000, "it has few updates")
