"""Units of measured numbers, and rows of them below a heading, such as `s;V` or `[m],[kg]`."""

from __future__ import annotations

import re
from collections.abc import Sequence

_PREFIXED = "m g s A K Hz N Pa J W C V F Ω ohm Ohm T H l L bar eV"
_PREFIXES = "Y Z E P T G M k h da d c m u µ μ n p f a z y"
_OTHERS = """
min h d day days yr a sec secs second seconds hour hours minute minutes week weeks month months year years
meter meters metre metres gram grams kilogram kilograms volt volts ampere amperes amp amps kelvin watt watts joule
newton pascal hertz liter litre in inch inches ft feet foot mi mile miles yd lb lbs oz psi mph kmh rpm deg rad sr
°c °f ℃ ℉ degc degf celsius fahrenheit ° % ‰ percent ppm ppb db px pixel pixels count counts a.u. arb.u. arb. usd eur
mol cd lm lx bq gy sv kat atm torr mmhg cal kcal wh kwh
秒 毫秒 分 分钟 小时 天 年 米 厘米 毫米 千米 公里 克 千克 公斤 伏 伏特 毫伏 安 安培 毫安 欧姆 度 摄氏度
牛 牛顿 帕 焦耳 瓦 赫兹 升 毫升 元
"""
_SYMBOLS = frozenset(prefix + unit for prefix in ["", *_PREFIXES.split()] for unit in _PREFIXED.split())
_WORDS = frozenset(_OTHERS.split())
_BRACKETS = re.compile(r"\[[^\]]{0,20}\]|\([^)]{0,20}\)|（[^）]{0,20}）|【[^】]{0,20}】")
_EXPONENT = re.compile(r"(?:\^|\*\*)?[-−+⁻]?[0-9²³¹⁰⁴-⁹]{1,2}$")


def are_units(cells: Sequence[str]) -> bool:
    """Whether a file's row holds units rather than headings: `[m]`, `(s)`, `m/s`; cells may be empty, a dash, or 1."""
    units = [cell for cell in cells if cell.strip("-–— ") and cell != "1"]
    return bool(units) and all(_BRACKETS.fullmatch(cell) or is_unit(cell) for cell in units)


def is_unit(cell: str) -> bool:
    """Whether a text is a known unit, such as `m/s²`, or a product of powers of known units."""
    if len(cell) > 20:
        return False
    if cell.lower() in _WORDS:
        return True
    factors = [_EXPONENT.sub("", factor) for factor in re.split(r"[/·⋅*×\s]+", cell.replace("**", "^"))]
    return all(factor in _SYMBOLS or factor.lower() in _WORDS for factor in factors if factor) and any(factors)
