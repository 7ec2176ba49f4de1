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
from quadfit_tui.core.text.language import N_, _, either, either_text, ngettext, ngettext_noop
from quadfit_tui.core.text.quoting import with_problem
from quadfit_tui.sweeps.axes import CHECKED

Cells = NDArray[np.int64]  # some of them, by their numbers
MOST_CELLS = 10_000_000  # whose columns take a gigabyte
_LEFT_OUT = ngettext_noop("{n} combination left out: {reason}.", "{n} combinations left out: {reason}.")
_SEEDS_IN_VAIN = N_("The seed makes no difference to these runs: they have no noise, no shuffling and no random start.")
_DEPENDENT = frozenset({*USED_BY, *OF_FILES, *OF_MADE_SAMPLES})  # which make no difference with some of the choices


class Space:
    """All combinations of the values of some parameters on top of a base, the last parameter's changing first.

    A combination that means nothing (a batch larger than the samples), or the same as another one (another momentum
    with an optimizer that has none), is left out, and has no number; `left_out` tells which, a sentence each.
    `axes` has the values of each parameter that varies, as a RunConfig holds them.
    """

    def __init__(self, base: RunConfig, axes: Mapping[str, Sequence[object]]) -> None:
        """Raises ConfigError where a value is refused, or a parameter makes no difference to any cell."""
        self.base = base
        self.axes: dict[str, tuple[Any, ...]] = {
            name: tuple(dict.fromkeys(PARAMETERS[name].parse(value) for value in values))
            for name, values in axes.items()
        }
        self.left_out: tuple[str, ...] = ()
        self._lengths = tuple(map(len, self.axes.values()))
        self._numbers: Cells | None = None  # of the combinations that are cells; None where all are
        self._leave_out()

    def __len__(self) -> int:
        """How many cells there are."""
        return math.prod(self._lengths) if self._numbers is None else len(self._numbers)

    @property
    def varied(self) -> tuple[str, ...]:
        """The parameters that have several values."""
        return tuple(name for name, values in self.axes.items() if len(values) > 1)

    def values(self, name: str) -> tuple[Any, ...]:
        """The values of a parameter: those that it varies over, or the one of the base."""
        return self.axes.get(name, (getattr(self.base, name),))

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be told of the cells before they are trained, a sentence each: `left_out`, and seeds in vain."""
        noise, data, shuffle, init = map(self.values, ("noise", "data", "shuffle", "init"))
        uses_seeds = any(shuffle) or "random" in init or (any(noise) and None in data)
        return self.left_out if uses_seeds or "seed" not in self.varied else (*self.left_out, _(_SEEDS_IN_VAIN))

    def __getstate__(self) -> dict[str, Any]:
        """What pickle takes to a worker: not the numbers, which are many, but what they are made of."""
        return {**vars(self), "_numbers": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        if self.left_out:
            self._leave_out()

    def drawn(self, count: int) -> Cells:
        """So many of the cells: always the same ones, in order; shape (n,)."""
        # By a stream that no run has: another number of cells is another draw.
        return np.sort(generator(self.base.seed, Stream.CELLS).choice(len(self), count, replace=False))

    def config(self, cell: int) -> RunConfig:
        """The configuration of a cell; raises IndexError where there is none."""
        return self.configs([cell])[0]

    def configs(self, cells: Sequence[int] | Cells) -> list[RunConfig]:
        """The configurations of some cells."""
        values = [[self.axes[name][at] for at in places.tolist()] for name, places in self.places(cells).items()]
        rows = zip(*values, strict=True) if values else ((),) * len(cells)
        return [self.base.with_values(dict(zip(self.axes, row, strict=True))) for row in rows]

    def columns(self, cells: Sequence[int] | Cells) -> dict[str, list[Any]]:
        """The values of what varies, by name, of some cells; None where the parameter makes no difference."""
        found = {}
        for name, places in self.used_places(cells).items():
            values = self.axes[name]
            found[name] = [None if at < 0 else values[at] for at in places.tolist()]
        return found

    def places(self, cells: Sequence[int] | Cells) -> dict[str, NDArray[np.intp]]:
        """Which of the values of what varies, by name, some cells have: shape (n,) each; raises IndexError."""
        numbers = np.asarray(cells, dtype=np.int64)
        if len(numbers) and not 0 <= numbers.min() <= numbers.max() < len(self):
            raise IndexError(f"cell must be 0 to {len(self) - 1}")  # in Python's words
        if self._numbers is not None:
            numbers = self._numbers[numbers]
        places = np.unravel_index(numbers, self._lengths) if self.axes else ()
        return dict(zip(self.axes, places, strict=True))

    def used_places(self, cells: Sequence[int] | Cells) -> dict[str, NDArray[np.intp]]:
        """Returns the places of the values as `places` does, but -1 where the parameter makes no difference."""
        found = self.places(cells)
        for name in _DEPENDENT.intersection(self.axes):
            choice, is_idle = self._idle_with(name)
            if choice in self.axes:
                found[name] = np.where(is_idle[found[choice]], -1, found[name])
        return found

    def _idle_with(self, name: str) -> tuple[str, NDArray[np.bool_]]:
        """By which choice a parameter of _DEPENDENT makes a difference or none, and with which values of that none."""
        choice = USED_BY[name].choice if name in USED_BY else "data"
        base = {each: getattr(self.base, each) for each in ("optimizer", "schedule", "data")}
        return choice, np.array([name in unused({**base, choice: value}) for value in self.values(choice)])

    def _leave_out(self) -> None:
        total = math.prod(self._lengths)
        if total > MOST_CELLS:
            all_of_them = _("{n} combinations").format(n=total)
            allowed = _("at most {most} in a sweep").format(most=f"{MOST_CELLS:,}")
            raise ConfigError(tuple(self.axes), all_of_them, _("are too many"), allowed)
        kept: NDArray[np.bool_] = np.ones(self._lengths, dtype=bool)
        told = []
        for sentence, mask in (*self._refused(), *self._idle()):
            count = int((kept & mask).sum())
            kept &= ~mask
            if count:
                told.append(ngettext(*_LEFT_OUT, count, reason=sentence))
        self.left_out = tuple(told)
        if told:
            self._numbers = np.flatnonzero(kept)

    def _refused(self) -> list[tuple[str, NDArray[np.bool_]]]:
        """For each reason why combinations are refused: that, and which they are, an array that fits all of them."""
        shape = [len(values) if name in CHECKED else 1 for name, values in self.axes.items()]
        refused = defaultdict[str, NDArray[np.bool_]](lambda: np.zeros(shape, dtype=bool))
        last: ConfigError | None = None
        for row in np.ndindex(*shape):
            places = zip(self.axes, row, strict=True)
            try:
                self.base.with_values({name: self.axes[name][at] for name, at in places if name in CHECKED})
            except ConfigError as reason:
                last = reason
                labels = " / ".join(PARAMETERS[name].label for name in reason.names)
                refused[with_problem(labels, reason.reason)][row] = True
        if last is not None and np.logical_or.reduce([*refused.values()]).all():
            raise last
        return [*refused.items()]

    def _idle(self) -> list[tuple[str, NDArray[np.bool_]]]:
        """For each parameter that makes no difference with some choices: that, and all combinations but one of each."""
        found = []
        for name in filter(_DEPENDENT.__contains__, self.axes):
            choice, is_idle = self._idle_with(name)
            if is_idle.all():
                reason = _("makes no difference to any run of the sweep")
                raise ConfigError((name,), PARAMETERS[name].show(self.axes[name][0]), reason, _where_used(name))
            if is_idle.any():
                row, values = PARAMETERS[choice], self.axes[choice]
                words = [row.show(values[at]) or _("none") for at in np.flatnonzero(is_idle)]
                with_ = [_("{parameter} {value}").format(parameter=row.label, value=word) for word in words]
                told = _("{parameter} makes no difference with {choices}")
                told = told.format(parameter=PARAMETERS[name].label, choices=either_text([*dict.fromkeys(with_)]))
                is_other = np.arange(len(self.axes[name])) > 0
                found.append((told, self._along(choice, is_idle) & self._along(name, is_other)))
        return found

    def _along(self, name: str, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """What is so of the values of a parameter, as an array that fits all combinations."""
        return mask.reshape([-1 if each == name else 1 for each in self.axes])


def _where_used(name: str) -> str:
    """With what a parameter of _DEPENDENT makes a difference."""
    if name in USED_BY:
        choice, words = USED_BY[name]
        return _("with {choice} {words}").format(choice=PARAMETERS[choice].label, words=either(words))
    return _("with a file of samples") if name in OF_FILES else _("without samples of your own")
