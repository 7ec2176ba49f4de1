"""Axes: parses the values of a parameter in a sweep, from texts such as 0.01:2:40log; several seeds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from quadfit_tui.core.config.parameters import PARAMETERS, ConfigError, Parameter
from quadfit_tui.core.config.value_types import Either, Integer, Number
from quadfit_tui.core.text.language import N_, _
from quadfit_tui.core.text.quoting import normalized, quoted

if TYPE_CHECKING:
    from fractions import Fraction

CHECKED = ("x_min", "x_max", "samples", "batch", "data")  # parameters whose values are valid only together
MOST_VALUES = 1_000_000  # values of one parameter: some 20 MB in a file
_COUNT = Integer(2, MOST_VALUES)
_LOG = "log"  # suffix of the count: each value is the same multiple of the one before
_DIGITS = 30  # digits of logarithms: enough that each double is the nearest one, on any machine


def values(name: str, value: object) -> tuple[Any, ...]:
    """Parses a value of a parameter, or a range such as `0:0.9:10`, into a tuple of values; raises ConfigError."""
    row = PARAMETERS[name]
    kind = range_type(row)
    if kind is None or not isinstance(value, str):
        return (row.parse(value),)
    try:
        text = normalized(value)
    except ValueError:  # too long; the row's own parser raises the error
        text = ""
    return _range(row, kind, text) if ":" in text else (row.parse(value),)


def range_type(row: Parameter) -> Number | Integer | None:
    """Returns the type of a parameter's numbers if it accepts ranges, else None."""
    kind = row.value_type.value_type if isinstance(row.value_type, Either) else row.value_type
    return kind if isinstance(kind, Number | Integer) else None


def sorted_axes(axes: Mapping[str, Iterable[Any]]) -> dict[str, tuple[Any, ...]]:
    """Sorts axes by the table of parameters, the seed last, so that runs that differ only in it are neighbors."""
    names = sorted(axes, key=lambda name: (name == "seed", [*PARAMETERS].index(name)))
    return {name: tuple(axes[name]) for name in names}


def seeds(first: int, count: int) -> tuple[int, ...]:
    """Returns `count` seeds from the first one on, for --seeds; raises ConfigError if the last one is too large."""
    PARAMETERS["seed"].parse(str(first + count - 1))
    return tuple(range(first, first + count))


def _range(row: Parameter, kind: Number | Integer, text: str) -> tuple[Any, ...]:
    """Parses from:to:count into values with exact ends, each once; integers if the parameter has integers."""
    parts = [part.strip() for part in text.split(":")]
    example = "1:8:4" if isinstance(kind, Integer) else "0.1:0.9:9"
    if len(parts) != 3:
        allowed = _("from:to:count, such as {example}, or {log_example}; or {one}")
        allowed = allowed.format(example=example, log_example=f"{example}{_LOG}", one=row.value_type.allowed)
        raise ConfigError((row.name,), text, _("is no range"), allowed)
    low = _end(row, kind, text, parts[0], N_("begins with {end}, which {problem}"))
    high = _end(row, kind, text, parts[1], N_("ends with {end}, which {problem}"))
    is_log = parts[2].lower().endswith(_LOG)
    try:
        steps = _COUNT.parse(parts[2][: -len(_LOG)] if is_log else parts[2]) - 1
    except ValueError as refused:
        reason = _("has the count {count}, which {problem}").format(count=quoted(parts[2]), problem=refused)
        allowed = _("{counts}, with {log} behind it or not").format(counts=_COUNT.allowed, log=_LOG)
        raise ConfigError((row.name,), text, reason, allowed) from None
    if low >= high:
        allowed = _("from:to:count with from below to, such as {example}").format(example=example)
        raise ConfigError((row.name,), text, _("does not go up"), allowed)
    if is_log and low <= 0:
        reason = _("cannot go from {begin} up by {log}").format(begin=parts[0], log=_LOG)
        raise ConfigError((row.name,), text, reason, _("from above 0, or no {log}").format(log=_LOG))
    from fractions import Fraction  # most commands need none

    first, last = (Fraction(kind.show(end)) for end in (low, high))  # 0.1 is meant, not the double nearest to it
    spaced = (_multiples if is_log else _sums)(first, last, steps, whole=isinstance(kind, Integer))
    return tuple(dict.fromkeys([low, *spaced[1:-1], high]))


def _end(row: Parameter, kind: Number | Integer, text: str, part: str, template: str) -> Any:
    """Parses one end of a range; raises ConfigError with the message of `template`."""
    try:
        return kind.parse(part)
    except ValueError as refused:
        reason = _(template).format(end=quoted(part), problem=refused)
        raise ConfigError((row.name,), text, reason, kind.allowed) from None


def _sums(low: Fraction, high: Fraction, steps: int, whole: bool) -> list[Any]:
    """Returns values at equal distances, each the nearest double (or integer) to the exact one: 0:0.9:10 has 0.3."""
    (first, below), (last, other) = low.as_integer_ratio(), high.as_integer_ratio()
    first, last, below = first * other, last * below, below * other * steps
    exact = (first * (steps - step) + last * step for step in range(steps + 1))
    return [(2 * value + below) // (2 * below) if whole else value / below for value in exact]


def _multiples(low: Fraction, high: Fraction, steps: int, whole: bool) -> list[Any]:
    """Returns values of equal ratios, each the nearest double (or integer) to the exact one: 0.001:1:4log has 0.01."""
    from decimal import Context, Decimal

    context = Context(prec=_DIGITS)
    first, last = (context.ln(context.divide(*map(Decimal, end.as_integer_ratio()))) for end in (low, high))
    sums = (
        context.add(context.multiply(first, steps - step), context.multiply(last, step)) for step in range(steps + 1)
    )
    return [(round if whole else float)(context.exp(context.divide(value, steps))) for value in sums]
