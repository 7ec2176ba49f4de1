"""RateMap: what the runs of a map come to, one at each place: its figures, borders, bands of color, sentences."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.config.parameters import PARAMETERS, RunConfig
from quadfit_tui.core.methods.optimizers import OPTIMIZERS
from quadfit_tui.core.methods.schedules import is_constant
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.parabola import EPSILON
from quadfit_tui.core.model.problem import Dataset
from quadfit_tui.core.model.task import FitTask
from quadfit_tui.core.rate_map.borders import border_lines
from quadfit_tui.core.session.closeness import AT, NEAR
from quadfit_tui.core.text.language import _, labeled, ngettext, ngettext_noop, paragraph
from quadfit_tui.core.text.numbers import short

MOST_EDGES = 8  # so that there are nine bands at most
FEWEST_EDGES = 4  # which one, two and five of each power of ten have to give
ABOVE_BEST = 1.1  # times the best value, or more: the first edge, so that the best band is seen
SAME = 1 + 1e-9  # times the best value
# Edges between multiples of the least mean loss: the closer ones where no run is beyond them.
CLOSE_EDGES = (1.001, 1.002, 1.005, 1.01, 1.02, 1.05, 1.1, 1.2)
EDGES = (1.01, 1.05, 1.1, 1.5, 2.0, 5.0, 10.0, 100.0)


class Up(StrEnum):
    """The parameter that goes up in a map, by its name in RunConfig."""

    MOMENTUM = "momentum"
    BETA1 = "beta1"
    RHO = "rho"
    DECAY = "decay_rate"
    BATCH = "batch"
    SCALED = "scale_features"


class Figure(StrEnum):
    """What a map has of each run."""

    SPEED = "speed"  # epochs for one more digit: until a tenth is left of the distance from where w settles
    SETTLES = "settles"  # the mean loss where w settles, or that the run ends with, as a multiple of the least one
    ENDS = "ends"  # epochs until the loss that the run's stop rule looks at is below tol


class CellOutcome(IntEnum):
    """What is known of a run.

    Of *speed* and *settles* at a constant rate it converges if the distance from where it settles dies out in the long
    run. Elsewhere the run itself tells: it diverges as its Status says, or stops early, above tol. Otherwise it
    converges: of *ends* if it is below tol in the end, of *settles* unless it ends with a higher mean loss than it
    began with. What does not is unfinished.
    """

    UNKNOWN = 0  # not worked out yet
    CONVERGES = 1
    DIVERGES = 2
    UNCERTAIN = 3  # rounding decides, or the order of the samples: nothing is claimed
    UNFINISHED = 4
    STOPS_EARLY = 5


def ups_of(config: RunConfig) -> tuple[Up, ...]:
    """What may go up in the map of a run; the first is the default."""
    unused = config.unused
    return tuple(up for up in Up if up.value not in unused)


def figures_of(config: RunConfig, up: Up) -> tuple[Figure, ...]:
    """What the map of a run may show; the first is the default.

    Where an epoch is no fixed map, nothing settles: *settles* is then what the run ends with, where there is noise. So
    it is with batches of all samples, which settle at the optimum, unless it is the batch size that goes up.
    """
    noisy = config.noise > 0 or config.data is not None
    if not has_speed(config):
        return (Figure.SETTLES, Figure.ENDS) if noisy else (Figure.ENDS,)
    drawn_apart = noisy and (up is Up.BATCH or config.batch != "full")
    return (Figure.SPEED, Figure.SETTLES, Figure.ENDS) if drawn_apart else (Figure.SPEED, Figure.ENDS)


def has_speed(config: RunConfig) -> bool:
    """Whether all epochs of a run are affine maps at one rate: they tell what is left of a distance in the long run."""
    return OPTIMIZERS[config.optimizer].is_affine and is_constant(config) and config.round_epochs is None


def is_of_algebra(config: RunConfig, figure: Figure) -> bool:
    """Whether a figure is found by the algebra of epochs, not by doing the runs."""
    mixed = config.shuffle and config.batch != "full"
    return has_speed(config) and (figure is Figure.SPEED or (figure is Figure.SETTLES and not mixed))


@dataclass(frozen=True, eq=False)
class RateMap:
    """What the runs of a map come to that differ from the one of `task` in the learning rate and in `up`.

    `rates`, shape (m,), and `levels`, shape (n,), are ascending round numbers: the learning rates, and the values of
    `up`: for the batch size numbers of samples, 0 and 1 for scaled features. Of each run, in arrays of shape (n, m):
    `outcomes` has its CellOutcome; `values` the figure where it converges, nan elsewhere: numbers of epochs, or
    multiples of the least mean loss; `factors` what an epoch leaves of the distance from where it settles in the long
    run, the spectral radius of the epoch's map, nan where that is not known. Of runs that were followed to their ends
    `epochs` are those done, or those until it was below tol if nothing stops it, and `mean_losses` that of the end, inf
    after an overflow; 0 and nan of others. `share` is how much of the work is done, from 0 to 1; while it is 0 the
    rates are provisional. `edges` are round values between the bands of color, ascending. `refusal` says in a sentence
    why nothing is worked out; empty where all is.
    """

    task: FitTask
    up: Up
    figure: Figure
    rates: Array
    levels: Array
    outcomes: NDArray[np.int8]
    values: Array
    factors: Array
    epochs: NDArray[np.intp]
    mean_losses: Array
    share: float
    edges: tuple[float, ...]
    refusal: str = ""

    def __repr__(self) -> str:
        levels, rates = self.values.shape
        return f"<RateMap: {self.figure}, of {rates} learning rates and {levels} values of {self.up}>"

    def config(self, row: int, column: int) -> RunConfig:
        """The run of a cell, exactly as it was worked out."""
        rate, level = float(self.rates[column]), float(self.levels[row])
        return self.task.config.with_values({"lr": rate, self.up.value: value_of(self.task, self.up, level)})

    def cell_of(self, config: RunConfig) -> tuple[int, int] | None:
        """The cell nearest to a run of the same kind, row and column; None of others, and of those beside the map."""
        own = self.task.config
        free = {"lr", self.up.value, *own.unused}
        if is_of_algebra(own, self.figure):
            free |= {"init", "epochs", "tol", "stop_on"}
        if any(getattr(config, name) != getattr(own, name) for name in PARAMETERS if name not in free):
            return None
        level = level_of(config, self.up, len(self.task.problem.x))
        column = _nearest(np.log(self.rates), math.log(config.lr))
        row = _nearest(np.log(self.levels) if self.up is Up.BATCH else self.levels, _log(level, self.up))
        return None if row is None or column is None else (row, column)

    def bands(self) -> NDArray[np.int8]:
        """The band of color of each cell, 0 the best, shape (n, m); −1 where it does not converge or is not known.

        While the map is worked out, cells not known yet have the band of the nearest one that is.
        """
        outcomes, values = self._filled[:2]
        found = np.searchsorted(self.edges, np.nan_to_num(values, nan=0.0), side="left").astype(np.int8)
        found[outcomes != CellOutcome.CONVERGES] = -1
        return found

    def borders(self) -> tuple[Array, ...]:
        """Every border between what converges and what diverges: polylines of (rate, level), each of shape (k, 2)."""
        return self._borders

    @cached_property
    def _borders(self) -> tuple[Array, ...]:
        outcomes, factors = self._filled[0], self._filled[2]
        with np.errstate(all="ignore"):
            excess = np.log(factors)
        good = np.isin(outcomes, [CellOutcome.CONVERGES, CellOutcome.UNFINISHED, CellOutcome.STOPS_EARLY])
        good |= (outcomes == CellOutcome.UNCERTAIN) & (excess < 0)
        if not (outcomes != CellOutcome.UNKNOWN).all():
            return ()
        levels = np.log(self.levels) if self.up is Up.BATCH else self.levels
        apart = self.up is Up.SCALED
        lines = border_lines(good, excess, np.log(self.rates), levels, apart)
        for line in lines:
            line[:, 0] = np.exp(line[:, 0])
            if self.up is Up.BATCH:
                line[:, 1] = np.exp(line[:, 1])
        return tuple(lines)

    @cached_property
    def _filled(self) -> tuple[NDArray[np.int8], Array, Array]:
        """Outcomes, values and factors, with those of the nearest known cell where one is not known yet."""
        arrays = self.outcomes, self.values, self.factors
        known = self.outcomes != CellOutcome.UNKNOWN
        if known.all() or not known.any():
            return arrays
        rows = np.flatnonzero(known.any(axis=1))
        columns = np.arange(len(self.rates))
        nearest = np.array([_nearest_of(np.flatnonzero(known[row]), columns) for row in rows])
        row_of = _nearest_of(np.arange(len(rows)), np.interp(np.arange(len(self.levels)), rows, np.arange(len(rows))))
        chosen = rows[row_of][:, np.newaxis], nearest[row_of]
        outcomes, values, factors = (np.where(known, array, array[chosen]) for array in arrays)
        return outcomes.astype(np.int8), values, factors

    def fastest(self) -> tuple[int, int] | None:
        """The cell with the best figure, row and column; None where none converges.

        Of those that settle about as well as the best one, it is the one that does so fastest; of several that differ
        by no more than rounding the first one, of the lowest level.
        """
        if np.isnan(self.values).all():
            return None
        judged = self.values
        if self.figure is Figure.SETTLES and not np.isnan(self.factors).all():
            judged = np.where(self.values <= NEAR * np.nanmin(self.values), self.factors, math.nan)
        row, column = np.argwhere(judged <= SAME * np.nanmin(judged))[0].tolist()
        return row, column

    def run_name(self, row: int, column: int) -> str:
        """What tells the run of a cell from the others: `learning rate 2.2, momentum 0.35`."""
        rate, level = short(float(self.rates[column])), float(self.levels[row])
        if self.up is Up.BATCH:
            return _("learning rate {rate}, batch {size}").format(rate=rate, size=int(level))
        if self.up is not Up.SCALED:
            name = PARAMETERS[self.up.value].label
            return _("learning rate {rate}, {name} {value}").format(rate=rate, name=name, value=short(level))
        if level:
            return _("learning rate {rate}, features scaled").format(rate=rate)
        return _("learning rate {rate}, features not scaled").format(rate=rate)

    def rate_name(self, column: int) -> str:
        """Returns the rate of a column: `lr 2.2`."""
        return _("lr {rate}").format(rate=short(float(self.rates[column])))

    def name_in_brief(self, row: int, column: int) -> str:
        """Returns the same as it stands amid a sentence: `lr 2.2 with momentum 0.35`."""
        rate, level = short(float(self.rates[column])), float(self.levels[row])
        if self.up is Up.SCALED:
            said = _("lr {rate} with scaled features") if level else _("lr {rate} without scaled features")
            return said.format(rate=rate)
        value = value_of(self.task, self.up, level)
        shown = short(value) if isinstance(value, float) else str(value)
        return _("lr {rate} with {name} {value}").format(rate=rate, name=PARAMETERS[self.up.value].label, value=shown)

    def sentence(self, row: int, column: int) -> str:
        """What is known of the run of a cell, without a period at the end."""
        outcome = CellOutcome(int(self.outcomes[row, column]))
        if outcome is CellOutcome.UNKNOWN and self.refusal:
            return self.refusal
        return labeled(self.run_name(row, column), self.known(row, column)[0])

    def known(self, row: int, column: int) -> list[str]:
        """Returns what is known of the run of a cell, in one way or a shorter one."""
        converges = CellOutcome(int(self.outcomes[row, column])) is CellOutcome.CONVERGES
        return self._converges(row, column) if converges else [self._fails(row, column)]

    def _fails(self, row: int, column: int) -> str:
        """Returns what is known of a run that is not known to converge."""
        config, outcome = self.task.config, CellOutcome(int(self.outcomes[row, column]))
        match outcome:
            case CellOutcome.UNKNOWN:
                return _("not worked out yet")
            case CellOutcome.UNCERTAIN if config.shuffle:
                return _("whether it converges depends on the order of the samples")
            case CellOutcome.UNCERTAIN:
                return _("whether it converges is left to rounding")
            case CellOutcome.DIVERGES:
                return _("diverges")
            case CellOutcome.STOPS_EARLY:
                counts = ngettext_noop(
                    "stops early after {n} epoch, at mean loss {loss}",
                    "stops early after {n} epochs, at mean loss {loss}",
                )
                loss = short(float(self.mean_losses[row, column]))
                return ngettext(*counts, int(self.epochs[row, column]), loss=loss)
        if self.figure is Figure.SETTLES:
            return _("ends with a higher mean loss than it began with")
        counts = ngettext_noop("not below tol {tol} within {n} epoch", "not below tol {tol} within {n} epochs")
        return ngettext(*counts, config.epochs, tol=short(config.tol))

    def _converges(self, row: int, column: int) -> list[str]:
        config, value = self.task.config, float(self.values[row, column])
        if self.figure is Figure.SPEED:
            return [_("a tenth is left after {epochs} epochs").format(epochs=short(value))]
        if self.figure is Figure.ENDS:
            counts = ngettext_noop("below tol {tol} after {n} epoch", "below tol {tol} after {n} epochs")
            return [ngettext(*counts, round(value), tol=short(config.tol))]
        at, loss = _("the least mean loss, {loss}"), short(value * least_told(self.task.trained))
        if value > AT:
            at = _("{times} times the least mean loss, {loss}")
        at = at.format(times=short(value), loss=loss)
        if not math.isfinite(self.factors[row, column]):
            counts = ngettext_noop("ends after {n} epoch at {mean_loss}", "ends after {n} epochs at {mean_loss}")
            return [ngettext(*counts, int(self.epochs[row, column]), mean_loss=at), at]
        tenth = short(epochs_a_digit(math.log(float(self.factors[row, column]))))
        said = _("settles at {mean_loss}; a tenth is left after {epochs} epochs")
        return [said.format(mean_loss=at, epochs=tenth), at]

    def summary(self) -> str:
        """The map in a paragraph, to be heard."""
        best = self.fastest()
        if self.refusal:
            return self.refusal
        if best is None:
            return _("No run of this map converges.") if self.share == 1 else _("The map is not worked out yet.")
        highest = int(np.flatnonzero((self.outcomes == CellOutcome.CONVERGES).any(axis=0))[-1])
        first, reach = _("The fastest run is that of {run}."), _("Runs converge up to learning rate {rate}.")
        if self.figure is Figure.SETTLES:
            first = _("The best run is that of {run}.")
        if highest == len(self.rates) - 1:
            reach = _("Runs converge up to learning rate {rate}, where the map ends.")
        rate = short(float(self.rates[highest]))
        return paragraph([first.format(run=self.sentence(*best)), reach.format(rate=rate)])


def value_of(task: FitTask, up: Up, level: float) -> float | str:
    """A level as the value of the parameter; a batch of all samples as the run has it, or "full"."""
    if up is Up.BATCH:
        is_full = level == len(task.problem.x)
        return int(level) if not is_full else task.config.batch if task.is_full_batch else "full"
    return bool(level) if up is Up.SCALED else level


def level_of(config: RunConfig, up: Up, samples: int) -> float:
    """Where a run of so many samples is in the direction of `up`."""
    value = getattr(config, up.value)
    return float(samples if value == "full" else value)


def epochs_a_digit(log_factor: float) -> float:
    """Epochs until a tenth is left of a distance, from the natural logarithm of what each leaves, below 0."""
    return math.log(10) / -log_factor


def least_told(problem: Dataset) -> float:
    """The least mean loss that there is to be told: where one w fits all samples, what rounding may leave of it."""
    return max(problem.least, (EPSILON * float(np.abs(problem.y).max())) ** 2, 1e-300)


def edges_of(values: Array, figure: Figure) -> tuple[float, ...]:
    """Round values between the bands of color, from a little above the best of the values on; nan is none of them."""
    found = values[np.isfinite(values) & (values > 0)]
    if not len(found):
        return ()
    least, most = float(found.min()), float(found.max())
    if figure is Figure.SETTLES:
        ladder = EDGES if most > CLOSE_EDGES[-1] else CLOSE_EDGES
        return tuple(edge for edge in ladder if least < edge < most)
    bound, edges = ABOVE_BEST * least, list[float]()
    for steps in ((1, 2, 5), (1, 1.5, 2, 3, 4, 5, 7)):
        powers = range(math.floor(math.log10(bound)), math.ceil(math.log10(most)) + 1)
        each = (float(f"{step}e{power}") for power in powers for step in steps)
        edges = [edge for edge in each if bound < edge < most][:MOST_EDGES]
        if len(edges) >= FEWEST_EDGES:
            break
    return tuple(edges)


def _log(value: float, up: Up) -> float:
    return math.log(value) if up is Up.BATCH else value


def _nearest(places: Array, value: float) -> int | None:
    """The number of the place nearest to a value; None where it is farther beyond the ends than they are apart."""
    found = int(np.abs(places - value).argmin())
    apart = float(np.diff(places).max(initial=0.0)) or 1e-9
    return found if places[0] - apart <= value <= places[-1] + apart else None


def _nearest_of(known: NDArray[np.intp], places: NDArray[Any]) -> NDArray[np.intp]:
    """Of each of the places the nearest one among `known`, ascending."""
    at = np.searchsorted(known, places).clip(1, max(1, len(known) - 1))
    if len(known) == 1:
        return np.broadcast_to(known, places.shape)
    before, after = known[at - 1], known[at]
    found: NDArray[np.intp] = np.where(places - before <= after - places, before, after)
    return found
