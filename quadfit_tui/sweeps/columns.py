"""The columns of what varies in a sweep, with their types, and of the command of each run; results: rows.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import repeat
from typing import Any, Literal, NamedTuple

from quadfit_tui.core.config.parameters import PARAMETERS
from quadfit_tui.core.session.reproduction import NotReproducibleError, config_words, parameter_words, shell_line
from quadfit_tui.sweeps.space import Cells, Space

Kind = Literal["whole", "real", "flag", "text"]

RUN = "run"  # the last column: the command that trains the run again
# A parameter's column has its name, unless a column of the results has the same one.
_OTHER_NAMES = {"epochs": "max_epochs"}
_CHOICES = ("optimizer", "schedule", "data")  # parameters on which it depends whether others have an effect


class SweepColumn(NamedTuple):
    """A column of a sweep's table with the values of a parameter: its name, the kind of its values, the parameter."""

    name: str
    kind: Kind
    parameter: str


def varied_columns(axes: Mapping[str, Sequence[Any]]) -> list[SweepColumn]:
    """Returns the columns of the parameters that vary in a sweep, and of the seed."""
    values = {"seed": (0,), **axes}
    return [
        SweepColumn(_OTHER_NAMES.get(name, name), _kind(values[name]), name) for name in dict.fromkeys((*axes, "seed"))
    ]


def _kind(values: Sequence[Any]) -> Kind:
    """Returns the kind of a column by the types of its values, text if they are mixed."""
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return "flag"
    if kinds == {int}:
        return "whole"
    return "real" if kinds == {float} else "text"


def file_values(column: SweepColumn, values: list[Any]) -> list[Any]:
    """Returns a parameter's values as its column stores them: unchanged, or each as text if the column is of text."""
    if column.kind != "text":
        return values
    show = PARAMETERS[column.parameter].show
    return [None if value is None else show(value) for value in values]


class CommandLines:
    """A formatter of the commands that train single cells; caches their common parts, so that millions are quick."""

    def __init__(self, space: Space, digests: Mapping[str, str], names: Mapping[str, str] | None = None) -> None:
        """`digests` has the SHA-256 of each file of samples that was read, by its path; `names` as for SweepHeader."""
        self._space, self._digests, self._names = space, digests, names or {}
        self._beginnings: dict[tuple[int, ...], str] = {}  # by the indices of the values of _CHOICES
        self._options = cache(self._option)

    def of(self, cells: Sequence[int] | Cells) -> list[str]:
        """Returns the command of each cell; an empty text if no file of its samples could be named."""
        places = self._space.used_places(cells)
        choices = [places[name].tolist() for name in _CHOICES if name in places]
        options = [list(map(self._options, repeat(name), column.tolist())) for name, column in places.items()]
        commands = []
        for index, cell in enumerate(map(int, cells)):
            key = tuple(column[index] for column in choices)
            if key not in self._beginnings:
                self._beginnings[key] = self._beginning(cell)
            beginning = self._beginnings[key]
            commands.append(beginning and "".join([beginning, *(column[index] for column in options), " --quiet"]))
        return commands

    def _beginning(self, cell: int) -> str:
        """Formats the part of a cell's command without the options that vary; empty if its samples cannot be named."""
        config = self._space.config(cell)
        if config.data and config.data not in self._digests:
            return ""
        digest = self._digests.get(config.data or "", "")
        if config.data:
            config = config.with_values({"data": self._names.get(config.data, config.data)})
        try:
            words = config_words(config, digest, without=self._space.axes)
        except NotReproducibleError:
            return ""
        return shell_line(["quadfit-tui", "run", *words])

    def _option(self, name: str, place: int) -> str:
        """Formats the option for one value of a parameter that varies; empty if it has no effect on the cell."""
        value = self._space.axes[name][place]
        if place < 0 or (name == "data" and value is None):
            return ""
        named_value = self._names.get(value, value) if name == "data" else value
        return f" {shell_line(parameter_words(name, named_value, self._digests.get(str(value), '')))}"
