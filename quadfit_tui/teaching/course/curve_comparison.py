"""Compares a drawn curve with its run, in a sentence: where they rise, or are flat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from quadfit_tui.core.text.language import N_, _, ngettext, paragraph
from quadfit_tui.core.text.numbers import format_short
from quadfit_tui.teaching.course.drawn_curve import DrawnCurve, Polyline, height_at, legs_of, shape_of
from quadfit_tui.teaching.judging.facts import Facts
from quadfit_tui.teaching.judging.loss_axes import AT_START, AT_TOL, WHOLE, LossAxes
from quadfit_tui.teaching.notation.lesson import Step

_FLAT = 3  # hundredths of the height; a curve that stays within them is nearly flat
_LEAST_FLAT = 0.25  # minimum length of a flat end, as a share of the curve's length
_ABOVE = 1.05  # times the mean loss at the start; a run that ends above that has risen
_STILL_FALLS = 1.05  # times the last mean loss; a flat part whose middle is above that falls slowly

# Templates of the sentences; the first that is true is used. {run} and {drawn} are counts of epochs, or numbers of
# epochs if a certain one is meant; {times} and {drawn_times} count the rises; {before}, {loss} and {drawn_loss} are
# mean losses; {shape} and {told} are shapes in words.
_RUN_RISES = N_("The run rises from epoch {run} on; your curve never rises.")
_RUN_COMES_DOWN = N_("The run rises from epoch {run} on and comes down again; your curve never rises.")
_RUN_SWINGS = N_("The run swings: it rises {times}, first from epoch {run} on; your curve never rises.")
_DRAWN_RISES = N_("Your curve rises from about epoch {drawn} on; the run never rises.")
_ONLY_DRAWN_COMES_DOWN = N_("Both rise, but your curve comes down again, and the run does not.")
_ONLY_RUN_COMES_DOWN = N_("Both rise, but the run comes down again, and your curve does not.")
_BOTH_SWING = N_("Both swing: the run rises {times}, your curve {drawn_times}.")
_BOTH_RISE = N_("Both rise: the run from epoch {run} on, your curve from about epoch {drawn} on.")
_BOTH_BELOW_TOL = N_("Both get below tol: the run after {run}, your curve after about {drawn}.")
_RUN_BELOW_TOL = N_("The run is below tol after {run}; your curve does not get there.")
_DRAWN_BELOW_TOL_RUN_FLAT = N_(
    "The run is nearly flat from about epoch {run} on, at {loss}; your curve gets below tol after about {drawn}."
)
_DRAWN_BELOW_TOL = N_("Your curve gets below tol after about {drawn}; the run ends at {loss}.")
_BOTH_FLAT = N_(
    "Both end nearly flat: the run from about epoch {run} on, at {loss}, your curve from about epoch {drawn} on, at "
    "{drawn_loss}."
)
_RUN_FLAT = N_(
    "The run is nearly flat from about epoch {run} on, at {loss}; your curve goes on falling, to {drawn_loss}."
)
_DRAWN_FLAT = N_(
    "Your curve is nearly flat from about epoch {drawn} on, at {drawn_loss}; the run goes on falling, to {loss}."
)
_BOTH_FALL = N_("Both fall to the end: the run to {loss}, your curve to {drawn_loss}.")
# Templates for a run alone.
_RISES = N_("The run rises from epoch {run} on.")
_COMES_DOWN = N_("The run rises from epoch {run} on, and comes down again.")
_SWINGS = N_("The run swings: it rises {times}, first from epoch {run} on.")
_BELOW_TOL = N_("The run is below tol after {run}.")
_ENDS_FLAT = N_("The run is nearly flat from about epoch {run} on, at a mean loss of {loss}.")
_ENDS_SLOWLY = N_("From about epoch {run} on the run falls slowly, from {before} to {loss}.")
_FALLS = N_("The run falls to its end, to a mean loss of {loss}.")
# These replace templates above if the run still falls where it looks nearly flat on the axes.
_SLOWLY = {
    _ENDS_FLAT: _ENDS_SLOWLY,
    _RUN_FLAT: N_(
        "From about epoch {run} on the run falls slowly, from {before} to {loss}; your curve goes on falling, to "
        "{drawn_loss}."
    ),
    _BOTH_FLAT: N_(
        "From about epoch {run} on the run falls slowly, from {before} to {loss}; your curve is nearly flat from about "
        "epoch {drawn} on, at {drawn_loss}."
    ),
    _DRAWN_BELOW_TOL_RUN_FLAT: N_(
        "From about epoch {run} on the run falls slowly, from {before} to {loss}; your curve gets below tol after "
        "about {drawn}."
    ),
}
# Templates for a shape that was chosen by words, which have no positions.
_AS_TOLD = N_("You said so: it {shape}.")
_NOT_AS_TOLD = N_("You said that it {told}; it {shape}.")


class _Trend(NamedTuple):
    """Features of a curve that the sentences name; an x is None if the curve lacks that feature."""

    rises: float | None  # x where it first rises
    times: int  # number of rises
    comes_down: bool  # whether it falls after the last rise
    below_tol: float | None  # x where it gets below tol
    flat: float | None  # x from which it is nearly flat to its end
    end: float  # height at its end

    @property
    def swings(self) -> bool:
        """Whether it rises more than once, and comes down after the last time."""
        return self.times > 1 and self.comes_down


@dataclass(frozen=True)
class RunCurve:
    """The mean loss of a run by epochs, on the axes that students draw on, and the sentences about it."""

    axes: LossAxes
    epochs: Sequence[int]
    losses: Sequence[float]

    @cached_property
    def places(self) -> list[tuple[float, float]]:
        """The points (x, y) of the run on the axes, in hundredths, up to its end."""
        across = (WHOLE * epoch / self.axes.epochs for epoch in self.epochs)
        return list(zip(across, map(self.axes.height, self.losses), strict=True))

    @property
    def shape(self) -> str:
        """The shape of the run's curve in English words, such as `falls evenly`: a key of SHAPES, or STAYS."""
        return shape_of(self._seen_places)

    @property
    def _seen_places(self) -> list[tuple[float, float]]:
        """The points; the last one is raised if the loss has risen by too little to be visible on these axes."""
        places = self.places
        if not legs_of(places) and not self.losses[-1] < _ABOVE * self.axes.start:
            return [places[0], (places[-1][0], 2.0 * AT_START)]
        return places

    @cached_property
    def _trend(self) -> _Trend:
        """The features of the run's curve."""
        return _trend(self._seen_places, self.axes)

    @property
    def sentence(self) -> str:
        """A sentence that describes the run alone."""
        run = self._trend
        if run.rises is not None:
            if run.swings:
                template = _SWINGS
            elif run.comes_down:
                template = _COMES_DOWN
            else:
                template = _RISES
            return self._render(template, run.rises)
        if run.below_tol is not None:
            return self._render(_BELOW_TOL, run.below_tol, counts=True)
        return self._render(_FALLS if run.flat is None else _ENDS_FLAT, run.flat or 0)

    def compare(self, curve: DrawnCurve) -> str:
        """Returns a sentence on how the run differs from a drawn curve.

        If the curve was chosen by words, it says whether they are right, and describes the run.
        """
        if curve.is_from_words:
            shape = self.shape
            template = _AS_TOLD if shape == curve.shape else _NOT_AS_TOLD
            return paragraph([_(template).format(shape=_(shape), told=_(curve.shape)), self.sentence])
        run, drawn = self._trend, _trend(curve.places, self.axes)
        drawn_loss = format_short(self.axes.loss(drawn.end))
        match run.rises, drawn.rises:
            case float(begin), None:
                if run.swings:
                    sentence = _RUN_SWINGS
                elif run.comes_down:
                    sentence = _RUN_COMES_DOWN
                else:
                    sentence = _RUN_RISES
                return self._render(sentence, begin)
            case None, float(begin):
                return self._render(_DRAWN_RISES, drawn=begin)
            case float(begin), float(other):
                if run.swings and drawn.comes_down:
                    return _(_BOTH_SWING).format(times=_times(run), drawn_times=_times(drawn))
                if run.comes_down == drawn.comes_down:
                    return self._render(_BOTH_RISE, begin, other)
                return _(_ONLY_RUN_COMES_DOWN if run.comes_down else _ONLY_DRAWN_COMES_DOWN)
        match run.below_tol, drawn.below_tol:
            case float(end), float(other):
                return self._render(_BOTH_BELOW_TOL, end, other, counts=True)
            case float(end), None:
                return self._render(_RUN_BELOW_TOL, end, counts=True)
            case None, float(end):
                after = _epochs(self.axes.epoch(end))
                if run.flat is None:
                    return _(_DRAWN_BELOW_TOL).format(drawn=after, loss=self._loss)
                flat = self.axes.epoch(run.flat)
                sentence = self._of_flat(_DRAWN_BELOW_TOL_RUN_FLAT)
                return _(sentence).format(
                    run=flat, drawn=after, loss=self._loss, before=format_short(self._flat_part[0])
                )
        sentence = {
            (False, False): _BOTH_FALL,
            (False, True): _DRAWN_FLAT,
            (True, False): _RUN_FLAT,
            (True, True): _BOTH_FLAT,
        }[run.flat is not None, drawn.flat is not None]
        return self._render(sentence, run.flat or 0, drawn.flat or 0, drawn_loss=drawn_loss)

    @property
    def _flat_part(self) -> Sequence[float]:
        """The mean losses of the nearly flat end of the run; only the last one if it has no such end."""
        flat = self._trend.flat
        if flat is None:
            return self.losses[-1:]
        return [loss for loss, (across, _up) in zip(self.losses, self.places, strict=True) if across >= flat]

    def _of_flat(self, template: str) -> str:
        """Returns the `_SLOWLY` variant of a template if the run still falls where it looks flat, else the template."""
        part = self._flat_part
        falls = part[len(part) // 2] > _STILL_FALLS * self.losses[-1]
        return _SLOWLY.get(template, template) if falls else template

    @property
    def _loss(self) -> str:
        """The run's last mean loss as text."""
        return format_short(self.losses[-1])

    def _render(
        self, template: str, run: float = 0, drawn: float = 0, counts: bool = False, drawn_loss: str = ""
    ) -> str:
        """Renders a template with its epochs: as numbers of epochs, or with `counts` as counts of them."""
        first, second = map(_epochs if counts else str, (self.axes.epoch(run), self.axes.epoch(drawn)))
        losses = {"loss": self._loss, "before": format_short(self._flat_part[0]), "drawn_loss": drawn_loss}
        return _(self._of_flat(template)).format(run=first, drawn=second, times=_times(self._trend), **losses)


def _epochs(count: int) -> str:
    return ngettext("{n} epoch", "{n} epochs", count)


def _times(trend: _Trend) -> str:
    return ngettext("{n} time", "{n} times", trend.times)


def run_curve(facts: Facts, step: Step) -> RunCurve:
    """Returns the loss curve of the run of a step to draw; trains the run if that was not done yet."""
    assert step.run is not None
    curves = facts.curves(facts.lesson.runs[step.run])
    return RunCurve(facts.axes(step.run), curves.epochs.tolist(), curves.values["mean_loss"].tolist())


def _trend(places: Polyline, axes: LossAxes) -> _Trend:
    """Computes the features of a curve on the axes; `places` are its points from left to right."""
    legs = legs_of(places)
    rises = [leg.begin for leg in legs if leg.rises]
    below_tol = next((across for across, up in places if up <= AT_TOL), None) if axes.tol is not None else None
    first, comes_down = (rises[0] if rises else None), bool(rises) and not legs[-1].rises
    return _Trend(first, len(rises), comes_down, below_tol, _flat_from(places), height_at(places, WHOLE))


def _flat_from(places: Polyline) -> float | None:
    """Returns the x from which a curve is nearly flat up to its end; None if that part is too short."""
    low = high = places[-1][1]
    begin = places[-1][0]
    for across, up in reversed(places):
        low, high = min(low, up), max(high, up)
        if high - low > _FLAT:
            break
        begin = across
    return begin if places[-1][0] - begin >= _LEAST_FLAT * places[-1][0] else None
