"""PictureWords: which picture of a sweep is meant, over which of its parameters, and what is held of the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.config.other_names import did_you_mean_name
from quadfit_tui.core.config.parameters import PARAMETERS, ConfigError
from quadfit_tui.core.sweep.space import Space
from quadfit_tui.core.text.language import _, comma_separated, listed
from quadfit_tui.core.text.quoting import did_you_mean, quoted, with_allowed

SEED = "seed"
MOST_AXES = {"map": 2, "bands": 1}  # the pictures there are, and how many parameters each can be told
_NEAR = 1e-3  # of a number: what is typed means a value that is so near
_TOLD = 8  # values in a message


class PictureWords(NamedTuple):
    """`kind` is "map" or "bands"; `axes` are the parameters it goes over, those by default where none is named.

    `held` are the parameters that have one value: which of those in the axes of the sweep, counted from 0.
    """

    kind: str
    axes: tuple[str, ...] = ()
    held: Mapping[str, int] = MappingProxyType({})

    def holds(self, places: Mapping[str, NDArray[np.intp]], count: int) -> NDArray[np.bool_]:
        """Which of so many rows have the values that are held: by the `places` of their values."""
        found = np.ones(count, dtype=bool)
        for name, at in self.held.items():
            found &= places[name] == at
        return found


def picture_words(text: str, space: Space) -> PictureWords:
    """What `map`, `bands:momentum` or `map:lr,batch,optimizer=adam` means of a sweep.

    Raises ValueError with the word that means nothing there, and what is allowed.
    """
    kind, __, rest = text.partition(":")
    if kind not in MOST_AXES:
        problem = did_you_mean(_("{name} is not one of the choices").format(name=quoted(kind)), kind, MOST_AXES)
        raise ValueError(with_allowed(problem, comma_separated([*MOST_AXES])))
    names = {name: typed(name) for name in space.varied}
    axes, held = list[str](), dict[str, int]()
    for word in filter(None, (part.strip() for part in rest.split(","))):
        told, has_value, value = word.partition("=")
        name = told.strip().replace("-", "_")
        if name not in names:
            allowed = comma_separated([*names.values()]) or _("none: nothing varies")
            problem = _("{name} does not vary in this sweep").format(name=quoted(told))
            raise ValueError(with_allowed(did_you_mean_name(problem, told.strip(), names.values()), allowed))
        if has_value:
            held[name] = _which(name, value.strip(), space.axes[name])
        elif len(axes) == MOST_AXES[kind]:
            problem = _("{text} names more parameters than {picture} goes over").format(text=quoted(text), picture=kind)
            raise ValueError(with_allowed(problem, _("two parameters") if MOST_AXES[kind] == 2 else _("one parameter")))
        else:
            axes.append(name)
    if doubled := [name for name in axes if name in held or axes.count(name) > 1]:
        problem = _("{text} names {name} twice; allowed: once")
        raise ValueError(problem.format(text=quoted(text), name=names[doubled[0]]))
    if kind == "bands" and SEED in (*axes, *held):
        problem = _("{text} names seed, which bands are over; allowed: another parameter that varies")
        raise ValueError(problem.format(text=quoted(text)))
    return PictureWords(kind, tuple(axes), held)


def typed(name: str) -> str:
    """The name of a parameter as it is typed: `weight-decay`."""
    return PARAMETERS[name].option[2:]


def is_numeric(values: Sequence[object]) -> bool:
    """Whether values of a parameter are numbers, all of them: one may be larger than another."""
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


def value_name(name: str, value: object) -> str:
    """A value of a parameter, as pictures and tables name it in few characters."""
    if isinstance(value, float):
        return f"{value:.4g}"
    return PARAMETERS[name].show(value) or _("none")


def named(name: str, value: object) -> str:
    """The same with the name of the parameter: `momentum 0.9`."""
    return _("{parameter} {value}").format(parameter=PARAMETERS[name].label, value=value_name(name, value))


def _which(name: str, text: str, values: Sequence[Any]) -> int:
    """Which of some values of a parameter a text means."""
    try:
        value = PARAMETERS[name].parse(text)
    except ConfigError as refused:
        raise ValueError(refused.problem) from None
    if value in values:
        return values.index(value)
    if isinstance(value, float):
        near = [at for at, each in enumerate(values) if abs(each - value) <= _NEAR * abs(each)]
        if near:
            return min(near, key=lambda at: abs(values[at] - value))
    some = [value_name(name, each) for each in values[:_TOLD]]
    problem = _("{text} is no value of {parameter} in this sweep")
    problem = problem.format(text=quoted(text), parameter=PARAMETERS[name].label)
    raise ValueError(with_allowed(problem, comma_separated([*some, "…"]) if len(values) > _TOLD else listed(some)))
