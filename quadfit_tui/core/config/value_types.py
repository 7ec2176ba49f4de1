"""The types of the parameters' values, each with its bounds, as options, configuration files and the form use them."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any, NamedTuple, Protocol

from quadfit_tui.core.files.virtual_files import EXAMPLE
from quadfit_tui.core.text.language import LANGUAGES, _, match_language, ngettext, one_of
from quadfit_tui.core.text.quoting import LONGEST_TEXT, did_you_mean, is_file_name, normalized

Vector = tuple[float, float, float]

_DECIMAL_COMMA = re.compile(r"[-+]?\d*,\d+(e[-+]?\d+)?|[-+]?\d+,(e[-+]?\d+)?", re.IGNORECASE)
_WHOLE = re.compile(r"[-+]?[0-9]+")
_THOUSANDS_OR_ZEROS = re.compile(r"[-+]?[1-9]\d{0,2}\.000")
_THOUSANDS_OR_DECIMAL = re.compile(r"[-+]?[1-9]\d{0,2},\d{3}")


class ValueType(Protocol):
    """The interface of the types of values, each of which parses, formats and describes its values."""

    @property
    def allowed(self) -> str:
        """The allowed values in words, for help and error messages."""

    @property
    def placeholder(self) -> str:
        """The word that stands for a value in help: `N`, `FILE`."""

    def parse(self, raw: object) -> Any:
        """Parses `raw`, which is text (of an option, a field) or a value of TOML.

        Raises ValueError with the reason in plain words, which messages put after the value.
        """

    def show(self, value: Any) -> str:
        """Formats a value as text that `parse` reads back to the same value."""


class AmbiguousNumber(ValueError):  # noqa: N818  it names a state of the text
    """The error of a text such as `1,000`, one number in some languages and another in others; it offers both."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(one, other)  # pickle rebuilds it from these in another process

    def __str__(self) -> str:
        return _("is ambiguous: write {one} or {other}").format(one=self.args[0], other=self.args[1])


def read_number(text: str) -> float:
    """Parses a finite number as people write it: `0.5`, `1e-3`, `-11/6` or, with a decimal comma, `0,5`.

    Raises ValueError with the reason, AmbiguousNumber for `1,000`, which means 1 in some languages and 1000 in others.
    """
    cleaned = normalized(text)
    numerator, slash, denominator = cleaned.partition("/")
    if slash and "/" not in denominator:
        below = read_number(denominator)
        if below == 0:
            raise ValueError(_("divides by zero"))
        return _finite(read_number(numerator) / below)
    if _THOUSANDS_OR_DECIMAL.fullmatch(cleaned):
        raise AmbiguousNumber(cleaned.replace(",", "."), cleaned.replace(",", ""))
    if _DECIMAL_COMMA.fullmatch(cleaned):
        cleaned = cleaned.replace(",", ".")
    try:
        value = plain_float(cleaned)
    except ValueError:
        raise ValueError(_("is not a number")) from None
    return _finite(value)


def plain_float(text: str) -> float:
    """Parses a float written in ASCII; raises ValueError for Python's own notations, such as `1_0` for 10."""
    if "_" in text or not text.isascii():
        raise ValueError(_("is not written in digits alone"))
    return float(text)


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError(_("is not a finite number"))
    return value + 0.0  # turns -0.0 to 0.0: equal configurations must give the same w, even its sign


def show_number(value: float) -> str:
    """Formats a number as the shortest text that reads back to the same double: `0.5`, `800`, `1e-05`, `-11/6`."""
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    text = repr(value)
    if len(text) > 12:
        for denominator in range(2, 1001):
            numerator = round(value * denominator)
            if numerator / denominator == value:
                return f"{numerator}/{denominator}"
    return text


def _number_of(raw: object) -> float:
    if isinstance(raw, str):
        return read_number(raw)
    if isinstance(raw, bool) or not isinstance(raw, Real):
        raise ValueError(_("is not a number"))
    try:
        return _finite(float(raw))
    except OverflowError:
        raise ValueError(_("is not a finite number")) from None


def show_bound(value: float) -> str:
    """Formats a bound in a few characters: `1e6`, `0.5`."""
    return f"{value:.0e}".replace("e+0", "e").replace("e+", "e") if abs(value) >= 1e5 else show_number(value)


class Number(NamedTuple):
    """The type of finite numbers between two bounds; `above` excludes the lower one itself, `below` the upper one."""

    low: float
    high: float
    above: bool = False
    below: bool = False

    @property
    def placeholder(self) -> str:
        return "NUMBER"

    @property
    def allowed(self) -> str:
        match self.above, self.below:
            case False, False:
                template = _("{low} to {high}")
            case True, False:
                template = _("above {low}, up to {high}")
            case False, True:
                template = _("from {low}, below {high}")
            case _both:
                template = _("above {low}, below {high}")
        return template.format(low=show_bound(self.low), high=show_bound(self.high))

    def parse(self, raw: object) -> float:
        value = _number_of(raw)
        if value > self.high or (self.below and value == self.high):
            raise ValueError(_("is too large"))
        if value < self.low or (self.above and value == self.low):
            raise ValueError(_("is too small"))
        return value

    def show(self, value: float) -> str:
        return show_number(value)


class Integer(NamedTuple):
    """The type of whole numbers between two bounds, both included."""

    low: int
    high: int

    @property
    def placeholder(self) -> str:
        return "N"

    @property
    def allowed(self) -> str:
        template = _("a whole number from {low} to {high}")
        return template.format(low=show_bound(self.low), high=show_bound(self.high))

    def parse(self, raw: object) -> int:
        value = self._whole(raw)
        if value > self.high:
            raise ValueError(_("is too large"))
        if value < self.low:
            raise ValueError(_("is too small"))
        return value

    def _whole(self, raw: object) -> int:
        if isinstance(raw, Integral) and not isinstance(raw, bool):
            return int(raw)
        if isinstance(raw, str):
            cleaned = normalized(raw)
            if _THOUSANDS_OR_ZEROS.fullmatch(cleaned):
                raise AmbiguousNumber(cleaned.partition(".")[0], cleaned.replace(".", ""))
            if _WHOLE.fullmatch(cleaned):
                return int(cleaned)  # exact where a double is not, as for a large seed
        value = _number_of(raw)
        if value != int(value):
            raise ValueError(_("is not a whole number"))
        return int(value)

    def show(self, value: int) -> str:
        return str(value)


class Choice(NamedTuple):
    """The type of values that are one of the words in `options`."""

    options: tuple[str, ...]

    @property
    def placeholder(self) -> str:
        return "NAME"

    @property
    def allowed(self) -> str:
        return one_of(self.options)

    def parse(self, raw: object) -> str:
        word = normalized(raw).lower() if isinstance(raw, str) else raw
        if word not in self.options:
            problem = _("is not one of the choices")
            raise ValueError(did_you_mean(problem, word, self.options) if isinstance(word, str) else problem)
        return str(word)

    def show(self, value: str) -> str:
        return value


class Language:
    """The type of the program's languages, by code; parses locale names such as `zh_CN.UTF-8`, too."""

    placeholder = "CODE"
    options = tuple(LANGUAGES)

    @property
    def allowed(self) -> str:
        return one_of(self.options)

    def parse(self, raw: object) -> str:
        code = match_language(raw.strip()) if isinstance(raw, str) else None
        if code is None:
            raise ValueError(_("is not one of the choices"))
        return code

    def show(self, value: str) -> str:
        return value


class Flag:
    """The type of yes and no."""

    placeholder = ""
    options = ("no", "yes")

    @property
    def allowed(self) -> str:
        return _("yes or no")

    def parse(self, raw: object) -> bool:
        if isinstance(raw, bool):
            return raw
        word = normalized(raw).lower() if isinstance(raw, str) else ""
        if word in ("yes", "true", "on", "1"):
            return True
        if word in ("no", "false", "off", "0"):
            return False
        raise ValueError(_("is neither yes nor no"))

    def show(self, value: bool) -> str:
        return self.options[value]


class Coefficients(NamedTuple):
    """The type of the coefficients (a, b, c) of a parabola, each from -limit to limit."""

    limit: float

    @property
    def placeholder(self) -> str:
        return "A,B,C"

    @property
    def allowed(self) -> str:
        template = _("three numbers a, b, c from {low} to {high}")
        return template.format(low=show_bound(-self.limit), high=show_bound(self.limit))

    def parse(self, raw: object) -> Vector:
        parts = _split_numbers(raw) if isinstance(raw, str) else raw
        if isinstance(parts, str) or not isinstance(parts, Sequence):  # sets, without an order, are refused
            raise ValueError(_("is not three numbers"))
        numbers = [_number_of(part) for part in parts]
        if len(numbers) != 3:
            raise ValueError(ngettext("is {n} number, not three", "is {n} numbers, not three", len(numbers)))
        if any(abs(number) > self.limit for number in numbers):
            raise ValueError(_("is too large"))
        a, b, c = numbers
        return a, b, c

    def show(self, value: Vector) -> str:
        return ", ".join(show_number(number) for number in value)


def _split_numbers(text: str) -> list[str]:
    """Splits `2,-4,3`, `2, -4, 3`, `2 -4 3`, `0,5; -4; 3` or a bracketed form of these into the texts of the numbers.

    Raises ValueError if the text is too long.
    """
    cleaned = normalized(text).strip("()[]")
    if ";" in cleaned:
        return cleaned.split(";")
    words = cleaned.split()
    if len(words) == 3 and not any(word.endswith(",") or word.startswith(",") for word in words):
        return words
    return [part for part in re.split(r"\s*,\s*|\s+", cleaned) if part]


class Text(NamedTuple):
    """The type of short printable texts; `about`, in English, describes the text."""

    about: str

    @property
    def allowed(self) -> str:
        return _(self.about)

    @property
    def placeholder(self) -> str:
        return "TEXT"

    def parse(self, raw: object) -> str:
        if not isinstance(raw, str):
            raise ValueError(_("is not a text"))
        if len(raw) > LONGEST_TEXT or not raw.isprintable():
            raise ValueError(_("is too long") if raw.isprintable() else _("has characters that do not print"))
        return raw.strip()

    def show(self, value: str) -> str:
        return value


class FilePath:
    """The type of file names, which may begin or end with blanks; None without a file."""

    placeholder = "FILE"

    @property
    def allowed(self) -> str:
        return _("the name of a file")

    def parse(self, raw: object) -> str | None:
        raw = os.fspath(raw) if isinstance(raw, os.PathLike) else raw
        if raw is None or (isinstance(raw, str) and not raw.strip()):
            return None
        if not isinstance(raw, str) or not is_file_name(raw):
            raise ValueError(_("is not the name of a file"))
        name = raw if len(raw) > LONGEST_TEXT else normalized(raw)
        return name if name.startswith(EXAMPLE) else raw  # Chinese input methods type example：pontius

    def show(self, value: str | None) -> str:
        return value or ""


class Sha256:
    """The type of a file's SHA-256, 64 hexadecimal digits."""

    placeholder = "HEX"

    @property
    def allowed(self) -> str:
        return _("64 hexadecimal digits, as sha256sum prints them")

    def parse(self, raw: object) -> str:
        text = raw.strip().lower() if isinstance(raw, str) else ""
        if not re.fullmatch("[0-9a-f]{64}", text):
            raise ValueError(_("is not a SHA-256"))
        return text

    def show(self, value: str) -> str:
        return value


class Either(NamedTuple):
    """The type of a word (`full`, `random`, `off`) that stands for `meaning`, or of values of another type."""

    word: str
    meaning: str | None
    value_type: ValueType

    @property
    def placeholder(self) -> str:
        return f"{self.value_type.placeholder}|{self.word}"

    @property
    def allowed(self) -> str:
        return _("{allowed}, or {word}").format(allowed=self.value_type.allowed, word=self.word)

    def parse(self, raw: object) -> Any:
        if (self.meaning is None and (raw is None or raw is False)) or (
            isinstance(raw, str) and normalized(raw).lower() == self.word
        ):
            return self.meaning
        return self.value_type.parse(raw)

    def show(self, value: Any) -> str:
        return self.word if value == self.meaning else self.value_type.show(value)
