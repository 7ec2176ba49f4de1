"""Numbers and signs as they are said aloud, for screen readers: `minus 4.05 times ten to the minus 6`.

Readers leave out most signs (of `4.05e-06` NVDA at its first level of symbols says "4.05e06"), so these are words.
"""

from __future__ import annotations

import math
import re

from quadfit_tui.core.text.document import LINE_WIDTH
from quadfit_tui.core.text.width import columns

_DIGITS = 3
_GROUPS = {2: " million", 3: " billion", 4: " trillion"}  # by the power of a thousand
_LEAST = -3  # the power of ten down to which a number is said without one
_SIGNS = {
    "·": " times ",
    "×": " times ",
    "−": " minus ",
    "←": " becomes ",
    "→": " to ",
    "√": " root of ",
    "½": " one half ",
    "≤": " at most ",
    "≥": " at least ",
    "≈": " about ",
    "±": " plus or minus ",
    "°": " degrees ",
    "∞": " infinity ",
    "%": " percent ",
    "…": " and so on ",
}
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_POWERS = {"2": "squared", "3": "cubed"}


def said(value: float) -> str:
    """A number that came out, with three digits: `6290`, `minus 2.00`, `5.79 million`."""
    return _said(value, f"{abs(value):.{_DIGITS - 1}e}")


def chosen(value: float) -> str:
    """A number that somebody chose, with up to three digits: `0.5`, `1 times ten to the minus 5`."""
    digits, e, exponent = f"{abs(value):.{_DIGITS - 1}e}".partition("e")
    return _said(value, f"{digits.rstrip('0')}{e}{exponent}")


def _said(value: float, scientific: str) -> str:
    if math.isnan(value):
        return "not a number"
    if math.isinf(value):
        words = "infinity"
    elif value == 0:
        return "0"
    else:
        digits, _, exponent = scientific.partition("e")
        words = _placed(digits.replace(".", ""), int(exponent))
    return f"minus {words}" if value < 0 else words


def _placed(digits: str, exponent: int) -> str:
    """Digits of which the first one is worth ten to the power of `exponent`."""
    if _LEAST <= exponent < 0:
        return f"0.{'0' * (-exponent - 1)}{digits}"
    if 0 <= exponent < 6:
        return _pointed(digits, exponent)
    if name := _GROUPS.get(exponent // 3):
        return f"{_pointed(digits, exponent % 3)}{name}"
    return f"{_pointed(digits, 0)} times ten to the {_signed(str(exponent))}"


def _pointed(digits: str, exponent: int) -> str:
    whole, rest = digits[: exponent + 1].ljust(exponent + 1, "0"), digits[exponent + 1 :]
    return f"{whole}.{rest}" if rest else whole


def _signed(number: str) -> str:
    return f"minus {number[1:]}" if number.startswith("-") else number


def in_words(text: str) -> str:
    """A text with its signs and the signs of its numbers in words; the digits stay as they are."""
    text = re.sub(r"(?<=\d)[eE]\+?(-?)0*(\d+)\b", _power_of_ten, text)
    text = re.sub(r"(?<![\w.)])-(?=\.?\d)", "minus ", text)
    text = re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+", _raised, text)
    spread = " ".join("".join(_SIGNS.get(char, char) for char in text).split())
    return re.sub(r" (?=[,.;:!?)](?!\w))", "", spread)  # not before the point of a name such as .md


def _power_of_ten(found: re.Match[str]) -> str:
    return f" times ten to the {_signed(found[1] + found[2])}"


def _raised(found: re.Match[str]) -> str:
    power = found[0].translate(_RAISED)
    return f" {_POWERS.get(power) or f'to the power of {_signed(power)}'} "


def in_a_line(*ways: str) -> str:
    """The first of several ways to say the same, each shorter than the one before, that fits a line; else the last."""
    return next((way for way in ways if columns(way) <= LINE_WIDTH), ways[-1])


def in_sentences(label: str, *groups: list[str]) -> list[str]:
    """Things in groups behind a label: all in a sentence; if that fits no line, one of each group, or of each thing."""
    things = [thing for group in groups for thing in group]
    lines: list[str] = []
    for sentences in ([things], groups, [[thing] for thing in things]):
        lines = [f"{', '.join(sentence)}." for sentence in sentences if sentence]
        lines[0] = f"{label}{lines[0]}"
        if max(map(columns, lines)) <= LINE_WIDTH:
            break
    return lines
