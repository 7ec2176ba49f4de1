"""The options of `sweep`: those of a run, each of which may have many values, and the Space that they give."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from quadfit_tui.cli.parsing.combinations import check_together
from quadfit_tui.cli.parsing.help import TableOption
from quadfit_tui.cli.parsing.option_types import ParameterType
from quadfit_tui.cli.parsing.options import (
    Layers,
    as_usage_errors,
    check_digest_used,
    check_used,
    given_names,
    parameter_options,
    read_layers,
    refuse,
    refuse_one_input,
    with_one_of,
)
from quadfit_tui.core.config.parameters import PARAMETERS, USED_BY, ConfigError, Parameter, RunConfig
from quadfit_tui.core.config.value_types import Choice, Flag, Integer
from quadfit_tui.core.files import access
from quadfit_tui.core.text.language import N_, _, clauses
from quadfit_tui.core.text.quoting import quoted, shown_name
from quadfit_tui.sweeps.axes import CHECKED, MOST_VALUES, in_order, ranged, seeds, values
from quadfit_tui.sweeps.cli.combinations import COMBINATIONS

# What loads NumPy is imported by the functions that need it.
if TYPE_CHECKING:
    from quadfit_tui.sweeps.space import Space

_OF_SAMPLES = ("data", "columns", "encoding", "skip")  # what a file of samples is read by
_SEVERAL = re.compile(r"\S[\s,;|]+\S")  # as somebody may write a list


class SweepArguments(NamedTuple):
    """What the command line says, but for the options of a run."""

    preset: str | None
    config_file: str | None
    seeds: int | None
    random: int | None
    jobs: int | None
    scheduler: str | None
    dry_run: bool
    output: str | None
    style: str | None
    force: bool
    resume: bool
    progress: str
    plot: bool
    source: str | None
    width: int | None
    theme: str | None
    ascii: bool


class AxisType(ParameterType):
    """Reads the values that an option stands for: one, or those of a range of numbers."""

    def __init__(self, parameter: Parameter) -> None:
        super().__init__(parameter.value_type)
        self._parameter = parameter

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[Any, ...]:
        """The values, with which an option is repeated."""
        try:
            if ranged(self._parameter) is None:
                return (super().convert(value, param, ctx),)
            return values(self._parameter.name, value)
        except ConfigError as refused:
            said = refused.problem
        except click.BadParameter as refused:
            said = refused.message
        if _SEVERAL.search(str(value)) and (isinstance(self.value_type, Choice | Flag) or ranged(self._parameter)):
            said = clauses([said, _("for several values, repeat {option}").format(option=self._parameter.option)])
        raise click.BadParameter(said, ctx, param)


def axis_options() -> Iterator[click.Option]:
    """The options of a run, each to be repeated, and those that say how many runs there are."""
    yield from parameter_options(AxisType)
    yield TableOption(
        ["--seeds"],
        group="sweep",
        type=ParameterType(Integer(1, MOST_VALUES)),
        help=N_("train each run with so many seeds, from that of --seed on [1]"),
    )
    yield TableOption(
        ["--random"],
        group="sweep",
        type=ParameterType(Integer(1, 10**9)),
        help=N_("train only so many of the runs, drawn at random, always the same ones [all]"),
    )


def read_space(asked: SweepArguments, given: Mapping[str, Any]) -> tuple[Space, int | None]:
    """The runs that the command line asks for, and how many of them are drawn, None: all; raises a usage error.

    `given` has the values of each option of a run, as AxisType reads them. What the file of a sweep says, as --config,
    is as if it had been given, unless the same option is.
    """
    found = {name: tuple(dict.fromkeys(itertools.chain(*given[name]))) for name in given_names() if name in PARAMETERS}
    several = {name: each for name, each in found.items() if len(each) > 1}
    check_together(COMBINATIONS["sweep"], {"--data": "data" in several, "--seed": "seed" in several})
    first = {name: each[0] for name, each in found.items()}
    layers = read_layers(asked.preset, asked.config_file, {**given, **first}, sweeps=True)
    filed, random = _filed(asked, layers)
    filed = {name: each for name, each in filed.items() if name not in found and not (name == "seed" and asked.seeds)}
    several = {**several, **{name: each for name, each in filed.items() if len(each) > 1}}
    layers.given.update({name: each[0] for name, each in filed.items() if len(each) == 1})
    from quadfit_tui.sweeps.space import Space

    with as_usage_errors():
        base = _base(layers, several)
        _check_used(base, several, found)
        if asked.seeds is not None and asked.seeds > 1:
            several["seed"] = seeds(base.seed, asked.seeds)
        space = Space(base, in_order(several))
    check_digest_used(base)
    if base.data == asked.config_file == access.STANDARD_INPUT:
        refuse_one_input()
    if len(readings(space)) > 1 and access.STANDARD_INPUT in (base.data, *several.get("data", ())):
        refuse("--data", _("{name} can be read only once; allowed: a file").format(name=quoted(access.STANDARD_INPUT)))
    return space, random


def _filed(asked: SweepArguments, layers: Layers) -> tuple[dict[str, tuple[Any, ...]], int | None]:
    """What varies by the file of --config, if that is the one of a sweep, and how many runs are drawn."""
    if not layers.swept:
        return {}, asked.random
    from quadfit_tui.sweeps.head import axes_of

    file = asked.config_file or ""
    try:
        axes = axes_of(layers.swept, os.path.dirname(file))
        random = Integer(1, 10**9).parse(layers.swept["random"]) if "random" in layers.swept else None
    except ConfigError as refused:
        refuse(f"--config {shown_name(file)}", f"{refused.names[0]} = {refused.problem}")
    except (ValueError, TypeError, KeyError, AttributeError):
        refuse("--config", _("{file} was changed, or is not of a sweep").format(file=quoted(file)))
    return {name: tuple(values) for name, values in axes.items()}, asked.random or random


def readings(space: Space) -> list[RunConfig]:
    """A configuration for each way in which the runs read a file of samples; none where they read none."""
    if space.base.data is None:
        return []
    axes = {name: each for name, each in space.axes.items() if name in _OF_SAMPLES}
    rows = itertools.product(*axes.values())
    return [space.base.with_values(dict(zip(axes, row, strict=True))) for row in rows]


def _base(layers: Layers, axes: Mapping[str, tuple[Any, ...]]) -> RunConfig:
    """The base with the values that are given, and of those that vary the first ones that are possible together."""
    names = [name for name in axes if name in CHECKED]
    refused: ConfigError | None = None
    for row in itertools.product(*(axes[name] for name in names)):
        try:
            return layers.base.with_values({**layers.given, **dict(zip(names, row, strict=True))})
        except ConfigError as reason:
            refused = refused or reason
    assert refused is not None
    raise refused


def _check_used(base: RunConfig, axes: Mapping[str, tuple[Any, ...]], names: Iterable[str]) -> None:
    """Raises ConfigError about an option that would make no difference to any run."""
    for name in names:
        choice, words = USED_BY.get(name, ("", ()))
        if choice not in axes:
            check_used(base, [name])
        elif not {*words}.intersection(axes[choice]):
            row, value = PARAMETERS[name], axes.get(name, (getattr(base, name),))[0]
            reason = _("makes no difference to any run of the sweep")
            raise ConfigError((name,), row.show(value), reason, with_one_of(USED_BY[name]))
