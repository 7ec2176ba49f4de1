"""Numbers and signs in words, for screen readers: `minus 4.05 times ten to the minus 6`.

Screen readers skip most signs (NVDA at its first level of symbols reads `4.05e-06` as "4.05e06"), so these are words.
The catalog of a language lists the powers of ten by which it counts. In a language that counts by ten thousands,
large numbers are in words, too: readers may not know them (eSpeak's Mandarin reads 1,000,000 as ten thousand).
"""

from __future__ import annotations

import math
import re

from quadfit_tui.core.text.document import LINE_WIDTH
from quadfit_tui.core.text.language import N_, _, full_stop, pgettext, statements
from quadfit_tui.core.text.width import cell_width

_DIGITS = 3
_MYRIAD = 4  # the power of ten of ten thousand
_UNITS = {  # by power of ten
    _MYRIAD: N_("{number} ten thousand"),
    6: N_("{number} million"),
    8: N_("{number} hundred million"),
    9: N_("{number} billion"),
    12: N_("{number} trillion"),
}
_MOST_DIGITS = 20  # maximum digits of a whole number that is spoken by its units
_LEAST, _MOST = -4, 14  # numbers between these powers of ten are spoken without `times ten to the`
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
# A number of five digits or more that is not part of a name.
_LARGE = re.compile(r"(?<![\w.,/-])([1-9]\d{0,2}(?:,\d{3})+|[1-9]\d{4,})(\.\d+)?(?![\w/-]|[.,]\d)", re.ASCII)
_QUOTIENT = re.compile(r"(?<=[\d)]) / (?=[\d(])|(?<![\w./:-])(\d+)/(\d+)(?![\w./-])", re.ASCII)
_OPTION = re.compile(
    r"--[a-z][a-z-]* [^\s，。；：！？）、]+"
)  # an option with its value, which users must type literally
_PLACEHOLDER = "\ue000"  # placeholder for such an option: no sign, digit or letter
_WIDE = "\u3000-\u303f\u4e00-\u9fff\uff00-\uffef"


def speak_result(value: float) -> str:
    """Formats a computed number to be spoken, with exactly three digits: `6290`, `minus 2.00`, `5.79 million`."""
    return _spoken(value, f"{abs(value):.{_DIGITS - 1}e}")


def speak_input(value: float) -> str:
    """Formats a number that a user chose to be spoken, with up to three digits: `1 times ten to the minus 5`."""
    digits, e, exponent = f"{abs(value):.{_DIGITS - 1}e}".partition("e")
    return _spoken(value, f"{digits.rstrip('0')}{e}{exponent}")


def _spoken(value: float, scientific: str) -> str:
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
    """Formats a number to be spoken from its digits and the power of ten, `exponent`, of the first one."""
    if _LEAST <= exponent < 0:
        return f"0.{'0' * (-exponent - 1)}{digits}"
    if 0 <= exponent <= _MOST:
        unit = max((unit for unit in _units() if unit <= exponent), default=0)
        return _in_units(_pointed(digits, exponent - unit), unit)
    return _times_ten_to(_pointed(digits, 0), str(exponent))


def _pointed(digits: str, exponent: int) -> str:
    """Inserts the decimal point: `exponent` is the power of ten of the first digit."""
    whole, rest = digits[: exponent + 1].ljust(exponent + 1, "0"), digits[exponent + 1 :]
    return f"{whole}.{rest}" if rest else whole


def _units() -> list[int]:
    """Returns the powers of ten that the language in use has names for and counts by, as its catalog lists them."""
    listed = re.findall(r"\d+", pgettext("powers of ten by which large numbers are said", "6 9 12"))
    return [unit for unit in map(int, listed) if unit in _UNITS]


def _in_units(number: str, unit: int) -> str:
    return _(_UNITS[unit]).format(number=number) if unit else number


def _times_ten_to(number: str, power: str) -> str:
    if power.startswith("-"):
        return _("{number} times ten to the minus {power}").format(number=number, power=power[1:])
    return _("{number} times ten to the {power}").format(number=number, power=power)


def _negative(number: str) -> str:
    return _("minus {number}").format(number=number)


def in_words(text: str) -> str:
    """Replaces signs, also those of numbers, by words for screen readers, and large numbers as `_in_parts` does."""
    options = iter(_OPTION.findall(text))
    text = _OPTION.sub(_PLACEHOLDER, text)
    text = _PERCENTS.sub(_percents, text)
    text = _SCIENTIFIC.sub(_scientific, text)
    text = _NEGATIVE.sub(lambda match: _negative(match[1]), text)
    text = _QUOTIENT.sub(_quotient, text)
    if _MYRIAD in _units():
        text = _LARGE.sub(_in_parts, text)
    text = re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+", _raised, text)
    spread = " ".join("".join(f" {_(_SIGNS[char])} " if char in _SIGNS else char for char in text).split())
    # A blank stays before the point of a name such as .md.
    closed = re.sub(rf" (?=[,.;:!?)](?!\w)|[，。；：！？）])|(?<=[{_WIDE}]) (?=[{_WIDE}])", "", spread)
    return re.sub(_PLACEHOLDER, lambda match: next(options, match[0]), closed)


def _percents(match: re.Match[str]) -> str:
    words = _("{number} percent").format(number=match[1])
    return f" {words} "


def _scientific(match: re.Match[str]) -> str:
    whole, _point, decimals = match[1].partition(".")
    power = match[2] + match[3]
    if len(power) <= 2 and _LEAST <= int(power) <= _MOST and len(whole) == 1:
        return _placed(whole + decimals, int(power))
    return _times_ten_to(match[1], power)


def _quotient(match: re.Match[str]) -> str:
    if match[1] is None:
        return pgettext("between two numbers, said aloud", " / ")
    return pgettext("a fraction, said aloud", "{above}/{below}").format(above=match[1], below=match[2])


def _in_parts(match: re.Match[str]) -> str:
    """Formats a large number by the units of the language: digits stay, and units such as `ten thousand` are words."""
    whole, decimals = match[1].replace(",", ""), (match[2] or "").lstrip(".")
    if len(whole) > _MOST_DIGITS:
        return match[0]
    return _placed(whole + decimals, len(whole) - 1) if decimals else _whole(int(whole))


def _whole(number: int) -> str:
    """Formats a whole number by the units of the language: in Chinese, 1234500000 is `12 亿 3450 万`."""
    unit = max((unit for unit in _units() if 10**unit <= number), default=0)
    if not unit:
        return str(number)
    many, rest = divmod(number, 10**unit)
    part = _in_units(_whole(many), unit)
    if not rest:
        return part
    template = pgettext("a large number, of parts", "{part} {rest}")
    if rest < 10 ** (unit - 1):
        template = pgettext("a large number, of parts with zeros between", "{part} {rest}")
    return template.format(part=part, rest=_whole(rest))


def _raised(match: re.Match[str]) -> str:
    power = match[0].translate(_RAISED)
    words = _(_POWERS.get(power, "")) or _("to the power of {power}").format(power=power)
    if power.startswith("-"):
        words = _("to the power of minus {power}").format(power=power[1:])
    return f" {words} "


def shortest_fitting_wording(*ways: str) -> str:
    """Returns the first of several wordings of one thing that fits a line for screen readers, else the last.

    `ways` go from the longest to the shortest; signs in them become words.
    """
    wordings = [*map(in_words, ways)]
    return next((wording for wording in wordings if cell_width(wording) <= LINE_WIDTH), wordings[-1])


def in_sentences(form: str, *groups: list[str]) -> list[str]:
    """Formats groups of texts for screen readers as sentences that fit a line each.

    All are in one sentence if it fits, else each group has its own, else each text. `form` is the template of the first
    sentence, with a placeholder {things}; empty if that has nothing beside them.
    """
    things = [thing for group in groups for thing in group]
    lines: list[str] = []
    for sentences in ([things], groups, [[thing] for thing in things]):
        first, *others = (statements(sentence) for sentence in sentences if sentence)
        first_sentence = form.format(things=first) if form else full_stop(first)
        lines = [*map(in_words, [first_sentence, *map(full_stop, others)])]
        if max(map(cell_width, lines)) <= LINE_WIDTH:
            break
    return lines
