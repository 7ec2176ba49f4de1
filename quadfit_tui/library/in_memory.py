"""Samples in the memory of a program in Python: numbers, dates as x in seconds since the first, missing values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal, NamedTuple, NoReturn

import numpy as np
from numpy.typing import ArrayLike, NDArray

from quadfit_tui.core.config.own_values import format_typed_value, value_text
from quadfit_tui.core.config.parameters import LARGEST, MAX_SAMPLES, ConfigError
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.samples.dates import Dates, date_of
from quadfit_tui.core.text.language import _, in_english

Missing = Literal["drop"] | None  # what is done about a sample without x or y; None: it is refused
_DROPS = " (missing='drop' leaves such samples out)"
_SECONDS = {  # of a unit of NumPy's dates, as numerator and denominator
    **{"W": (604_800, 1), "D": (86_400, 1), "h": (3600, 1), "m": (60, 1), "s": (1, 1), "ms": (1, 10**3)},
    **{"us": (1, 10**6), "ns": (1, 10**9), "ps": (1, 10**12), "fs": (1, 10**15), "as": (1, 10**18)},
}


class InMemory(NamedTuple):
    """The samples (x, y), each of shape (n,); the numbers of the rows left out, from 1; how x was read."""

    x: Array
    y: Array
    left_out: Sequence[int]
    read_as: Sequence[str]


def samples_in_memory(x: ArrayLike, y: ArrayLike, missing: Missing) -> InMemory:
    """Returns read-only float64 copies of a caller's x and y, checked as a sample file would be; raises ConfigError."""
    if missing not in (None, "drop"):
        refuse("missing", value_text(missing), "None or 'drop'")
    xs, ys = _values("x", x), _values("y", y)
    if len(xs) != len(ys):
        refuse("y", f"shape {ys.shape}", f"shape {xs.shape}, as of x")
    lacking = _lacking(xs) | _lacking(ys)
    left_out: list[int] = []
    if missing and lacking.any():
        left_out = (np.flatnonzero(lacking) + 1).tolist()
        xs, ys = xs[~lacking], ys[~lacking]
        if not len(xs):
            refuse("x", "0 numbers with a y", f"1 to {MAX_SAMPLES} numbers")
    seconds, read_as = _seconds(xs) if _are_dates(xs) else (xs, [])
    return InMemory(_numbers("x", seconds), _numbers("y", ys), left_out, read_as)


def refuse(name: str, value: str, allowed: str) -> NoReturn:
    """Raises ConfigError about an argument: its name, its value, and what is allowed."""
    raise ConfigError((name,), value, "cannot be used", allowed)


def _values(name: str, values: ArrayLike) -> NDArray[Any]:
    """Returns values as an array, shape (n,), of numbers, dates or objects; None stands for what a mask hides."""
    source: Any = values
    try:
        array = np.asarray(source)
        if isinstance(getattr(source, "mask", None), np.ndarray | np.bool_) and np.any(source.mask):
            array = array.astype(object)
            array[np.ma.getmaskarray(source)] = None
    except (TypeError, ValueError):
        refuse(name, value_text(values), "numbers in one dimension")
    if array.dtype.kind not in ("iufOM" if name == "x" else "iufO"):
        refuse(name, f"values of {array.dtype}", "numbers")
    if array.ndim != 1:
        refuse(name, f"shape {array.shape}", "shape (n,)")
    if not 1 <= len(array) <= MAX_SAMPLES:
        refuse(name, f"shape {array.shape}", f"1 to {MAX_SAMPLES} numbers")
    return array


def _lacking(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Returns a mask, shape (n,), of the values that are missing: nan, NaT, None and pandas.NA."""
    if values.dtype.kind == "O":
        return np.array([_is_lacking(value) for value in values], dtype=bool)
    return np.asarray(values != values, dtype=bool)


def _is_lacking(value: object) -> bool:
    try:
        return value is None or bool(value != value)
    except TypeError:  # pandas.NA is neither equal to itself nor unequal
        return True
    except ValueError:  # an array
        return False


def _are_dates(values: NDArray[Any]) -> bool:
    return values.dtype.kind == "M" or any(isinstance(value, date) for value in values if values.dtype.kind == "O")


def _seconds(values: NDArray[Any]) -> tuple[Array, list[str]]:
    """Returns dates as seconds since the first, each the nearest double, and the sentence that says so."""
    if lacking := np.flatnonzero(_lacking(values)).tolist():
        refuse("x", f"a missing date at index {lacking[0]}", f"dates{_DROPS}")
    dates = Dates()
    if values.dtype.kind == "O":
        numbers = [_second(dates, value, index) for index, value in enumerate(values)]
        return np.array(numbers), dates.notices
    if np.datetime_data(values.dtype)[0] in "YM":
        values = values.astype("datetime64[D]")
    unit, count = np.datetime_data(values.dtype)
    (above, below), ticks = _SECONDS[unit], values.astype(np.int64).tolist()
    seconds = np.array([(tick - ticks[0]) * count * above / below for tick in ticks])
    return seconds, [_("x is the time in seconds since {date}").format(date=values[0])]


def _second(dates: Dates, value: object, index: int) -> float:
    """Returns a date as seconds since the first one; raises ConfigError, which names its index."""
    moment = date_of(value.isoformat()) if isinstance(value, date) else None
    if moment is None:
        refuse("x", f"{format_typed_value(value)} at index {index}", "numbers, or dates alone")
    try:
        with in_english():
            return dates.seconds(moment)
    except ValueError as reason:
        refuse(
            "x",
            f"{format_typed_value(value)} at index {index}, which {reason}",
            "dates that all have a time zone, or none",
        )


def _numbers(name: str, values: NDArray[Any]) -> Array:
    """Returns a read-only float64 copy of numbers within ±1e12; raises ConfigError about the first other one."""
    try:
        numbers: Array = np.array(values, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        refuse(name, value_text(values.tolist()), "numbers in one dimension")
    wrong = np.flatnonzero(~(np.abs(numbers) <= LARGEST))
    if len(wrong):
        index = int(wrong[0])
        drops = _DROPS if np.isnan(numbers[index]) else ""
        refuse(name, f"{float(numbers[index])!r} at index {index}", f"numbers from -1e12 to 1e12{drops}")
    numbers += 0.0  # no minus zero, as in a file
    numbers.flags.writeable = False
    return numbers
