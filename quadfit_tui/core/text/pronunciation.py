"""Numbers and signs as they are said aloud, for screen readers: `minus 4.05 times ten to the minus 6`.

Readers leave out most signs (of `4.05e-06` NVDA at its first level of symbols says "4.05e06"), so these are words.
"""

from __future__ import annotations

import math
import re

from quadfit_tui.core.text.document import LINE_WIDTH
from quadfit_tui.core.text.language import _, full_stop, noted, statements
from quadfit_tui.core.text.width import columns

_DIGITS = 3
# By the power of a thousand.
_GROUPS = {2: noted("{number} million"), 3: noted("{number} billion"), 4: noted("{number} trillion")}
_LEAST = -3  # the power of ten down to which a number is said without one
_SIGNS = {
    "·": noted("times"),
    "×": noted("times"),
    "−": noted("minus"),
    "←": noted("becomes"),
    "→": noted("to"),
    "√": noted("root of"),
    "½": noted("one half"),
    "≤": noted("at most"),
    "≥": noted("at least"),
    "≈": noted("about"),
    "±": noted("plus or minus"),
    "°": noted("degrees"),
    "∞": noted("infinity"),
    "%": noted("percent"),
    "…": noted("and so on"),
}
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_POWERS = {"2": noted("squared"), "3": noted("cubed")}


def said(value: float) -> str:
    """A number that came out, with three digits: `6290`, `minus 2.00`, `5.79 million`."""
    return _said(value, f"{abs(value):.{_DIGITS - 1}e}")


def chosen(value: float) -> str:
    """A number that somebody chose, with up to three digits: `0.5`, `1 times ten to the minus 5`."""
    digits, e, exponent = f"{abs(value):.{_DIGITS - 1}e}".partition("e")
    return _said(value, f"{digits.rstrip('0')}{e}{exponent}")


def _said(value: float, scientific: str) -> str:
    if math.isnan(value):
        return _("not a number")
    if value == 0:
        return "0"
    if math.isinf(value):
        words = _("infinity")
    else:
        digits, exponent = scientific.split("e")
        words = _placed(digits.replace(".", ""), int(exponent))
    return _("minus {number}").format(number=words) if value < 0 else words


def _placed(digits: str, exponent: int) -> str:
    """Digits of which the first one is worth ten to the power of `exponent`."""
    if _LEAST <= exponent < 0:
        return f"0.{'0' * (-exponent - 1)}{digits}"
    if 0 <= exponent < 6:
        return _pointed(digits, exponent)
    if form := _GROUPS.get(exponent // 3):
        return _(form).format(number=_pointed(digits, exponent % 3))
    return _times_ten_to(_pointed(digits, 0), str(exponent))


def _pointed(digits: str, exponent: int) -> str:
    whole, rest = digits[: exponent + 1].ljust(exponent + 1, "0"), digits[exponent + 1 :]
    return f"{whole}.{rest}" if rest else whole


def _times_ten_to(number: str, power: str) -> str:
    return _("{number} times ten to the {power}").format(number=number, power=_signed(power))


def _signed(number: str) -> str:
    return _("minus {number}").format(number=number[1:]) if number.startswith("-") else number


def in_words(text: str) -> str:
    """A text with its signs and the signs of its numbers in words; the digits stay as they are."""
    text = re.sub(r"([\d.]*\d)[eE]\+?(-?)0*(\d+)\b", lambda found: _times_ten_to(found[1], found[2] + found[3]), text)
    text = re.sub(r"(?<![\w.)])-\.?\d[\d.,]*", lambda found: _signed(found[0]), text)
    text = re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+", _raised, text)
    spread = " ".join("".join(f" {_(_SIGNS[char])} " if char in _SIGNS else char for char in text).split())
    return re.sub(r" (?=[,.;:!?)](?!\w)|[，。；：！？）])", "", spread)  # not before the point of a name such as .md


def _raised(found: re.Match[str]) -> str:
    power = found[0].translate(_RAISED)
    words = _(_POWERS.get(power, "")) or _("to the power of {power}").format(power=_signed(power))
    return f" {words} "


def in_a_line(*ways: str) -> str:
    """The first of several ways to say the same, each shorter than the one before, that fits a line; else the last."""
    return next((way for way in ways if columns(way) <= LINE_WIDTH), ways[-1])


def in_sentences(form: str, *groups: list[str]) -> list[str]:
    """Things in groups: all in a sentence; if that fits no line, one of each group, or of each thing.

    `form` is the first sentence, with a place for the {things}; empty where nothing is said beside them.
    """
    things = [thing for group in groups for thing in group]
    lines: list[str] = []
    for sentences in ([things], groups, [[thing] for thing in things]):
        first, *others = (statements(sentence) for sentence in sentences if sentence)
        lines = [form.format(things=first) if form else full_stop(first), *map(full_stop, others)]
        if max(map(columns, lines)) <= LINE_WIDTH:
            break
    return lines
