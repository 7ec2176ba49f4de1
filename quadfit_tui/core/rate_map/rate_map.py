"""RateMap: a grid of runs, with their outcomes and figures, the borders between them, colors and sentences."""

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
from quadfit_tui.core.text.numbers import format_short

MOST_EDGES = 8  # maximum number of edges: there are nine bands at most
FEWEST_EDGES = 4  # minimum number of edges from one, two and five times the powers of ten: if fewer, steps are finer
ABOVE_BEST = 1.1  # minimum ratio of the first edge to the best value: keeps the best band visible
SAME = 1 + 1e-9  # maximum ratio to the best value of a value that counts as equal
# Edges between multiples of the least mean loss: the closer ones if no run is beyond them.
CLOSE_EDGES = (1.001, 1.002, 1.005, 1.01, 1.02, 1.05, 1.1, 1.2)
EDGES = (1.01, 1.05, 1.1, 1.5, 2.0, 5.0, 10.0, 100.0)


class Up(StrEnum):
    """The parameter on the vertical axis of a map, by its name in RunConfig."""

    MOMENTUM = "momentum"
    BETA1 = "beta1"
    RHO = "rho"
    DECAY = "decay_rate"
    BATCH = "batch"
    SCALED = "scale_features"


class Figure(StrEnum):
    """The number that a map shows for each run."""

    SPEED = "speed"  # epochs until a tenth is left of the distance from where w settles
    SETTLES = "settles"  # mean loss where w settles, or at the end of the run, as a multiple of the least one
    ENDS = "ends"  # epochs until the loss that the run's stop rule looks at is below tol


class CellOutcome(IntEnum):
    """The known outcome of a run of a map.

    For *speed*, and for *settles* at a constant rate, a run converges if the distance from where it settles dies out in
    the long run. For other maps its own end decides: it diverges as its Status says, or stops early, above tol. Else it
    converges: for *ends* if it is below tol in the end, for *settles* unless it ends with a higher mean loss than it
    began with. All other runs are unfinished.
    """

    UNKNOWN = 0  # not computed yet
    CONVERGES = 1
    DIVERGES = 2
    UNCERTAIN = 3  # rounding decides, or the order of the samples
    UNFINISHED = 4
    STOPS_EARLY = 5


def ups_of(config: RunConfig) -> tuple[Up, ...]:
    """Returns the parameters that may be on the vertical axis of the map of a run; the first is the default."""
    unused = config.unused
    return tuple(up for up in Up if up.value not in unused)


def figures_of(config: RunConfig, up: Up) -> tuple[Figure, ...]:
    """Returns the figures that the map of a run may show; the first is the default.

    If an epoch is no fixed map, nothing settles: *settles* is then the mean loss at the end of the run, offered if
    there is noise. So it is with batches of all samples, which settle at the optimum, unless `up` is the batch size.
    """
    noisy = config.noise > 0 or config.data is not None
    if not has_speed(config):
        return (Figure.SETTLES, Figure.ENDS) if noisy else (Figure.ENDS,)
    drawn_apart = noisy and (up is Up.BATCH or config.batch != "full")
    return (Figure.SPEED, Figure.SETTLES, Figure.ENDS) if drawn_apart else (Figure.SPEED, Figure.ENDS)


def has_speed(config: RunConfig) -> bool:
    """Returns whether all epochs of a run are affine maps at one rate, whose speed in the long run is computable."""
    return OPTIMIZERS[config.optimizer].is_affine and is_constant(config) and config.round_epochs is None


def uses_algebra(config: RunConfig, figure: Figure) -> bool:
    """Returns whether a figure is computed by the algebra of epochs, without training the runs."""
    mixed = config.shuffle and config.batch != "full"
    return has_speed(config) and (figure is Figure.SPEED or (figure is Figure.SETTLES and not mixed))


@dataclass(frozen=True, eq=False)
class RateMap:
    """A map of the runs that differ from the run of `task` in the learning rate and in `up`, and of how they come out.

    `rates`, shape (m,), and `levels`, shape (n,), are ascending round numbers: the learning rates, and the values of
    `up`: for the batch size numbers of samples, 0 and 1 for scaled features. The arrays of shape (n, m) have a number
    for each run: `outcomes` its CellOutcome; `values` the figure if it converges, else nan: numbers of epochs, or
    multiples of the least mean loss; `factors` the share of the distance from where it settles that an epoch leaves in
    the long run, the spectral radius of the epoch's map, nan if unknown. For runs that were followed to their ends
    `epochs` are those done, or those until it was below tol if nothing stops it, and `mean_losses` that of the end, inf
    after an overflow; for others they are 0 and nan. `share` is the share of the work done, from 0 to 1; while it is 0
    the rates are provisional. `edges` are round values between the bands of color, ascending. `refusal` is a sentence
    on why nothing is computed, or empty.
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

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restores a pickled map; its arrays cannot be changed, as those of any map."""
        vars(self).update(state)
        for value in state.values():
            if isinstance(value, np.ndarray):
                value.flags.writeable = False

    def __repr__(self) -> str:
        levels, rates = self.values.shape
        return f"<RateMap: {self.figure}, of {rates} learning rates and {levels} values of {self.up}>"

    def config(self, row: int, column: int) -> RunConfig:
        """Returns the configuration of the run of a cell, exactly as it was computed."""
        rate, level = float(self.rates[column]), float(self.levels[row])
        return self.task.config.with_values({"lr": rate, self.up.value: value_of(self.task, self.up, level)})

    def cell_of(self, config: RunConfig) -> tuple[int, int] | None:
        """Returns the cell, row and column, nearest to a run, or None if the run is of another kind or off the map."""
        own = self.task.config
        free = {"lr", self.up.value, *own.unused}
        if uses_algebra(own, self.figure):
            free |= {"init", "epochs", "tol", "stop_on"}
        if any(getattr(config, name) != getattr(own, name) for name in PARAMETERS if name not in free):
            return None
        level = level_of(config, self.up, len(self.task.problem.x))
        column = _nearest(np.log(self.rates), math.log(config.lr))
        row = _nearest(np.log(self.levels) if self.up is Up.BATCH else self.levels, _log(level, self.up))
        return None if row is None or column is None else (row, column)

    def bands(self) -> NDArray[np.int8]:
        """Returns the color band of each cell, 0 the best, shape (n, m); −1 if it does not converge or is unknown.

        While the map is being computed, unknown cells have the band of the nearest known one.
        """
        outcomes, values = self._filled[:2]
        bands = np.searchsorted(self.edges, np.nan_to_num(values, nan=0.0), side="left").astype(np.int8)
        bands[outcomes != CellOutcome.CONVERGES] = -1
        return bands

    def borders(self) -> tuple[Array, ...]:
        """Returns the borders between convergence and divergence: polylines of (rate, level), each of shape (k, 2)."""
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
        """Outcomes, values and factors, with unknown cells filled from the nearest known one."""
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
        """Returns the cell with the best figure, row and column, or None if no run converges.

        Among runs that settle about as well as the best one, it is the fastest; among runs that differ by no more than
        rounding, the first one, at the lowest level.
        """
        if np.isnan(self.values).all():
            return None
        judged = self.values
        if self.figure is Figure.SETTLES and not np.isnan(self.factors).all():
            judged = np.where(self.values <= NEAR * np.nanmin(self.values), self.factors, math.nan)
        row, column = np.argwhere(judged <= SAME * np.nanmin(judged))[0].tolist()
        return row, column

    def run_name(self, row: int, column: int) -> str:
        """Formats the name of the run of a cell: `learning rate 2.2, momentum 0.35`."""
        rate, level = format_short(float(self.rates[column])), float(self.levels[row])
        if self.up is Up.BATCH:
            return _("learning rate {rate}, batch {size}").format(rate=rate, size=int(level))
        if self.up is not Up.SCALED:
            name = PARAMETERS[self.up.value].label
            return _("learning rate {rate}, {name} {value}").format(rate=rate, name=name, value=format_short(level))
        if level:
            return _("learning rate {rate}, features scaled").format(rate=rate)
        return _("learning rate {rate}, features not scaled").format(rate=rate)

    def rate_name(self, column: int) -> str:
        """Formats the rate of a column: `lr 2.2`."""
        return _("lr {rate}").format(rate=format_short(float(self.rates[column])))

    def name_in_brief(self, row: int, column: int) -> str:
        """Formats the name of the run of a cell for use amid a sentence: `lr 2.2 with momentum 0.35`."""
        rate, level = format_short(float(self.rates[column])), float(self.levels[row])
        if self.up is Up.SCALED:
            template = _("lr {rate} with scaled features") if level else _("lr {rate} without scaled features")
            return template.format(rate=rate)
        value = value_of(self.task, self.up, level)
        text = format_short(value) if isinstance(value, float) else str(value)
        return _("lr {rate} with {name} {value}").format(rate=rate, name=PARAMETERS[self.up.value].label, value=text)

    def sentence(self, row: int, column: int) -> str:
        """Returns the name and outcome of the run of a cell as a sentence without a period."""
        outcome = CellOutcome(int(self.outcomes[row, column]))
        if outcome is CellOutcome.UNKNOWN and self.refusal:
            return self.refusal
        return labeled(self.run_name(row, column), self.outcome_texts(row, column)[0])

    def outcome_texts(self, row: int, column: int) -> list[str]:
        """Returns the outcome of the run of a cell in words, in one version or ever shorter ones."""
        converges = CellOutcome(int(self.outcomes[row, column])) is CellOutcome.CONVERGES
        return self._converges(row, column) if converges else [self._fails(row, column)]

    def _fails(self, row: int, column: int) -> str:
        """Returns the outcome, in words, of a run that is not known to converge."""
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
                loss = format_short(float(self.mean_losses[row, column]))
                return ngettext(*counts, int(self.epochs[row, column]), loss=loss)
        if self.figure is Figure.SETTLES:
            return _("ends with a higher mean loss than it began with")
        counts = ngettext_noop("not below tol {tol} within {n} epoch", "not below tol {tol} within {n} epochs")
        return ngettext(*counts, config.epochs, tol=format_short(config.tol))

    def _converges(self, row: int, column: int) -> list[str]:
        """Returns the outcome, in words, of a run that converges, in one version or ever shorter ones."""
        config, value = self.task.config, float(self.values[row, column])
        if self.figure is Figure.SPEED:
            return [_("a tenth is left after {epochs} epochs").format(epochs=format_short(value))]
        if self.figure is Figure.ENDS:
            counts = ngettext_noop("below tol {tol} after {n} epoch", "below tol {tol} after {n} epochs")
            return [ngettext(*counts, round(value), tol=format_short(config.tol))]
        reached, loss = _("the least mean loss, {loss}"), format_short(value * least_shown(self.task.trained))
        if value > AT:
            reached = _("{times} times the least mean loss, {loss}")
        reached = reached.format(times=format_short(value), loss=loss)
        if not math.isfinite(self.factors[row, column]):
            counts = ngettext_noop("ends after {n} epoch at {mean_loss}", "ends after {n} epochs at {mean_loss}")
            return [ngettext(*counts, int(self.epochs[row, column]), mean_loss=reached), reached]
        tenth = format_short(epochs_per_digit(math.log(float(self.factors[row, column]))))
        template = _("settles at {mean_loss}; a tenth is left after {epochs} epochs")
        return [template.format(mean_loss=reached, epochs=tenth), reached]

    def summary(self) -> str:
        """Summarizes the map in a paragraph, for screen readers."""
        best = self.fastest()
        if self.refusal:
            return self.refusal
        if best is None:
            return _("No run of this map converges.") if self.share == 1 else _("The map is not worked out yet.")
        converges = self.outcomes == CellOutcome.CONVERGES
        highest = int(np.flatnonzero(converges.any(axis=0))[-1])
        level = int(np.argmax(converges[:, highest]))  # named, too: at others, such as the run's own, less may do
        first, reach = _("The fastest run is that of {run}."), _("Runs converge up to {run}.")
        if self.figure is Figure.SETTLES:
            first = _("The best run is that of {run}.")
        if highest == len(self.rates) - 1:
            reach = _("Runs converge up to {run}, where the map ends.")
        return paragraph([first.format(run=self.sentence(*best)), reach.format(run=self.run_name(level, highest))])


def value_of(task: FitTask, up: Up, level: float) -> float | str:
    """Converts a level to the value of its parameter; a batch of all samples as the run has it, or "full"."""
    if up is Up.BATCH:
        is_full = level == len(task.problem.x)
        return int(level) if not is_full else task.config.batch if task.is_full_batch else "full"
    return bool(level) if up is Up.SCALED else level


def level_of(config: RunConfig, up: Up, samples: int) -> float:
    """Returns the level of a run on the vertical axis of a map, given its number of samples."""
    value = getattr(config, up.value)
    return float(samples if value == "full" else value)


def epochs_per_digit(log_factor: float) -> float:
    """Returns the epochs until a tenth is left of a distance; each multiplies it by exp(`log_factor`), below 1."""
    return math.log(10) / -log_factor


def least_shown(problem: Dataset) -> float:
    """Returns the least mean loss that is shown: if one w fits all samples, what rounding may leave of it."""
    return max(problem.least, (EPSILON * float(np.abs(problem.y).max())) ** 2, 1e-300)


def edges_of(values: Array, figure: Figure) -> tuple[float, ...]:
    """Returns round values between the bands of color, from a little above the best value on; ignores nan."""
    known = values[np.isfinite(values) & (values > 0)]
    if not len(known):
        return ()
    least, most = float(known.min()), float(known.max())
    if figure is Figure.SETTLES:
        ladder = EDGES if most > CLOSE_EDGES[-1] else CLOSE_EDGES
        return tuple(edge for edge in ladder if least < edge < most)
    bound, edges = ABOVE_BEST * least, list[float]()
    for steps in ((1, 2, 5), (1, 1.5, 2, 3, 4, 5, 7)):
        powers = range(math.floor(math.log10(bound)), math.ceil(math.log10(most)) + 1)
        candidates = (float(f"{step}e{power}") for power in powers for step in steps)
        edges = [edge for edge in candidates if bound < edge < most][:MOST_EDGES]
        if len(edges) >= FEWEST_EDGES:
            break
    return tuple(edges)


def _log(value: float, up: Up) -> float:
    return math.log(value) if up is Up.BATCH else value


def _nearest(places: Array, value: float) -> int | None:
    """Returns the index of the place nearest to a value, or None if it is off the ends by more than one spacing."""
    index = int(np.abs(places - value).argmin())
    spacing = float(np.diff(places).max(initial=0.0)) or 1e-9
    return index if places[0] - spacing <= value <= places[-1] + spacing else None


def _nearest_of(known: NDArray[np.intp], places: NDArray[Any]) -> NDArray[np.intp]:
    """Returns, for each place, the nearest of the `known` ones, which ascend."""
    index = np.searchsorted(known, places).clip(1, max(1, len(known) - 1))
    if len(known) == 1:
        return np.broadcast_to(known, places.shape)
    before, after = known[index - 1], known[index]
    nearest: NDArray[np.intp] = np.where(places - before <= after - places, before, after)
    return nearest
