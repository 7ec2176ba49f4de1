"""PARAMETERS, the table of all parameters of a run, and RunConfig, a value for each of them.

The options of the command line, the keys of a configuration file and the fields of the form follow from the table: a
parameter is declared here once, and nowhere else.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from quadfit_tui.core.config.other_names import KnownNames, check_names
from quadfit_tui.core.config.own_values import to_python, value_text
from quadfit_tui.core.config.run_values import Convention, Encoding, OptimizerName, ScheduleName, StopRuleName
from quadfit_tui.core.config.two_columns import ColumnPair
from quadfit_tui.core.config.value_types import (
    Choice,
    Coefficients,
    Either,
    FilePath,
    Flag,
    Integer,
    Number,
    ValueType,
    Vector,
    show_number,
)
from quadfit_tui.core.methods.gradients import CONVENTIONS
from quadfit_tui.core.methods.optimizers import OPTIMIZERS, Optimizer
from quadfit_tui.core.methods.schedules import SCHEDULES, Schedule
from quadfit_tui.core.methods.stopping import STOP_RULES
from quadfit_tui.core.text.language import N_, _, comma_separated, labeled, pgettext, pgettext_noop
from quadfit_tui.core.text.quoting import quoted, with_allowed, with_problem

if TYPE_CHECKING:
    from typing import Unpack

    from quadfit_tui.core.config.run_values import RunValues

GROUPS = {  # in the order of the table, with their titles
    "data": pgettext_noop("group", "data"),
    "start": pgettext_noop("group", "start"),
    "training": pgettext_noop("group", "training"),
    "stopping": pgettext_noop("group", "stopping"),
}
MAX_SAMPLES = 1_000_000
# Largest coefficient, x or y of a sample, and noise: the first loss leaves 230 orders of magnitude to diverge in.
LARGEST = 1e12
DIGEST = "data_sha256"  # the key beside `data` with that file's SHA-256: no parameter, and checked only once
IN_MEMORY = "sha256:"  # prefix of `data`, before the SHA-256, if a program in Python passed the samples as arrays
OF_MADE_SAMPLES = frozenset({"true", "samples", "x_min", "x_max", "noise"})  # parameters that a data file replaces
OF_FILES = frozenset({"columns", "encoding", "skip"})  # parameters that only a data file needs
ENCODINGS = ("auto", "utf-8", "utf-16", "gb18030", "latin-1")
# The share of an optimizer's memory that an update keeps; 1 would never forget, and Adam's bias correction be 0/0.
_SHARE = Number(0, 1, below=True)


class ConfigError(ValueError):
    """The refusal of a parameter's value; the text is one line: the parameter, the value, why, and what is allowed.

    `names` are the parameters concerned; `problem` is the text without them, for callers that name them in another way,
    and `value`, `reason` and `allowed` are its parts.
    """

    def __init__(self, names: tuple[str, ...], value: str, reason: str, allowed: str) -> None:
        super().__init__(names, value, reason, allowed)  # pickle rebuilds it from these in another process
        problem = with_problem(quoted(value), reason)
        self.problem = with_allowed(problem, allowed) if allowed else problem
        self.names, self.value, self.reason, self.allowed = names, value, reason, allowed
        self._text = labeled(comma_separated(names), self.problem)  # translated once, as its parts are

    def __str__(self) -> str:
        return self._text


class Parameter(NamedTuple):
    """One row of the table; `group` is one of GROUPS, `value_type` parses its values, `unit` is that of the default.

    `caption`, `help` and `unit` are in English and translated when shown, the first as `label`. `letter` is a short
    name of the option, `placeholder` stands for a value in help; both may be empty.
    """

    name: str
    group: str
    caption: str
    value_type: ValueType
    default: Any
    help: str
    unit: str
    letter: str
    placeholder: str

    def parse(self, raw: object) -> Any:
        """Parses `raw`, which is text, or a value of Python's or NumPy's own; raises ConfigError if it is refused."""
        own = to_python(raw)
        try:
            return self.value_type.parse(own)
        except ValueError as refused:
            value, allowed = value_text(own), self.value_type.allowed
            if isinstance(self.value_type, FilePath) and not isinstance(own, str | bytes | Real | PathLike):
                value, allowed = f"<{type(raw).__name__}>", f"{allowed} (samples in memory: train(config, x=…, y=…))"
            raise ConfigError((self.name,), value, str(refused), allowed) from None

    def show(self, value: Any) -> str:
        """Formats a value as text that `parse` reads back to the same value."""
        return self.value_type.show(value)

    @property
    def label(self) -> str:
        """The name as people read it, translated: `x min`."""
        return _(self.caption)

    @property
    def option(self) -> str:
        """The name as an option of the command line: `--x-min`."""
        return "--" + self.name.replace("_", "-")

    def as_option(self, value: Any) -> str:
        """Formats a value as an option with its argument: `--lr 0.7`, `--true 2,-4,3`, `--shuffle`."""
        return " ".join(self.as_argv(value))

    def as_argv(self, value: Any) -> list[str]:
        """Returns a value as arguments of the command line, `['--lr', '0.7']`, not yet quoted for a shell."""
        if isinstance(value, bool):
            return [self.option if value else f"--no-{self.option[2:]}"]
        text = self.show(value)
        is_of_numbers = isinstance(value, tuple) and not isinstance(self.value_type, ColumnPair)
        return [self.option, text.replace(", ", ",") if is_of_numbers else text]

    @property
    def about(self) -> str:
        """The help text: the purpose, the allowed values unless the type makes them obvious, and the default."""
        bare = isinstance(self.value_type, Flag | FilePath)
        template = _("{help} [{default}]") if bare else _("{help} ({allowed}) [{default}]")
        return template.format(help=_(self.help), allowed=self.value_type.allowed, default=self.default_text)

    @property
    def default_text(self) -> str:
        """The default as text, with the unit."""
        default = self.show(self.default) or _("none")
        return f"{default} {pgettext('unit', self.unit)}" if self.unit else default


def _row(
    group: str,
    caption: str,
    value_type: ValueType,
    default: Any,
    help: str,
    unit: str = "",
    letter: str = "",
    placeholder: str = "",
    by_name: bool = False,
) -> Any:
    """Returns a dataclass field of RunConfig that holds its row of the table.

    A field that is added later is `by_name`, a keyword alone, so that the others keep their positions.
    """
    row = Parameter("", group, caption, value_type, default, help, unit, letter, placeholder or value_type.placeholder)
    return dataclasses.field(default=default, metadata={"row": row}, kw_only=by_name)


@dataclass(frozen=True)
class RunConfig(KnownNames):
    """Everything that determines a run; two runs of the same RunConfig are the same to the last bit, on one kind of
    processor with one version of NumPy.

    Fields accept Python's own values, text ("-11/6"), NumPy's scalars and arrays, and a path as a file's name, and hold
    Python's own values. A value out of bounds raises ConfigError. For a file in `data` the other defaults seldom fit:
    the run of `quadfit-tui run --data FILE` is `PRESETS["own-data"].replace(data="FILE")`.
    """

    true: Vector = _row(
        "data",
        N_("true"),
        Coefficients(LARGEST),
        (2.0, -4.0, 3.0),
        N_("true a, b, c, used to generate the samples"),
    )
    samples: int = _row("data", N_("samples"), Integer(1, MAX_SAMPLES), 800, N_("number of samples to generate"))
    x_min: float = _row(
        "data", N_("x min"), Number(-LARGEST, LARGEST), -1.0, N_("start of the x range: x of the first sample")
    )
    x_max: float = _row(
        "data",
        N_("x max"),
        Number(-LARGEST, LARGEST),
        1.0,
        N_("end of the x range; the last sample is one spacing below it"),
    )
    noise: float = _row("data", N_("noise"), Number(0, LARGEST), 0.0, N_("standard deviation of the noise added to y"))
    data: str | None = _row(
        "data",
        N_("file"),
        FilePath(),
        None,
        N_("CSV file of x and y (or example:pontius) instead of made samples; the rest is then as in preset own-data"),
        letter="d",
    )
    columns: tuple[str, str] | None = _row(
        "data",
        N_("columns"),
        ColumnPair(),
        None,
        N_("columns of the file that are x and y, where it has others or another order"),
    )
    encoding: Encoding = _row(
        "data",
        N_("encoding"),
        Choice(ENCODINGS),
        "auto",
        N_("how the file's letters are encoded; auto knows UTF-8, UTF-16 and GB 18030"),
    )
    skip: int = _row(
        "data",
        N_("skip"),
        Integer(0, 2 * MAX_SAMPLES),
        0,
        N_("lines at the beginning of the file to pass over"),
        by_name=True,
    )
    seed: int = _row("data", N_("seed"), Integer(0, 10**18), 0, N_("seed for the noise, a random start and shuffling"))

    init: Vector | Literal["random"] = _row(
        "start",
        N_("init"),
        Either("random", "random", Coefficients(LARGEST)),
        (-11 / 6, -395 / 3, -2400.0),
        N_('initial a, b, c; "random" draws each from -10 to 10'),
    )

    optimizer: OptimizerName = _row(
        "training", N_("optimizer"), Choice(tuple(OPTIMIZERS)), "sgd", N_("how an update uses the gradient")
    )
    momentum: float = _row("training", N_("momentum"), _SHARE, 0.9, N_("fraction of the velocity kept at each update"))
    rho: float = _row("training", N_("rho"), _SHARE, 0.9, N_("decay factor of the mean squared gradient"))
    beta1: float = _row("training", N_("beta1"), _SHARE, 0.9, N_("decay factor of the mean gradient"))
    beta2: float = _row("training", N_("beta2"), _SHARE, 0.999, N_("decay factor of the mean squared gradient"))
    epsilon: float = _row(
        "training", N_("epsilon"), Number(0, 1, above=True), 1e-8, N_("small constant added to the denominator")
    )
    lr: float = _row(
        "training", N_("lr"), Number(0, 1e6, above=True), 0.5, N_("initial learning rate"), placeholder="RATE"
    )
    schedule: ScheduleName = _row(
        "training", N_("schedule"), Choice(tuple(SCHEDULES)), "halve", N_("how the learning rate decreases")
    )
    decay_every: int = _row(
        "training",
        N_("decay every"),
        Integer(1, 10**9),
        10,
        N_("time after which the learning rate is halved, or has decayed by the decay rate"),
        pgettext_noop("unit", "epochs"),
    )
    decay_rate: float = _row(
        "training",
        N_("decay rate"),
        Number(0, 1, above=True),
        0.5,
        N_("once per decay period, exponential multiplies the rate by this; inverse-time adds it to the divisor"),
    )
    batch: int | Literal["full"] = _row(
        "training",
        N_("batch"),
        Either("full", "full", Integer(1, MAX_SAMPLES)),
        1,
        N_("samples per update; an incomplete final batch is dropped"),
    )
    shuffle: bool = _row("training", N_("shuffle"), Flag(), False, N_("shuffle the samples before every epoch"))
    epochs: int = _row("training", N_("epochs"), Integer(1, 10**9), 100, N_("maximum number of epochs"), letter="n")
    gradient: Convention = _row(
        "training",
        N_("gradient"),
        Choice(tuple(CONVENTIONS)),
        "half",
        N_("half: without the factor 2, as in the article; full: the exact gradient"),
    )
    scale_features: bool = _row(
        "training",
        N_("scale features"),
        Flag(),
        False,
        N_("train on the standardized z = (x - mean)/std instead of x"),
    )

    tol: float = _row("stopping", N_("tol"), Number(0, LARGEST), 1e-5, N_("stop when the loss falls below this"))
    stop_on: StopRuleName = _row(
        "stopping",
        N_("stop on"),
        Choice(tuple(STOP_RULES)),
        "dataset",
        N_("which loss is compared with tol after each epoch (the article uses last-update)"),
    )
    round_epochs: int | None = _row(
        "stopping",
        N_("round epochs"),
        Either("off", None, Integer(0, 12)),
        None,
        N_("round gradient, loss and w to this many decimals after each epoch (the article uses 2)"),
    )

    if TYPE_CHECKING:

        def __init__(self, **values: Unpack[RunValues]) -> None: ...

    def __post_init__(self) -> None:
        for parameter in PARAMETERS.values():
            object.__setattr__(self, parameter.name, parameter.parse(getattr(self, parameter.name)))
        if self.data is None:
            self._check_made_samples()

    def _check_made_samples(self) -> None:
        if self.x_min >= self.x_max:
            both = _("{x_min} to {x_max}").format(x_min=show_number(self.x_min), x_max=show_number(self.x_max))
            raise ConfigError(("x_min", "x_max"), both, _("is empty"), _("x_min below x_max"))
        check_batch(self, self.samples)

    @property
    def unused(self) -> frozenset[str]:
        """The names of the parameters that make no difference to this run."""
        return unused(vars(self))

    def replace(self, **changes: Unpack[RunValues]) -> RunConfig:
        """Returns a copy with some values changed, which are parsed as the constructor does; raises ConfigError."""
        return self.with_values(changes)

    def with_values(self, values: Mapping[str, object]) -> RunConfig:
        """Returns a copy with the values of a mapping, and parses these alone. Raises ConfigError or TypeError."""
        check_names(values, PARAMETERS)
        copy: RunConfig = object.__new__(type(self))
        vars(copy).update(vars(self))
        for name in sorted(values, key=[*PARAMETERS].index):  # the first refused value of the table is reported
            vars(copy)[name] = PARAMETERS[name].parse(values[name])
        if copy.data is None:
            copy._check_made_samples()
        return copy

    def __repr__(self) -> str:
        """Returns the call that makes an equal configuration: the values that differ from the defaults."""
        values = {name: getattr(self, name) for name in PARAMETERS}
        changed = [f"{name}={value!r}" for name, value in values.items() if value != PARAMETERS[name].default]
        return f"RunConfig({', '.join(changed)})"


def check_batch(config: RunConfig, samples: int) -> None:
    """Raises ConfigError if the batch is larger than the number of samples."""
    if isinstance(config.batch, int) and config.batch > samples:
        reason, allowed = _("exceeds the number of samples"), _("1 to {most}, or full").format(most=samples)
        raise ConfigError(("batch",), str(config.batch), reason, allowed)


PARAMETERS: dict[str, Parameter] = {
    field.name: field.metadata["row"]._replace(name=field.name) for field in dataclasses.fields(RunConfig)
}


class Users(NamedTuple):
    """Which optimizers or schedules use a parameter: `choice` is "optimizer" or "schedule", `words` are its rows."""

    choice: str
    words: tuple[str, ...]


def _users() -> dict[str, Users]:
    """Finds which optimizers or schedules use each parameter that not all of them use."""
    choices: dict[str, Mapping[str, Optimizer | Schedule]] = {"optimizer": OPTIMIZERS, "schedule": SCHEDULES}
    users = {}
    for choice, table in choices.items():
        names = dict.fromkeys(name for row in table.values() for name in row.parameters)
        for name in names:
            users[name] = Users(choice, tuple(word for word, row in table.items() if name in row.parameters))
    return users


USED_BY: dict[str, Users] = _users()


def unused(choices: Mapping[str, Any]) -> frozenset[str]:
    """Returns the names of the parameters that make no difference to a run with these choices.

    `choices` holds the values of optimizer, schedule and data, by name. A parameter is unused if neither optimizer nor
    schedule uses it, if a data file replaces it, or if it needs a data file and there is none.
    """
    idle = frozenset(name for name, users in USED_BY.items() if choices[users.choice] not in users.words)
    return idle | (OF_MADE_SAMPLES if (choices.get("data") or "").strip() else OF_FILES)
