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

from quadfit_tui.core.config.own_values import shown, value_text
from quadfit_tui.core.config.parameters import IN_MEMORY, RunConfig
from quadfit_tui.core.files.atomic_file import write_lines
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.problem import Dataset
from quadfit_tui.core.model.task import FitTask, make_task
from quadfit_tui.library.in_memory import Missing, refuse, samples_in_memory


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
    def of(cls, problem: Dataset) -> Samples:
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


def task_of(config: RunConfig, x: ArrayLike | None, y: ArrayLike | None, missing: Missing = None) -> FitTask:
    """The task of a configuration, with x and y as its samples where they are given; raises ConfigError.

    They are copied, once. The task's configuration then names them, by their SHA-256, in the place of a file.
    """
    if not isinstance(config, RunConfig):
        raise TypeError(f"config must be a RunConfig, such as PRESETS['article'], got {shown(config)}")
    if x is None and y is None:
        if missing is not None:
            refuse("missing", value_text(missing), "None where x and y are not given")
        return make_task(config)
    if x is None or y is None:
        name, other = ("x", "y") if x is None else ("y", "x")
        refuse(name, "None", f"samples, as {other} has")
    found = samples_in_memory(x, y, missing)
    samples = Samples(found.x, found.y)
    name = IN_MEMORY + samples.sha256
    if config.data not in (None, name):
        refuse("data", value_text(config.data), "None where x and y are given, or the name of these very samples")
    config = config.replace(data=name, columns=None, encoding="auto", skip=0)  # which are of files
    problem = Dataset(*found[:2], None, (name,), samples.sha256, found.left_out, found.read_as, "row")
    return make_task(config, problem)
