"""Parses numbers as students type them: `1,406`, `20 million`, `2×10^7`, `18°`, `(−9)`, `r = -9`, `minus 9`, `负 9`.

Authors must write numbers as options have them (Written.read); students' answers are parsed with much tolerance.
"""

from __future__ import annotations

import math
import re
import unicodedata
from functools import reduce

from quadfit_tui.core.text.language import _
from quadfit_tui.core.text.quoting import normalized
from quadfit_tui.teaching.judging.tolerance import MOST_DIGITS, Written

_SCALES = {"k": 3, "thousand": 3, "M": 6, "million": 6, "billion": 9, "trillion": 12}
_SCALES |= {"百": 2, "千": 3, "万": 4, "百万": 6, "千万": 7, "亿": 8, "十亿": 9, "万亿": 12}
_NAMES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_WORDS = {**{name: number for number, name in enumerate(_NAMES)}, "twice": 2, "twenty": 20, "hundred": 100}
_HAN = {**{digit: number for number, digit in enumerate("零一二三四五六七八九")}, "两": 2}
_HAN_UNITS = {"十": 10, "百": 100, "千": 1000}

_SIGNS = str.maketrans({"—": "-", "٫": ".", "٬": "'", "’": "'"})
_MINUS = re.compile(r"\b(?:minus|negative|neg)\s+|负\s*|-\s+(?=[\d.,])", re.IGNORECASE)
# Words that may stand before a number, such as the name of what it is the value of, and units behind it.
_ABOUT = r"about|around|approximately|approx\.?|roughly|ca\.?|circa|[~≈]|大?约|大概|第"
_BEFORE = re.compile(rf"^(?:{_ABOUT}|[^=]*=|[a-z_]\w*\s*:|[^\W\d]*(?:是|等于))\s*", re.IGNORECASE)
_UNITS = r"epochs?|updates?|samples?|degrees?|deg|°|times|[·*×]?\s*x(?:\^?2|²)?|轮|次(?:更新)?|个(?:样本)?|度|倍|左右"
_UNIT = re.compile(rf"(?<=\S)\s*(?:{_UNITS})$", re.IGNORECASE)
_FACTOR_SIGN = re.compile(r"^[×x]\s*(?=[\d.,])")

_GROUPS = r"[-+]?[1-9]\d{0,2}"
_GROUPED = {  # separators of thousands → the pattern of numbers with them
    " '": re.compile(_GROUPS + r"(?:[ ']\d{3})+(?:[.,]\d+)?"),
    ",": re.compile(_GROUPS + r"(?:(?:,\d{3}){2,}(?:\.\d+)?|,\d{3}\.\d+)"),
    ".": re.compile(_GROUPS + r"(?:(?:\.\d{3}){2,}(?:,\d+)?|\.\d{3},\d+)"),
}
_THOUSANDS_OR_DECIMALS = re.compile(_GROUPS + r"[.,]\d{3}")
_DECIMALS_OR_PRODUCT = re.compile(r"[-+]?\d+·\d+")
_PERCENT = re.compile(r"(.*[\d.,])\s*(?:%|per ?cent)", re.IGNORECASE)
_PERCENT_BEFORE = re.compile(r"百分之\s*(.+)")  # may follow a minus sign
_POWER_OF_TEN = re.compile(
    r"(?:(.*[\d.,])\s*(?:[*×x·]|times|乘以?)\s*|([-+]?))(?:10|ten)\s*"
    r"(?:\^|\*\*|to the (?:power of )?|的)\s*([-+]?\d{1,3})(?:\s*次方)?",
    re.IGNORECASE,
)
# Numbers as Chinese texts write them: 1 万 4105, 2 亿零 5; 6 分之 11.
_IN_PARTS = re.compile(r"([-+]?)(?=\d+\s*[万亿])(?:(\d{1,8})\s*亿零?\s*)?(?:(\d{1,4})\s*万零?\s*)?(\d{1,4})?")
# Numbers in words: 两千万, 一百零五. 一百二 is refused: some mean 120 by it, others 102.
_SECTION = "(?:D千零?)?(?:D百零?)?(?:D?十)?D?".replace("D", "[一二三四五六七八九两]")
_IN_HAN = re.compile(
    r"(?!.*[百千万亿][一二三四五六七八九]$)([-+]?)"
    rf"(?:(?!亿)({_SECTION})亿零?)?(?:(?!万)({_SECTION})万零?)?({_SECTION}|零)"
)
_BELOW_FIRST = re.compile(r"([-+]?)(\d+)\s*分之\s*(\d+)")
_MIXED = re.compile(r"([-+]?)(\d+)([ ^])(\d+/\d+)")  # 1½ is normalized to 1^1/2


def read_typed(text: str, value: float) -> Written:
    """Parses a number that a student typed; of several meanings, as of `1,406`, the one nearest to `value` is chosen.

    Raises ValueError if it is no finite number; the message is meant to follow the quoted text.
    """
    readings = _readings(_bare(text))
    for reading in readings:
        if not math.isfinite(reading.value):
            raise ValueError(_("is not a finite number"))
    return min(readings, key=lambda reading: _distance(reading.value, value))


def _distance(one: float, other: float) -> float:
    """Computes the absolute logarithm of the ratio of two numbers, as a distance: 1406 is nearer to 136 than 1.406."""
    return abs(math.log(abs(one)) - math.log(abs(other))) if one and other else abs(one - other)


def _bare(text: str) -> str:
    """Strips a typed number of brackets, unit, full stop and the name before it; raises ValueError on letterforms."""
    text = "".join(map(_plain_digit, normalized(text))).translate(_SIGNS)
    before = ""
    while before != text:
        before = text
        text = _UNIT.sub("", _BEFORE.sub("", text.rstrip(" .!")))
        if text[:1] + text[-1:] in ("()", "[]", "{}"):
            text = text[1:-1].strip()
    return _PERCENT_BEFORE.sub(r"\1%", _MINUS.sub("-", _FACTOR_SIGN.sub("", text)))


def _plain_digit(char: str) -> str:
    """Converts a digit of another script to ASCII; raises ValueError for a letterform, such as a bold 3."""
    if char.isdecimal() and unicodedata.decomposition(char):
        raise ValueError(_("is not a number"))
    return str(unicodedata.decimal(char, char))


def _readings(text: str) -> list[Written]:
    """Parses a bare number to all its possible meanings, at least one; raises ValueError if it is no number."""
    if match := _PERCENT.fullmatch(text):  # 5 % is 0.05, or 5 if the question asks for percents
        return [_scaled(reading, exponent) for reading in _readings(match[1]) for exponent in (-2, 0)]
    for word, exponent in _SCALES.items():
        if match := re.fullmatch(rf"([^万亿]*[\d.,])\s*{word if len(word) == 1 else f'(?i:{word})'}", text):
            return [_scaled(reading, exponent) for reading in _readings(match[1])]
    if match := _POWER_OF_TEN.fullmatch(text):
        return [_scaled(reading, int(match[3])) for reading in _readings(match[1] or f"{match[2]}1")]
    if _DECIMALS_OR_PRODUCT.fullmatch(text):
        return [Written.read(text.replace("·", ".")), _product(text)]
    if _THOUSANDS_OR_DECIMALS.fullmatch(text):
        return [Written.read(re.sub("[.,]", "", text)), Written.read(text.replace(",", "."))]
    for signs, grouped in _GROUPED.items():
        if grouped.fullmatch(text):
            return [Written.read(re.sub(f"[{signs}]", "", text).replace(",", "."))]
    if match := _IN_PARTS.fullmatch(text):
        sign, *parts = match.groups()
        number = reduce(lambda total, part: total * 10**4 + int(part or 0), parts, 0)
        return [Written.read(f"{sign}{number}")]
    if match := _BELOW_FIRST.fullmatch(text):
        return [Written.read(f"{match[1]}{match[3]}/{match[2]}")]
    sign, word = ("-", text[1:]) if text.startswith("-") else ("", text)
    if word.lower() in _WORDS:
        return [Written.read(f"{sign}{_WORDS[word.lower()]}")]
    if text and (match := _IN_HAN.fullmatch(text)):
        sign, *sections = match.groups()
        number = reduce(lambda total, part: total * 10**4 + _section(part or ""), sections, 0)
        return [Written.read(f"~{sign}{number}")]
    if match := _MIXED.fullmatch(text):
        mixed = float(f"{match[1]}1") * (float(match[2]) + Written.read(match[4]).value)
        readings = [Written(mixed, MOST_DIGITS)]
        if match[3] == "^":
            readings.append(_product(text))
        return readings
    return [_product(text)]


def _section(text: str) -> int:
    """Parses a number below ten thousand in Han characters; 十 alone is ten, as 一十 is."""
    number = digit = 0
    for char in text:
        if char in _HAN_UNITS:
            number += (digit or 1) * _HAN_UNITS[char]
            digit = 0
        else:
            digit = _HAN[char]
    return number + digit


def _scaled(written: Written, exponent: int) -> Written:
    """Multiplies a number by a power of ten; its significant digits stay. Raises ValueError on overflow."""
    try:
        return written._replace(
            value=written.value * 10.0**exponent if exponent > 0 else written.value / 10.0**-exponent
        )
    except OverflowError:
        raise ValueError(_("is not a finite number")) from None


def _product(text: str) -> Written:
    """Parses a number, or a product of numbers and powers, as in `0.5*2^-10` and `11/6`; raises ValueError if invalid.

    A sum or difference is none of these: `0-9` may be a range.
    """
    first, *others = re.split(r"\s*([*×x·/])\s*", text.replace("**", "^"))
    if not others and "^" not in first:
        return Written.read(text)
    value = _power(first)
    for sign, factor in zip(others[::2], map(_power, others[1::2]), strict=True):
        if sign == "/" and factor == 0:
            raise ValueError(_("divides by zero"))
        value = value / factor if sign == "/" else value * factor
    return Written(value, MOST_DIGITS)


def _power(text: str) -> float:
    """Parses a number, or powers such as `2^-10`, evaluated from the left; raises ValueError if invalid."""
    base, *exponents = (Written.read(part).value for part in text.split("^"))
    return reduce(_raised, exponents, base)


def _raised(base: float, exponent: float) -> float:
    """Computes a power with a whole exponent; raises ValueError if it is no finite number."""
    if exponent != int(exponent) or (base == 0 and exponent < 0):
        raise ValueError(_("is not a number"))
    try:
        return math.copysign(abs(base) ** exponent, base)  # -2^2 is -4
    except OverflowError:
        raise ValueError(_("is not a finite number")) from None
