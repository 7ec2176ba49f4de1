"""Samples: data in the memory of a program in Python, as it is trained on and as a file holds it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from quadfit_tui.core.config.expected import shown
from quadfit_tui.core.config.parameters import IN_MEMORY, LARGEST, MAX_SAMPLES, ConfigError, RunConfig
from quadfit_tui.core.files.whole_file import write_lines
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.problem import Problem
from quadfit_tui.core.model.task import Task, make_task


class ReadOnly:
    """An object whose arrays cannot be changed, nor those of what another process makes of it."""

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        for value in state.values():
            if isinstance(value, np.ndarray):
                value.flags.writeable = False


@dataclass(frozen=True, eq=False)
class Samples(ReadOnly):
    """The samples (x, y) of a run: float64, shape (n,) each, without units; they cannot be changed."""

    x: Array = field(repr=False)
    y: Array = field(repr=False)

    @classmethod
    def of(cls, problem: Problem) -> Samples:
        """Those of a problem: its own arrays, which cannot be changed by these names."""
        x, y = problem.x.view(), problem.y.view()
        x.flags.writeable = y.flags.writeable = False
        return cls(x, y)

    def __repr__(self) -> str:
        return f"<Samples: {len(self.x)} of x and y>"

    def _lines(self) -> Iterator[str]:
        yield "x,y"
        for x, y in zip(self.x.tolist(), self.y.tolist(), strict=True):
            yield f"{x!r},{y!r}"

    def _text(self) -> str:
        return "\n".join(self._lines()) + "\n"

    @cached_property
    def sha256(self) -> str:
        """The SHA-256 of what `to_csv` writes, in hexadecimal digits: what `--data-sha256` compares."""
        return sha256(self._text().encode()).hexdigest()

    def to_csv(self, path: str | os.PathLike[str] | None = None) -> str | None:
        """Writes them as a file by which `quadfit-tui run --data FILE` trains the same run to the last bit.

        It has a row for each sample below the heading `x,y`, and takes the place of an older one. Without a path its
        text is returned. Raises OSError where it cannot be written.
        """
        if path is None:
            return self._text()
        write_lines(os.fspath(path), self._lines(), overwrites=True)
        return None


def task_of(config: RunConfig, x: ArrayLike | None, y: ArrayLike | None) -> Task:
    """The task of a configuration, with x and y as its samples where they are given; raises ConfigError.

    They are copied, once. The task's configuration then names them, by their SHA-256, in the place of a file.
    """
    if not isinstance(config, RunConfig):
        raise TypeError(f"config must be a RunConfig, such as PRESETS['article'], got {shown(config)}")
    if x is None and y is None:
        return make_task(config)
    if x is None or y is None:
        name, other = ("x", "y") if x is None else ("y", "x")
        raise _refusal(name, f"be given where {other} is", "None")
    samples = Samples(_numbers("x", x), _numbers("y", y))
    if len(samples.x) != len(samples.y):
        raise _refusal("y", f"have as many numbers as x, {len(samples.x)}", str(len(samples.y)))
    name = IN_MEMORY + samples.sha256
    if config.data not in (None, name):
        raise _refusal("data", "be None, or name these very samples, where x and y are given", repr(config.data))
    config = config.replace(data=name, columns=None, encoding="auto", skip=0)  # which are of files
    return make_task(config, Problem(samples.x, samples.y, None, (name,), samples.sha256))


def _numbers(name: str, values: ArrayLike) -> Array:
    """A copy of some numbers, shape (n,), that cannot be changed; raises ConfigError."""
    hidden: Any = values
    if isinstance(getattr(hidden, "mask", None), np.ndarray | np.bool_):  # what it hides would be seen by asarray
        hidden = hidden.astype(float).filled(np.nan)
    try:
        found = np.asarray(hidden)
        if found.dtype.kind not in "iufO":
            raise _refusal(name, "be numbers", f"values of {found.dtype}")
        numbers: Array = np.array(found, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as failure:
        if isinstance(failure, ConfigError):
            raise
        raise _refusal(name, "be numbers in one dimension", shown(values)) from None
    if numbers.ndim != 1:
        raise _refusal(name, "be of shape (n,)", f"shape {numbers.shape}")
    if not 1 <= len(numbers) <= MAX_SAMPLES:
        raise _refusal(name, f"be of 1 to {MAX_SAMPLES} numbers", str(len(numbers)))
    wrong = np.flatnonzero(~(np.abs(numbers) <= LARGEST))
    if len(wrong):
        at = int(wrong[0])
        raise _refusal(name, "be numbers from -1e12 to 1e12", f"{float(numbers[at])!r} at index {at}")
    numbers += 0.0  # no minus zero, as in a file
    numbers.flags.writeable = False
    return numbers


def _refusal(name: str, must: str, got: str) -> ConfigError:
    return ConfigError((name,), got, f"is refused: it must {must}", "", f"{name} must {must}, got {got}")
