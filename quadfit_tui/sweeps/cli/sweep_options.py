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
    parameter_options,
    read_layers,
    refuse,
    refuse_one_input,
    typed_option_names,
    usage_condition,
)
from quadfit_tui.core.config.parameters import PARAMETERS, USED_BY, ConfigError, Parameter, RunConfig
from quadfit_tui.core.config.value_types import Choice, Flag, Integer
from quadfit_tui.core.files import access
from quadfit_tui.core.text.language import N_, _, clauses
from quadfit_tui.core.text.quoting import quoted, shown_name
from quadfit_tui.sweeps.axes import CHECKED, MOST_VALUES, range_type, seeds, sorted_axes, values
from quadfit_tui.sweeps.cli.combinations import COMBINATIONS

# What loads NumPy is imported by the functions that need it.
if TYPE_CHECKING:
    from quadfit_tui.sweeps.space import Space

_OF_SAMPLES = ("data", "columns", "encoding", "skip")  # parameters that decide how a file of samples is read
_SEVERAL = re.compile(r"\S[\s,;|]+\S")  # a list as a user may write it


class SweepArguments(NamedTuple):
    """The options of `sweep` on the command line, without those of a run."""

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
    """A type of options that accept one value, or a range of numbers such as 0:0.9:10."""

    def __init__(self, parameter: Parameter) -> None:
        super().__init__(parameter.value_type)
        self._parameter = parameter

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[Any, ...]:
        """Parses one use of an option into a tuple of values; for a list, the refusal hints at repeating the option."""
        try:
            if range_type(self._parameter) is None:
                return (super().convert(value, param, ctx),)
            return values(self._parameter.name, value)
        except ConfigError as refused:
            problem = refused.problem
        except click.BadParameter as refused:
            problem = refused.message
        if _SEVERAL.search(str(value)) and (isinstance(self.value_type, Choice | Flag) or range_type(self._parameter)):
            hint = _("for several values, repeat {option}").format(option=self._parameter.option)
            problem = clauses([problem, hint])
        raise click.BadParameter(problem, ctx, param)


def axis_options() -> Iterator[click.Option]:
    """Yields the options of a run, each of which may be repeated, and --seeds and --random."""
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
    """Makes the Space that the command line asks for, and returns how many of its runs are drawn, None: all.

    `given` has the values of each option of a run, as AxisType parses them. The axes of a sweep's file, given as
    --config, count like options, unless the same option is used. Raises a usage error.
    """
    values_of_options = {}
    for name in typed_option_names():
        if name in PARAMETERS:
            values_of_options[name] = tuple(dict.fromkeys(itertools.chain(*given[name])))
    axes = {name: axis for name, axis in values_of_options.items() if len(axis) > 1}
    check_together(COMBINATIONS["sweep"], {"--data": "data" in axes, "--seed": "seed" in axes})
    first = {name: axis[0] for name, axis in values_of_options.items()}
    layers = read_layers(asked.preset, asked.config_file, {**given, **first}, sweeps=True)
    axes_of_file, random = _filed(asked, layers)
    for name, axis in axes_of_file.items():
        if name in values_of_options or (name == "seed" and asked.seeds):
            continue
        if len(axis) > 1:
            axes[name] = axis
        elif len(axis) == 1:
            layers.given[name] = axis[0]
    from quadfit_tui.sweeps.space import Space

    with as_usage_errors():
        base = _base(layers, axes)
        _check_used(base, axes, values_of_options)
        if asked.seeds is not None and asked.seeds > 1:
            axes["seed"] = seeds(base.seed, asked.seeds)
        space = Space(base, sorted_axes(axes))
    check_digest_used(base)
    if base.data == asked.config_file == access.STANDARD_INPUT:
        refuse_one_input()
    if len(sample_configs(space)) > 1 and access.STANDARD_INPUT in (base.data, *axes.get("data", ())):
        refuse("--data", _("{name} can be read only once; allowed: a file").format(name=quoted(access.STANDARD_INPUT)))
    return space, random


def _filed(asked: SweepArguments, layers: Layers) -> tuple[dict[str, tuple[Any, ...]], int | None]:
    """Returns the axes of the file of --config, empty if it is no sweep's, and how many runs are drawn, None: all."""
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


def sample_configs(space: Space) -> list[RunConfig]:
    """Returns a configuration for each way in which the runs read a file of samples; empty if they read none."""
    if space.base.data is None:
        return []
    axes = {name: axis for name, axis in space.axes.items() if name in _OF_SAMPLES}
    rows = itertools.product(*axes.values())
    return [space.base.with_values(dict(zip(axes, row, strict=True))) for row in rows]


def _base(layers: Layers, axes: Mapping[str, tuple[Any, ...]]) -> RunConfig:
    """Makes the base of a Space: with all single values, and the first values of the axes that are valid together."""
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
    """Raises ConfigError about the first of the named parameters that has no effect on any run."""
    for name in names:
        choice, words = USED_BY.get(name, ("", ()))
        if choice not in axes:
            check_used(base, [name])
        elif not {*words}.intersection(axes[choice]):
            row, value = PARAMETERS[name], axes.get(name, (getattr(base, name),))[0]
            reason = _("makes no difference to any run of the sweep")
            raise ConfigError((name,), row.show(value), reason, usage_condition(USED_BY[name]))
