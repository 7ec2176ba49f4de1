"""COMBINATIONS: the options that app and `run` refuse beside others, or without them, in the order of the checks.

Annexes have such rows of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import click

from quadfit_tui.cli.parsing.options import typed_option_names
from quadfit_tui.core.config.parameters import DIGEST, PARAMETERS
from quadfit_tui.core.export.formats import COLORED
from quadfit_tui.core.text.language import N_, _, join_and, join_or

WITHOUT = N_("{option} has no effect without {other}")
BESIDE = N_("{option} cannot be combined with {other}")
COLORS = "--format {colored}"  # one of these formats
PLOT_ALONE = N_("--plot in a file of its own")
PAUSED = N_("--at, which opens the app paused")
OF_RUNS = ("preset", "config_file", DIGEST, *PARAMETERS)


class OptionRule(NamedTuple):
    """A rule that refuses some options, by the names of their values, WITHOUT or BESIDE all of the others.

    `any_of`: one of the others is enough.
    """

    options: tuple[str, ...]
    sentence: str
    others: tuple[str, ...]
    any_of: bool = False

    def is_broken(self, there: Mapping[str, object]) -> bool:
        """Whether the options must be refused; `there`: which of the others the command line has."""
        parts = [bool(there[other]) for other in self.others]
        return (any(parts) if self.any_of else all(parts)) != (self.sentence == WITHOUT)

    def refusal(self, option: str) -> str:
        """Returns the message of the usage error that refuses an option by this rule."""
        names = [_(other).format(colored=join_or(COLORED)) for other in self.others]
        other = join_or(names) if self.any_of else join_and(names)
        return _(self.sentence).format(option=option, other=other)


Combinations = Mapping[str, tuple[OptionRule, ...]]  # the rules of each command
COMBINATIONS: Combinations = {
    "app": (
        OptionRule(("trained_to",), WITHOUT, ("--at MOMENT",)),
        OptionRule(("play",), BESIDE, (PAUSED,)),
    ),
    "run": (
        OptionRule(("force",), WITHOUT, ("--output FILE",)),
        OptionRule(("width",), WITHOUT, ("--plot",)),
        OptionRule(("ascii",), WITHOUT, ("--plot", "--explain"), any_of=True),
        OptionRule(("at", "every", "plot", "quiet", "head", "with_config", "require"), BESIDE, ("--explain",)),
        OptionRule(("every", "quiet", "head", "with_config", "require"), BESIDE, ("--at",)),
        OptionRule(("every",), BESIDE, ("--quiet",)),
        OptionRule(("every",), BESIDE, (PLOT_ALONE,)),
        OptionRule(("head",), WITHOUT, ("--format csv",)),
        OptionRule(("with_config",), WITHOUT, ("--output FILE", "--format csv")),
        OptionRule(("theme",), WITHOUT, ("--plot", COLORS)),
    ),
}


def check_together(rows: Iterable[OptionRule], there: Mapping[str, object]) -> None:
    """Raises a usage error if an option on the command line breaks one of the rules.

    `there`: whether the command line has each of the others that rules name. Rules about others that are not among its
    keys are skipped.
    """
    names = typed_option_names()
    for row in rows:
        if there.keys() >= {*row.others} and row.is_broken(there):
            for name in names:
                if name in row.options:
                    raise click.UsageError(row.refusal(_option(name)))


def _option(name: str) -> str:
    """Returns the longest spelling of an option, such as --output, by the name of click's parameter."""
    param = next(param for param in click.get_current_context().command.params if param.name == name)
    return max(param.opts, key=len)
