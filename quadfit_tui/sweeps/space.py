"""Space: the cells of a sweep, each a run, numbered before any of them is trained."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.config.parameters import (
    OF_FILES,
    OF_MADE_SAMPLES,
    PARAMETERS,
    USED_BY,
    ConfigError,
    RunConfig,
    unused,
)
from quadfit_tui.core.model.problem import Stream, generator
from quadfit_tui.core.text.language import N_, _, join_or, join_text_or, ngettext, ngettext_noop
from quadfit_tui.core.text.quoting import with_problem
from quadfit_tui.sweeps.axes import CHECKED

Cells = NDArray[np.int64]  # numbers of cells, shape (n,)
MOST_CELLS = 10_000_000  # the columns of so many take a gigabyte
_LEFT_OUT = ngettext_noop("{n} combination left out: {reason}.", "{n} combinations left out: {reason}.")
_SEEDS_IN_VAIN = N_("The seed makes no difference to these runs: they have no noise, no shuffling and no random start.")
_DEPENDENT = frozenset({*USED_BY, *OF_FILES, *OF_MADE_SAMPLES})  # parameters without effect for some choices


class Space:
    """The cells of a sweep: all combinations of the values of some parameters, the last parameter's changing fastest.

    A combination that is invalid (a batch larger than the samples), or equals another one (another momentum with an
    optimizer that has none), is left out, and has no number; `left_out` describes these, a sentence each. `axes` has
    the values of each parameter that varies, as a RunConfig holds them.
    """

    def __init__(self, base: RunConfig, axes: Mapping[str, Sequence[object]]) -> None:
        """Raises ConfigError if a value is refused, or a parameter has no effect on any cell."""
        self.base = base
        self.axes: dict[str, tuple[Any, ...]] = {
            name: tuple(dict.fromkeys(PARAMETERS[name].parse(value) for value in values))
            for name, values in axes.items()
        }
        self.left_out: tuple[str, ...] = ()
        self._lengths = tuple(map(len, self.axes.values()))
        self._numbers: Cells | None = None  # the flat index of the combination of each cell; None if all are cells
        self._leave_out()

    def __len__(self) -> int:
        """The number of cells."""
        return math.prod(self._lengths) if self._numbers is None else len(self._numbers)

    @property
    def varied(self) -> tuple[str, ...]:
        """The parameters that have several values."""
        return tuple(name for name, values in self.axes.items() if len(values) > 1)

    def values(self, name: str) -> tuple[Any, ...]:
        """Returns the values of a parameter: those that it varies over, or the one of the base."""
        return self.axes.get(name, (getattr(self.base, name),))

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes to print before training, a sentence each: `left_out`, and that seeds have no effect."""
        return (*self.left_out, self.idle_seeds) if self.idle_seeds else self.left_out

    @property
    def idle_seeds(self) -> str:
        """A sentence if seeds vary and have no effect on any run, which are then trained all the same; else empty."""
        noise, data, shuffle, init = map(self.values, ("noise", "data", "shuffle", "init"))
        uses_seeds = any(shuffle) or "random" in init or (any(noise) and None in data)
        return "" if uses_seeds or "seed" not in self.varied else _(_SEEDS_IN_VAIN)

    def __getstate__(self) -> dict[str, Any]:
        """Returns the state that pickle sends to a worker, without `_numbers`, which it computes again."""
        return {**vars(self), "_numbers": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        if self.left_out:
            self._leave_out()

    def drawn(self, count: int) -> Cells:
        """Draws so many of the cells without replacement, always the same ones, in order; shape (n,)."""
        # No run uses this stream of random numbers. Another count draws other cells.
        return np.sort(generator(self.base.seed, Stream.CELLS).choice(len(self), count, replace=False))

    def config(self, cell: int) -> RunConfig:
        """Returns the configuration of a cell; raises IndexError if there is no such cell."""
        return self.configs([cell])[0]

    def configs(self, cells: Sequence[int] | Cells) -> list[RunConfig]:
        """Returns the configurations of some cells; raises IndexError if there is no such cell."""
        values = [[self.axes[name][index] for index in places.tolist()] for name, places in self.places(cells).items()]
        rows = zip(*values, strict=True) if values else ((),) * len(cells)
        return [self.base.with_values(dict(zip(self.axes, row, strict=True))) for row in rows]

    def columns(self, cells: Sequence[int] | Cells) -> dict[str, list[Any]]:
        """Returns the values of each parameter that varies for some cells; None if the parameter has no effect."""
        columns = {}
        for name, places in self.used_places(cells).items():
            values = self.axes[name]
            columns[name] = [None if index < 0 else values[index] for index in places.tolist()]
        return columns

    def places(self, cells: Sequence[int] | Cells) -> dict[str, NDArray[np.intp]]:
        """Returns the indices of some cells' values on each axis, by parameter, shape (n,) each; raises IndexError."""
        numbers = np.asarray(cells, dtype=np.int64)
        if len(numbers) and not 0 <= numbers.min() <= numbers.max() < len(self):
            raise IndexError(f"cell must be 0 to {len(self) - 1}")  # for programmers, so not translated
        if self._numbers is not None:
            numbers = self._numbers[numbers]
        places = np.unravel_index(numbers, self._lengths) if self.axes else ()
        return dict(zip(self.axes, places, strict=True))

    def used_places(self, cells: Sequence[int] | Cells) -> dict[str, NDArray[np.intp]]:
        """Returns the indices of some cells' values as `places` does, but −1 if the parameter has no effect."""
        places = self.places(cells)
        for name in _DEPENDENT.intersection(self.axes):
            choice, is_idle = self._idle_with(name)
            if choice in self.axes:
                places[name] = np.where(is_idle[places[choice]], -1, places[name])
        return places

    def _idle_with(self, name: str) -> tuple[str, NDArray[np.bool_]]:
        """Returns the choice that decides if a parameter has an effect, and a mask of the values that leave it idle."""
        choice = USED_BY[name].choice if name in USED_BY else "data"
        base = {key: getattr(self.base, key) for key in ("optimizer", "schedule", "data")}
        return choice, np.array([name in unused({**base, choice: value}) for value in self.values(choice)])

    def _leave_out(self) -> None:
        """Numbers the combinations that are cells, and describes the others in `left_out`; raises ConfigError."""
        total = math.prod(self._lengths)
        if total > MOST_CELLS:
            all_of_them = _("{n} combinations").format(n=total)
            allowed = _("at most {most} in a sweep").format(most=f"{MOST_CELLS:,}")
            raise ConfigError(tuple(self.axes), all_of_them, _("are too many"), allowed)
        is_cell: NDArray[np.bool_] = np.ones(self._lengths, dtype=bool)
        left_out = []
        for sentence, mask in (*self._refused(), *self._idle()):
            count = int((is_cell & mask).sum())
            is_cell &= ~mask
            if count:
                left_out.append(ngettext(*_LEFT_OUT, count, reason=sentence))
        self.left_out = tuple(left_out)
        if left_out:
            self._numbers = np.flatnonzero(is_cell)

    def _refused(self) -> list[tuple[str, NDArray[np.bool_]]]:
        """Returns each reason why combinations are refused, with a mask of them that broadcasts to all combinations.

        Raises ConfigError if all are refused.
        """
        shape = [len(values) if name in CHECKED else 1 for name, values in self.axes.items()]
        refused = defaultdict[str, NDArray[np.bool_]](lambda: np.zeros(shape, dtype=bool))
        last: ConfigError | None = None
        for row in np.ndindex(*shape):
            places = zip(self.axes, row, strict=True)
            try:
                self.base.with_values({name: self.axes[name][index] for name, index in places if name in CHECKED})
            except ConfigError as reason:
                last = reason
                labels = " / ".join(PARAMETERS[name].label for name in reason.names)
                refused[with_problem(labels, reason.reason)][row] = True
        if last is not None and np.logical_or.reduce([*refused.values()]).all():
            raise last
        return [*refused.items()]

    def _idle(self) -> list[tuple[str, NDArray[np.bool_]]]:
        """Returns a reason for each parameter that some choices do not use, with a mask of its redundant combinations.

        With such a choice only the parameter's first value remains. Raises ConfigError if it has no effect at all.
        """
        reasons = []
        for name in self.axes:
            if name not in _DEPENDENT:
                continue
            choice, is_idle = self._idle_with(name)
            if is_idle.all():
                reason = _("makes no difference to any run of the sweep")
                raise ConfigError((name,), PARAMETERS[name].show(self.axes[name][0]), reason, _where_used(name))
            if is_idle.any():
                row, values = PARAMETERS[choice], self.axes[choice]
                words = [row.show(values[index]) or _("none") for index in np.flatnonzero(is_idle)]
                choices = [_("{parameter} {value}").format(parameter=row.label, value=word) for word in words]
                template = _("{parameter} makes no difference with {choices}")
                reason = template.format(
                    parameter=PARAMETERS[name].label, choices=join_text_or([*dict.fromkeys(choices)])
                )
                is_other = np.arange(len(self.axes[name])) > 0
                reasons.append((reason, self._along(choice, is_idle) & self._along(name, is_other)))
        return reasons

    def _along(self, name: str, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Reshapes a mask of a parameter's values, so that it broadcasts to all combinations."""
        return mask.reshape([-1 if axis == name else 1 for axis in self.axes])


def _where_used(name: str) -> str:
    """Returns the condition under which a parameter of _DEPENDENT has an effect, as the allowed part of a message."""
    if name in USED_BY:
        choice, words = USED_BY[name]
        return _("with {choice} {words}").format(choice=PARAMETERS[choice].label, words=join_or(words))
    return _("with a file of samples") if name in OF_FILES else _("without samples of your own")
