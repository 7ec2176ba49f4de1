"""EVENTS: the events of a run that the narrator reports, each when it happens for the first time."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.explain.narrated_epochs import LONG, EpochWindow, NarratedRun, number, numbers
from quadfit_tui.core.methods.schedules import SCHEDULES, is_constant
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.parabola import PARAMETER_NAMES
from quadfit_tui.core.session.closeness import AT
from quadfit_tui.core.text.language import _, ngettext
from quadfit_tui.core.text.numbers import format_short, rounded_down
from quadfit_tui.core.text.width import cell_width

GROWTH = 1.05  # minimum ratio to the mean loss of the epoch before, and to the lowest one so far, that counts as growth
WITHIN = 0.02  # maximum relative distance of a parameter that is right, as far as the curve shows
ALONG = 0.98  # minimum share of the distance from the optimum that is along a valley floor
FLATTEST = 0.99  # minimum share of the mean loss in the direction in which it falls most slowly
ALMOST = 1.01  # maximum ratio to the least mean loss that is as good as it gets
STILL = 1e-5  # an epoch that moves w by less than this share of its largest number leaves it at rest
LATER = 5  # minimum of epochs between the first growth and the sentence on a loss above that of the start

# A Test finds the epochs at which an event happens; a Say formats it at an index of them, in full and in brief.
Test = Callable[[NarratedRun, EpochWindow], NDArray[np.bool_]]
Say = Callable[[NarratedRun, EpochWindow, int], tuple[str, str]]


class Happening(NamedTuple):
    """A row of EVENTS: whether the event can happen in a run, its test, and the sentence that is shown once."""

    can: Callable[[NarratedRun], bool]
    test: Test
    say: Say
    warns: bool = False


def _percent(share: float) -> str:
    """Formats a share of 0.005 to 0.995 in percent."""
    digits = f"{100 * share:.0f}" if share >= 0.01 else f"{100 * share:.1g}"
    return _("{percent} %").format(percent=digits)


def _knows(self: NarratedRun) -> bool:
    return self.diagnosis is not None


def _knows_best(self: NarratedRun) -> bool:
    return bool(np.isfinite(self.best).all())


def _knows_limit(self: NarratedRun) -> bool:
    return self.diagnosis is not None and self.diagnosis.limit.rate is not None and "limit" not in self.withheld


def _at(epochs: int) -> Test:
    return lambda _self, rows: rows.epochs >= epochs


# 1: where it begins


def _begins_apart(self: NarratedRun) -> bool:
    return _knows_best(self) and bool((self.task.to_x(self.task.start) != self.best).any())


def _begins(self: NarratedRun, rows: EpochWindow, index: int) -> tuple[str, str]:
    farthest = int(np.abs(rows.off[index]).argmax())
    places = {
        "name": PARAMETER_NAMES[farthest],
        "value": number(rows.w[index, farthest]),
        "best": number(self.best[farthest]),
    }
    full = _("At the start {name} is farthest off: {value}, its best value is {best}.")
    return full.format(**places), _("{name} {value} is farthest off, best {best}").format(**places)


# 2: where it leads


def _is_foretold(self: NarratedRun) -> bool:
    known = self.diagnosis
    if known is None or not _knows_limit(self) or "forecast" in self.withheld or self.config.stop_on != "dataset":
        return False
    return known.converges and (known.epochs or 0) > 2 * LATER and not known.too_high(self.config.lr)


def _foretells(self: NarratedRun, rows: EpochWindow, index: int) -> tuple[str, str]:  # noqa: ARG001
    assert self.diagnosis is not None
    assert self.diagnosis.limit.rate is not None
    epochs, share = self.diagnosis.epochs or 0, self.config.lr / self.diagnosis.limit.rate
    full = ngettext(
        "lr {rate} is {share} of the limit: it should converge after {n} epoch.",
        "lr {rate} is {share} of the limit: it should converge after {n} epochs.",
        epochs,
        rate=format_short(self.config.lr),
        share=_percent(min(max(share, 0.001), 0.99)),
    )
    return full, ngettext("should converge after {n} epoch", "should converge after {n} epochs", epochs)


# 3 and 4: how much is done


def _is_half(self: NarratedRun, rows: EpochWindow) -> NDArray[np.bool_]:
    return (rows.loss <= self.start / 2) & ~_is_hundredth(self, rows)


def _half(self: NarratedRun, rows: EpochWindow, index: int) -> tuple[str, str]:
    start, loss = numbers(self.start, rows.loss[index])
    full = ngettext(
        "Half of the mean loss is gone after {n} epoch: {start} to {loss}.",
        "Half of the mean loss is gone after {n} epochs: {start} to {loss}.",
        int(rows.epochs[index]),
        start=start,
        loss=loss,
    )
    short = ngettext(
        "half the loss gone after {n} epoch", "half the loss gone after {n} epochs", int(rows.epochs[index])
    )
    return full, short


def _is_hundredth(self: NarratedRun, rows: EpochWindow) -> NDArray[np.bool_]:
    return rows.loss <= self.start / 100


def _hundredth(self: NarratedRun, rows: EpochWindow, index: int) -> tuple[str, str]:  # noqa: ARG001
    loss = number(rows.loss[index])
    full = ngettext(
        "After {n} epoch less than a hundredth of the mean loss is left: {loss}.",
        "After {n} epochs less than a hundredth of the mean loss is left: {loss}.",
        int(rows.epochs[index]),
        loss=loss,
    )
    return full, _("under 1 % of the loss left: {loss}").format(loss=loss)


# 5 to 8: which way w goes


def _can_lie_in_valley(self: NarratedRun) -> bool:
    return _knows_best(self) and self.is_plain and self.diagnosis is not None and self.diagnosis.condition > 4


def _is_in_valley(self: NarratedRun, rows: EpochWindow) -> NDArray[np.bool_]:
    distance = np.sqrt((rows.off**2).sum(axis=1))
    along = np.abs(rows.off @ self.directions[1][:, 0]) >= ALONG * distance
    lies: NDArray[np.bool_] = (
        (rows.epochs >= 10) & along & (rows.loss > self.little) & (rows.loss < rows.ago(rows.loss, 1))
    )
    lies[: rows.new] = False
    for index in np.flatnonzero(lies).tolist():
        lies[index] = bool((_with_one_right(self, rows, index) > rows.loss[index]).all())
        if lies[index]:
            break
    return lies


def _with_one_right(self: NarratedRun, rows: EpochWindow, index: int) -> Array:
    """Computes the mean losses with either of the two parameters that are farthest off put right, shape (2,)."""
    w = np.repeat(rows.w[index : index + 1], 2, axis=0)
    for row, name in enumerate(_two_farthest(rows.off[index])):
        w[row, name] = self.best[name]
    return self.task.problem.mean_losses(w)


def _two_farthest(off: Array) -> list[int]:
    return [int(name) for name in np.argsort(-np.abs(off), kind="stable")[:2]]


def _in_valley(self: NarratedRun, rows: EpochWindow, index: int) -> tuple[str, str]:  # noqa: ARG001
    off = rows.off[index]
    one, other = sorted(_two_farthest(off), key=lambda name: off[name] < 0)  # the one that is too large comes first
    places = {
        "one": PARAMETER_NAMES[one],
        "by": f"{abs(off[one]):.2g}",
        "other": PARAMETER_NAMES[other],
        "too": f"{abs(off[other]):.2g}",
    }
    if off[one] > 0 > off[other]:
        full = _("In the valley: {one} {by} too large and {other} {too} too small offset each other.")
    elif off[one] > 0:
        full = _("In the valley: {one} {by} and {other} {too} too large offset each other.")
    else:
        full = _("In the valley: {one} {by} and {other} {too} too small offset each other.")
    return full.format(**places), _("{one} and {other} offset each other").format(**places)


def _can_have_pace(self: NarratedRun) -> bool:
    return _knows_best(self) and self.is_plain and 0.005 <= 1 - self.pace <= 0.995


def _has_pace(self: NarratedRun, rows: EpochWindow) -> NDArray[np.bool_]:
    assert self.diagnosis is not None
    values, vectors = self.directions
    parts = values * (rows.off @ vectors) ** 2
    flattest = parts[:, 0] >= FLATTEST * parts.sum(axis=1)
    fits = (100 * self.diagnosis.least <= rows.loss) & (rows.loss > self.little)
    has_pace: NDArray[np.bool_] = (rows.epochs >= 10) & flattest & fits
    return has_pace


def _pace(self: NarratedRun, rows: EpochWindow, index: int) -> tuple[str, str]:  # noqa: ARG001
    places = {"percent": _percent(1 - self.pace), "left": _percent(min(max(self.pace**10, 0.001), 0.99))}
    full = _("From here each epoch takes {percent} off the mean loss: ten epochs leave {left}.")
    return full.format(**places), _("each epoch takes {percent} off").format(**places)


def _has_one_left(self: NarratedRun, rows: EpochWindow) -> NDArray[np.bool_]:
    near = np.abs(rows.off) <= WITHIN * np.abs(self.best)
    left: NDArray[np.bool_] = (near.sum(axis=1) == 2) & (rows.loss > self.little)
    left[: rows.new] = False
    for index in np.flatnonzero(left).tolist():
        w = rows.w[index].copy()
        name = int(near[index].argmin())
        w[name] = self.best[name]
        assert self.diagnosis is not None
        least = self.diagnosis.least
        left[index] = self.task.problem.mean_loss(w) - least <= 0.1 * (rows.loss[index] - least)
        if left[index]:
            break
    return left


def _one_left(self: NarratedRun, rows: EpochWindow, index: int) -> tuple[str, str]:
    name = int((np.abs(rows.off[index]) - WITHIN * np.abs(self.best)).argmax())
    value, best = numbers(rows.w[index, name], self.best[name])
    places = {"name": PARAMETER_NAMES[name], "value": value, "best": best}
    full = _("Only {name} is left: {value}, its best value is {best}; the others are within 2 %.")
    return full.format(**places), _("only {name} left: {value}, best {best}").format(**places)


def _steepest(self: NarratedRun) -> int:
    return int(np.abs(self.directions[1][:, 2]).argmax())


def _jumps(self: NarratedRun, rows: EpochWindow) -> NDArray[np.bool_]:
    off = rows.off[:, _steepest(self)]
    crosses = (off * rows.ago(off, 1) < 0) & (np.abs(off) > 0.005 * abs(self.best[_steepest(self)]))
    falls = rows.loss < rows.ago(rows.loss, 1)
    return rows.lasting(crosses, 3) & rows.lasting(falls, 2) & (rows.loss > self.little)


def _jump(self: NarratedRun, rows: EpochWindow, index: int) -> tuple[str, str]:
    name = _steepest(self)
    places = {
        "name": PARAMETER_NAMES[name],
        "best": number(self.best[name]),
        "before": number(rows.w[index - 1, name]),
        "now": number(rows.w[index, name]),
    }
    full = _("{name} jumps over its best value {best} each epoch: from {before} to {now}.")
    return full.format(**places), _("{name} jumps over {best}, to {now}").format(**places)


# 9 to 13: what goes wrong


def _is_above(self: NarratedRun) -> bool:
    if not _knows_limit(self) or not is_constant(self.config):
        return False
    assert self.diagnosis is not None
    return self.diagnosis.too_high(self.config.lr) and self.diagnosis.limit_at(self.config.lr) is not None


def _above(self: NarratedRun, rows: EpochWindow, index: int) -> tuple[str, str]:  # noqa: ARG001
    full = _("lr {rate} is above the limit {limit}: in the end each epoch lands farther off.")
    places = _rate_and_limit(self)
    return full.format(**places), _("lr {rate}: above the limit {limit}").format(**places)


def _rate_and_limit(self: NarratedRun) -> dict[str, str]:
    assert self.diagnosis is not None
    assert self.diagnosis.limit.rate is not None
    return {"rate": format_short(self.config.lr), "limit": rounded_down(self.diagnosis.limit.rate)}


def _below_from(self: NarratedRun) -> int | None:
    """Returns the first epoch whose rate is below the limit, if the schedule begins above it; else None."""
    known, config = self.diagnosis, self.config
    if known is None or not _knows_limit(self) or is_constant(config):
        return None
    schedule = SCHEDULES[config.schedule]
    if not known.too_high(schedule.rate(config, 0)):
        return None
    first = bisect_left(range(config.epochs), True, key=lambda epoch: not known.too_high(schedule.rate(config, epoch)))
    return first if first < config.epochs else None


def _above_at_first(self: NarratedRun, rows: EpochWindow, index: int) -> tuple[str, str]:  # noqa: ARG001
    places = {**_rate_and_limit(self), "epoch": str(_below_from(self))}
    full = _("lr {rate} is above the limit {limit} until it is lowered in epoch {epoch}.")
    return full.format(**places), _("above the limit until epoch {epoch}").format(**places)


def _has_momentum(self: NarratedRun) -> bool:
    is_moved = self.config.optimizer in ("momentum", "nesterov") and self.task.is_full_batch
    return is_moved and self.diagnosis is not None and not self.diagnosis.too_high(self.config.lr)


def _grows(self: NarratedRun, rows: EpochWindow) -> NDArray[np.bool_]:
    before = rows.ago(rows.loss, 1)
    lowest = np.minimum.accumulate(np.concatenate([[self.low], np.where(np.isnan(rows.loss), np.inf, rows.loss)]))[:-1]
    return (rows.loss > GROWTH * before) & (rows.loss > GROWTH * lowest) & (rows.epochs > 0)


def _growth(self: NarratedRun, rows: EpochWindow, index: int) -> tuple[str, str]:  # noqa: ARG001
    places = {"before": number(rows.loss[index - 1]), "loss": number(rows.loss[index])}
    full = _("The mean loss grew in epoch {epoch}: {before} to {loss}.")
    return full.format(epoch=int(rows.epochs[index]) - 1, **places), _("loss grew: {before} to {loss}").format(**places)


def _swing(self: NarratedRun, rows: EpochWindow, index: int) -> tuple[str, str]:  # noqa: ARG001
    places = {"before": number(rows.loss[index - 1]), "loss": number(rows.loss[index])}
    full = _("The mean loss grew, {before} to {loss}: momentum carried w past the valley.")
    return full.format(**places), _("overshot: loss {before} to {loss}").format(**places)


def _is_worse(self: NarratedRun, rows: EpochWindow) -> NDArray[np.bool_]:
    grew = math.inf if self.grew is None else self.grew  # that sentence is not repeated at once
    above = (rows.loss > (1 + STILL) * self.start) & (rows.epochs > 0)
    return above & ((rows.epochs < grew) | (rows.epochs >= grew + LATER))


def _worse(self: NarratedRun, rows: EpochWindow, index: int) -> tuple[str, str]:
    loss, start = numbers(rows.loss[index], self.start)
    full = _("The mean loss, {loss}, is above that of the start, {start}.")
    return full.format(loss=loss, start=start), _("worse than at the start: {loss}").format(loss=loss)


# 18 and 19: where it stays


def _cannot_reach_tol(self: NarratedRun) -> bool:
    return _knows_best(self) and self.diagnosis is not None and self.diagnosis.least > self.config.tol


def _is_at_best(self: NarratedRun, rows: EpochWindow) -> NDArray[np.bool_]:
    assert self.diagnosis is not None
    return rows.lasting(rows.loss <= ALMOST * self.diagnosis.least, 5) & (rows.epochs >= 5)


def _at_best(self: NarratedRun, rows: EpochWindow, index: int) -> tuple[str, str]:
    assert self.diagnosis is not None
    places = {"loss": number(rows.loss[index]), "least": rounded_down(self.diagnosis.least)}
    full = _("As good as it gets: mean loss {loss}; no parabola gets below {least}.")
    return full.format(**places), _("as good as it gets: loss {loss}").format(**places)


def _rests(self: NarratedRun, rows: EpochWindow) -> NDArray[np.bool_]:
    assert self.diagnosis is not None
    moved = np.abs(rows.w - np.column_stack([rows.ago(column, 1) for column in rows.w.T])).max(axis=1)
    still = (moved < STILL * np.abs(rows.w).max(axis=1)) & (rows.loss <= AT * self.diagnosis.least)
    return rows.lasting(still, 10)


def _rest(self: NarratedRun, rows: EpochWindow, index: int) -> tuple[str, str]:
    full, brief = _("At rest: no parabola gets closer."), _("at rest: none gets closer")
    if not (unit := self.task.problem.quantities.acceleration):
        return full, brief
    acceleration = f"{number(2 * rows.w[index, 0])} {unit}"
    sentence = _("At rest: no parabola gets closer. 2a is the acceleration, {acceleration}.")
    sentence = sentence.format(acceleration=acceleration)
    return sentence if cell_width(sentence) <= LONG else full, _("at rest; 2a = {acceleration}").format(
        acceleration=acceleration
    )


EVENTS: dict[str, Happening] = {
    "begins": Happening(_begins_apart, _at(0), _begins),
    "above": Happening(_is_above, _at(0), _above, warns=True),
    "above at first": Happening(lambda self: _below_from(self) is not None, _at(0), _above_at_first, warns=True),
    "forecast": Happening(_is_foretold, _at(LATER), _foretells),
    "half": Happening(lambda _self: True, _is_half, _half),
    "hundredth": Happening(lambda _self: True, _is_hundredth, _hundredth),
    "valley": Happening(_can_lie_in_valley, _is_in_valley, _in_valley),
    "pace": Happening(_can_have_pace, _has_pace, _pace),
    "one left": Happening(_knows_best, _has_one_left, _one_left),
    "jumps": Happening(lambda self: _knows_best(self) and self.task.is_full_batch, _jumps, _jump),
    "grows": Happening(lambda self: not _has_momentum(self), _grows, _growth, warns=True),
    "swings": Happening(_has_momentum, _grows, _swing),
    "worse": Happening(lambda _self: True, _is_worse, _worse, warns=True),
    "at best": Happening(_cannot_reach_tol, _is_at_best, _at_best),
    "rest": Happening(_cannot_reach_tol, _rests, _rest),
}
