"""Numbers and signs as they are said aloud, for screen readers: `minus 4.05 times ten to the minus 6`.

Readers leave out most signs (of `4.05e-06` NVDA at its first level of symbols says "4.05e06"), so these are words. By
what a language counts its catalogue tells. One that counts by ten thousands has these in words, too: readers may not
know them (of 1,000,000 eSpeak's Mandarin says ten thousand).
"""

from __future__ import annotations

import math
import re

from quadfit_tui.core.text.document import LINE_WIDTH
from quadfit_tui.core.text.language import N_, _, full_stop, pgettext, statements
from quadfit_tui.core.text.width import cell_width

_DIGITS = 3
_MYRIAD = 4  # a power of ten
_UNITS = {  # by the power of ten that each is
    _MYRIAD: N_("{number} ten thousand"),
    6: N_("{number} million"),
    8: N_("{number} hundred million"),
    9: N_("{number} billion"),
    12: N_("{number} trillion"),
}
_MOST_DIGITS = 20  # of a whole number that is said in parts
_LEAST, _MOST = -4, 14  # the powers of ten between which a number is said without one
_SIGNS = {
    "·": N_("times"),
    "×": N_("times"),
    "−": N_("minus"),
    "←": N_("becomes"),
    "→": N_("to"),
    "√": N_("root of"),
    "½": N_("one half"),
    "≤": N_("at most"),
    "≥": N_("at least"),
    "≈": N_("about"),
    "±": N_("plus or minus"),
    "°": N_("degrees"),
    "∞": N_("infinity"),
    "%": N_("percent"),
    "…": N_("and so on"),
}
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_POWERS = {"2": N_("squared"), "3": N_("cubed")}
_PERCENTS = re.compile(
    r"(?<![\d.,])((?:[\d.,]*\d-)?(?:(?<![\w.)])[-−])?(?:\d[\d.,]*)?\d(?:[eE][-+]?\d+)?) ?%", re.ASCII
)
_SCIENTIFIC = re.compile(r"([\d.]*\d)[eE]\+?(-?)0*(\d+)\b", re.ASCII)
_NEGATIVE = re.compile(r"(?<![\w.)])(?:-(?=\.?\d)|−(?=[\w.(]))(\.?\d[\d.,]*|)", re.ASCII)
# A number of five digits or more, which is no part of a name.
_LARGE = re.compile(r"(?<![\w.,/-])([1-9]\d{0,2}(?:,\d{3})+|[1-9]\d{4,})(\.\d+)?(?![\w/-]|[.,]\d)", re.ASCII)
_QUOTIENT = re.compile(r"(?<=[\d)]) / (?=[\d(])|(?<![\w./:-])(\d+)/(\d+)(?![\w./-])", re.ASCII)
_TYPED = re.compile(r"--[a-z][a-z-]* [^\s，。；：！？）、]+")  # an option with its value: to be typed as it is
_KEPT = "\ue000"  # in the place of such a one: no sign, digit or letter
_WIDE = "\u3000-\u303f\u4e00-\u9fff\uff00-\uffef"


def speak_result(value: float) -> str:
    """A number that came out, with three digits: `6290`, `minus 2.00`, `5.79 million`."""
    return _said(value, f"{abs(value):.{_DIGITS - 1}e}")


def speak_input(value: float) -> str:
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
    return _negative(words) if value < 0 else words


def _placed(digits: str, exponent: int) -> str:
    """Digits of which the first one is worth ten to the power of `exponent`."""
    if _LEAST <= exponent < 0:
        return f"0.{'0' * (-exponent - 1)}{digits}"
    if 0 <= exponent <= _MOST:
        unit = max((unit for unit in _units() if unit <= exponent), default=0)
        return _in_units(_pointed(digits, exponent - unit), unit)
    return _times_ten_to(_pointed(digits, 0), str(exponent))


def _pointed(digits: str, exponent: int) -> str:
    whole, rest = digits[: exponent + 1].ljust(exponent + 1, "0"), digits[exponent + 1 :]
    return f"{whole}.{rest}" if rest else whole


def _units() -> list[int]:
    """The powers of ten that the language in use has a name for and counts by."""
    named = re.findall(r"\d+", pgettext("powers of ten by which large numbers are said", "6 9 12"))
    return [unit for unit in map(int, named) if unit in _UNITS]


def _in_units(number: str, unit: int) -> str:
    return _(_UNITS[unit]).format(number=number) if unit else number


def _times_ten_to(number: str, power: str) -> str:
    if power.startswith("-"):
        return _("{number} times ten to the minus {power}").format(number=number, power=power[1:])
    return _("{number} times ten to the {power}").format(number=number, power=power)


def _negative(number: str) -> str:
    return _("minus {number}").format(number=number)


def in_words(text: str) -> str:
    """A text with its signs and the signs of its numbers in words, and large numbers as `_in_parts` has them."""
    typed = iter(_TYPED.findall(text))
    text = _TYPED.sub(_KEPT, text)
    text = _PERCENTS.sub(_percents, text)
    text = _SCIENTIFIC.sub(_scientific, text)
    text = _NEGATIVE.sub(lambda found: _negative(found[1]), text)
    text = _QUOTIENT.sub(_quotient, text)
    if _MYRIAD in _units():
        text = _LARGE.sub(_in_parts, text)
    text = re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+", _raised, text)
    spread = " ".join("".join(f" {_(_SIGNS[char])} " if char in _SIGNS else char for char in text).split())
    # Not before the point of a name such as .md
    closed = re.sub(rf" (?=[,.;:!?)](?!\w)|[，。；：！？）])|(?<=[{_WIDE}]) (?=[{_WIDE}])", "", spread)
    return re.sub(_KEPT, lambda found: next(typed, found[0]), closed)


def _percents(found: re.Match[str]) -> str:
    words = _("{number} percent").format(number=found[1])
    return f" {words} "


def _scientific(found: re.Match[str]) -> str:
    whole, _point, decimals = found[1].partition(".")
    power = found[2] + found[3]
    if len(power) <= 2 and _LEAST <= int(power) <= _MOST and len(whole) == 1:
        return _placed(whole + decimals, int(power))
    return _times_ten_to(found[1], power)


def _quotient(found: re.Match[str]) -> str:
    if found[1] is None:
        return pgettext("between two numbers, said aloud", " / ")
    return pgettext("a fraction, said aloud", "{above}/{below}").format(above=found[1], below=found[2])


def _in_parts(found: re.Match[str]) -> str:
    """A large number in the units of the language: its digits stay as they are, what they are worth is in words."""
    whole, decimals = found[1].replace(",", ""), (found[2] or "").lstrip(".")
    if len(whole) > _MOST_DIGITS:
        return found[0]
    return _placed(whole + decimals, len(whole) - 1) if decimals else _whole(int(whole))


def _whole(number: int) -> str:
    unit = max((unit for unit in _units() if 10**unit <= number), default=0)
    if not unit:
        return str(number)
    many, rest = divmod(number, 10**unit)
    part = _in_units(_whole(many), unit)
    if not rest:
        return part
    form = pgettext("a large number, of parts", "{part} {rest}")
    if rest < 10 ** (unit - 1):
        form = pgettext("a large number, of parts with zeros between", "{part} {rest}")
    return form.format(part=part, rest=_whole(rest))


def _raised(found: re.Match[str]) -> str:
    power = found[0].translate(_RAISED)
    words = _(_POWERS.get(power, "")) or _("to the power of {power}").format(power=power)
    if power.startswith("-"):
        words = _("to the power of minus {power}").format(power=power[1:])
    return f" {words} "


def in_a_line(*ways: str) -> str:
    """The first of several ways to say the same that fits a line, else the last, each shorter than the one before.

    In words.
    """
    said = [*map(in_words, ways)]
    return next((way for way in said if cell_width(way) <= LINE_WIDTH), said[-1])


def in_sentences(form: str, *groups: list[str]) -> list[str]:
    """Things in groups, in words: all in a sentence; if that fits no line, one of each group, or of each thing.

    `form` is the first sentence, with a place for the {things}; empty where nothing is said beside them.
    """
    things = [thing for group in groups for thing in group]
    lines: list[str] = []
    for sentences in ([things], groups, [[thing] for thing in things]):
        first, *others = (statements(sentence) for sentence in sentences if sentence)
        told = [form.format(things=first) if form else full_stop(first), *map(full_stop, others)]
        lines = [*map(in_words, told)]
        if max(map(cell_width, lines)) <= LINE_WIDTH:
            break
    return lines
