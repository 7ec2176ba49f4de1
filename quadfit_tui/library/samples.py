"""Samples: data in the memory of a program in Python, as it is trained on and as a file holds it."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from quadfit_tui.core.config.own_values import format_typed_value, value_text
from quadfit_tui.core.config.parameters import IN_MEMORY, RunConfig
from quadfit_tui.core.files.atomic_file import write_lines
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.problem import Dataset
from quadfit_tui.core.model.task import FitTask, make_task
from quadfit_tui.core.text.language import full_stop
from quadfit_tui.library.in_memory import Missing, refuse, samples_in_memory


class ReadOnly:
    """A base class for objects with read-only arrays, which stay read-only when pickle loads the object."""

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
    def of(cls, problem: Dataset) -> Samples:
        """Wraps the arrays of a dataset as read-only views, without copying them."""
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
        """The SHA-256 of the text that `to_csv` writes, as hexadecimal digits: the value for `--data-sha256`."""
        return sha256(self._text().encode()).hexdigest()

    def to_csv(self, path: str | os.PathLike[str] | None = None) -> str | None:
        """Writes the samples as a CSV file, from which `quadfit-tui run --data FILE` trains the same run bit for bit.

        It has a row for each sample below the heading `x,y`, and replaces an older file. Without a path, returns its
        text. Raises OSError if it cannot be written.
        """
        if path is None:
            return self._text()
        write_lines(os.fspath(path), self._lines(), overwrites=True)
        return None


def task_of(config: RunConfig, x: ArrayLike | None, y: ArrayLike | None, missing: Missing = None) -> FitTask:
    """Builds the task that trains a configuration, on the caller's x and y if they are given; raises ConfigError.

    They are copied, once. The task's configuration then names them, by their SHA-256, in the place of a file. Warns of
    what was assumed or left out when a file was read.
    """
    if not isinstance(config, RunConfig):
        raise TypeError(f"config must be a RunConfig, such as PRESETS['article'], got {format_typed_value(config)}")
    if x is None and y is None:
        if missing is not None:
            refuse("missing", value_text(missing), "None where x and y are not given")
        task = make_task(config)
        for notice in task.problem.notices:
            warnings.warn(f"{config.data}: {full_stop(notice)}", stacklevel=3)
        return task
    if x is None or y is None:
        name, other = ("x", "y") if x is None else ("y", "x")
        refuse(name, "None", f"samples, as {other} has")
    in_memory = samples_in_memory(x, y, missing)
    samples = Samples(in_memory.x, in_memory.y)
    name = IN_MEMORY + samples.sha256
    if config.data not in (None, name):
        refuse("data", value_text(config.data), "None where x and y are given, or the name of these very samples")
    config = config.replace(data=name, columns=None, encoding="auto", skip=0)  # the last three are about files
    problem = Dataset(
        in_memory.x, in_memory.y, None, (name,), samples.sha256, in_memory.left_out, in_memory.read_as, "row"
    )
    return make_task(config, problem)
