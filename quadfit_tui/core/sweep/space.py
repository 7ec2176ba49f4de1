"""Space: the cells of a sweep, each a run, numbered before any of them is trained."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.config.parameters import (
    OF_FILES,
    OF_MADE_SAMPLES,
    PARAMETERS,
    USERS,
    ConfigError,
    RunConfig,
    unused,
)
from quadfit_tui.core.model.problem import Stream, generator
from quadfit_tui.core.sweep.axes import CHECKED
from quadfit_tui.core.text.language import _, counted_as, either, either_text, noted, noted_counts
from quadfit_tui.core.text.quoting import with_problem

Cells = NDArray[np.int64]  # some of them, by their numbers
MOST_CELLS = 10_000_000  # whose columns take a gigabyte
_LEFT_OUT = noted_counts("{n} combination left out: {reason}.", "{n} combinations left out: {reason}.")
_CHOICES = ("optimizer", "schedule", "data")  # which tell of other parameters whether they make a difference
_SEEDS_IN_VAIN = noted(
    "The seed makes no difference to these runs: they have no noise, no shuffling and no random start."
)
_DEPENDENT = frozenset({*USERS, *OF_FILES, *OF_MADE_SAMPLES})  # which make no difference with some of the choices


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
    def notes(self) -> tuple[str, ...]:
        """What is to be told of the cells before they are trained, a sentence each: `left_out`, and seeds in vain."""
        return self.left_out if self._uses_seeds else (*self.left_out, _(_SEEDS_IN_VAIN))

    @property
    def _uses_seeds(self) -> bool:
        """Whether seeds make a difference to some cell, where there are several."""
        noise, data, shuffle, init = (
            self.axes.get(name, (getattr(self.base, name),)) for name in ("noise", "data", "shuffle", "init")
        )
        return len(self.axes.get("seed", ())) < 2 or any(shuffle) or "random" in init or (any(noise) and None in data)

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
        rows = zip(*self._values(cells).values(), strict=True) if self.axes else ((),) * len(cells)
        return [self.base.with_values(dict(zip(self.axes, row, strict=True))) for row in rows]

    def columns(self, cells: Sequence[int] | Cells) -> dict[str, list[Any]]:
        """The values of what varies, by name, of some cells; None where the parameter makes no difference."""
        found = self._values(cells)
        chosen = {name: found[name] for name in _CHOICES if name in found}
        rows = [*zip(*chosen.values(), strict=True)]
        idle = {row: unused(self._choices(dict(zip(chosen, row, strict=True)))) for row in dict.fromkeys(rows)}
        for name in frozenset().union(*idle.values()).intersection(found):
            values = zip(found[name], rows, strict=True)
            found[name] = [None if name in idle[row] else value for value, row in values]
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
        """The same, but -1 where the parameter makes no difference."""
        found = {name: at.copy() for name, at in self.places(cells).items()}
        names = [name for name in self.axes if name in _CHOICES]
        for row in itertools.product(*(range(len(self.axes[name])) for name in names)):
            chosen = dict(zip(names, row, strict=True))
            values = {name: self.axes[name][at] for name, at in chosen.items()}
            if idle := unused(self._choices(values)).intersection(_DEPENDENT, self.axes):
                mask = np.ones(len(cells), dtype=bool)
                for name, at in chosen.items():
                    mask &= found[name] == at
                for name in idle:
                    found[name][mask] = -1
        return found

    def _values(self, cells: Sequence[int] | Cells) -> dict[str, list[Any]]:
        return {name: [self.axes[name][at] for at in places.tolist()] for name, places in self.places(cells).items()}

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
                told.append(counted_as(*_LEFT_OUT, count, reason=sentence))
        self.left_out = tuple(told)
        if told:
            self._numbers = np.flatnonzero(kept)

    def _refused(self) -> list[tuple[str, NDArray[np.bool_]]]:
        """For each reason why combinations are refused: that, and which they are, an array that fits all of them."""
        names = [name for name in self.axes if name in CHECKED]
        refused: dict[str, list[tuple[int, ...]]] = {}
        last: ConfigError | None = None
        for row in itertools.product(*(range(len(self.axes[name])) for name in names)):
            try:
                self.base.with_values({name: self.axes[name][at] for name, at in zip(names, row, strict=True)})
            except ConfigError as reason:
                last = reason
                labels = " / ".join(PARAMETERS[name].label for name in reason.names)
                refused.setdefault(with_problem(labels, reason.reason), []).append(row)
        if last is not None and sum(map(len, refused.values())) == math.prod(len(self.axes[name]) for name in names):
            raise last
        found = []
        for sentence, rows in refused.items():
            mask = np.zeros([len(values) if name in names else 1 for name, values in self.axes.items()], dtype=bool)
            for row in rows:
                places = dict(zip(names, row, strict=True))
                mask[tuple(places.get(name, 0) for name in self.axes)] = True
            found.append((sentence, mask))
        return found

    def _idle(self) -> list[tuple[str, NDArray[np.bool_]]]:
        """For each parameter that makes no difference with some choices: that, and all combinations but one of each."""
        names = [name for name in self.axes if name in _CHOICES]
        chosen = [dict(zip(names, row, strict=True)) for row in itertools.product(*map(self.axes.__getitem__, names))]
        found = []
        for name in filter(_DEPENDENT.__contains__, self.axes):
            mask = np.zeros([len(v) if each in (*names, name) else 1 for each, v in self.axes.items()], dtype=bool)
            with_: dict[str, None] = {}
            idle = [values for values in chosen if name in unused(self._choices(values))]
            if len(idle) == len(chosen):
                row = PARAMETERS[name]
                reason = _("makes no difference to any run of the sweep")
                raise ConfigError((name,), row.show(self.axes[name][0]), reason, _where_used(name))
            for values in idle:
                places = {each: self.axes[each].index(value) for each, value in values.items()}
                mask[tuple(slice(1, None) if each == name else places.get(each, 0) for each in self.axes)] = True
                choice = PARAMETERS[USERS[name].choice if name in USERS else "data"]
                word = choice.show(values[choice.name]) or _("none")
                with_[_("{parameter} {value}").format(parameter=choice.label, value=word)] = None
            if idle:
                told = _("{parameter} makes no difference with {choices}")
                found.append((told.format(parameter=PARAMETERS[name].label, choices=either_text([*with_])), mask))
        return found

    def _choices(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: values.get(name, getattr(self.base, name)) for name in _CHOICES}


def _where_used(name: str) -> str:
    """With what a parameter of _DEPENDENT makes a difference."""
    if name in USERS:
        choice, words = USERS[name]
        return _("with {choice} {words}").format(choice=PARAMETERS[choice].label, words=either(words))
    return _("with a file of samples") if name in OF_FILES else _("without samples of your own")
