"""Converts the readable mathematics of the worked update to LaTeX: `w − lr·g / (√s + epsilon)`.

A parser for the grammar below finds the numerator and denominator of fractions; it raises ValueError for other text.

    relation = sum {("=" | "←") sum}
    sum      = product {("+" | "−") product}
    product  = power {("·" | "×" | "/") power} | "mean of" product
    power    = atom ["²" | "⁴" | "^" atom]
    atom     = number | name | name "(" list ")" | "(" list ")" | "⌊" sum "⌋" | "√" atom | "½"
    list     = sum {"," sum}
"""

from __future__ import annotations

import re
from typing import NamedTuple

_NUMBER = r"-?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|inf|nan)(?![A-Za-z\d.])"
_TOKENS = re.compile(rf"\s*(?:({_NUMBER})|(mean of\b|[A-Za-zμσπλ]+\d*'?(?:_[a-z]+)*'?)|([=←+−·×/²⁴^(),⌊⌋√½]))")
_GREEK = {"μ": r"\mu", "σ": r"\sigma", "π": r"\pi", "λ": r"\lambda"}
_GREEK |= {"rho": r"\rho", "beta": r"\beta", "epsilon": r"\varepsilon"}
_FUNCTIONS = {"cos": r"\cos"}
_SIGNS = {"=": " = ", "←": r" \leftarrow ", "+": " + ", "−": " - ", "·": r" \cdot ", "×": r" \times "}
_POWERS = {"²": "2", "⁴": "4"}
_VALUES = {"inf": r"\infty", "-inf": r"-\infty", "nan": r"\mathrm{nan}"}
_MEAN = "mean of"
_END = ""


class _Factor(NamedTuple):
    """The LaTeX of a part of a formula: alone or in a fraction, and within a product or below a power."""

    alone: str
    within: str


def latex(formula: str) -> str:
    """Converts a formula to LaTeX for use between dollar signs; raises ValueError if it is no formula."""
    return _Reader(formula).formula()


class _Reader:
    """A recursive-descent parser of one formula, which returns LaTeX."""

    def __init__(self, formula: str) -> None:
        self._text, self._position = formula.strip(), 0
        self._token = ""
        self._next()

    def _next(self) -> str:
        """Returns the present token, and moves to the next one; raises ValueError at text that is no token."""
        token = self._token
        match = _TOKENS.match(self._text, self._position)
        if match is None and self._position < len(self._text):
            raise self._wrong()
        self._token = _END if match is None else match[0].strip()
        self._position = len(self._text) if match is None else match.end()
        return token

    def _wrong(self) -> ValueError:
        """Returns the error for the present position; the caller raises it."""
        return ValueError(f"{self._text!r} is no formula, at {self._text[max(0, self._position - 1) :]!r}")

    def _expect(self, token: str) -> None:
        """Checks that the present token is this one, and moves on; raises ValueError if not."""
        if self._next() != token:
            raise self._wrong()

    def formula(self) -> str:
        """Parses the whole formula."""
        text = self._joined("=←")
        if self._token != _END:
            raise self._wrong()
        return text

    def _joined(self, signs: str) -> str:
        """Parses a relation of sums, or a sum of products, joined by these signs."""
        part = self._sum if "=" in signs else self._product
        text = part()
        while self._token and self._token in signs:
            text += _SIGNS[self._next()] + part()
        return text

    def _sum(self) -> str:
        return self._joined("+−")

    def _product(self) -> str:
        if self._token == _MEAN:
            return self._mean()
        factor = self._power()
        while self._token and self._token in "·×/":
            sign = self._next()
            if sign == "/":
                fraction = rf"\frac{{{factor.alone}}}{{{self._power().alone}}}"
                factor = _Factor(fraction, fraction)
            else:
                other = self._mean() if self._token == _MEAN else self._power().within
                factor = _Factor(*[f"{factor.within}{_SIGNS[sign]}{other}"] * 2)
        return factor.within

    def _mean(self) -> str:
        self._next()
        inner = self._product()
        return r"\operatorname{mean}" + (inner if inner.startswith(_OPEN) else f"{_OPEN}{inner}{_CLOSE}")

    def _power(self) -> _Factor:
        base = self._atom()
        if self._token in _POWERS:
            power = _POWERS[self._next()]
        elif self._token == "^":
            self._next()
            power = self._atom().alone
        else:
            return base
        whole = base.within if r"\times" not in base.alone else f"{_OPEN}{base.alone}{_CLOSE}"
        return _Factor(*[f"{whole}^{{{power}}}"] * 2)

    def _atom(self) -> _Factor:
        token = self._next()
        if token == "(":
            inner = self._list()
            return _Factor(inner, f"{_OPEN}{inner}{_CLOSE}")
        if token == "⌊":
            inner = self._sum()
            self._expect("⌋")
            return _Factor(*[rf"\left\lfloor {inner} \right\rfloor"] * 2)
        if token == "√":
            return _Factor(*[rf"\sqrt{{{self._atom().alone}}}"] * 2)
        if token in _FUNCTIONS:
            self._expect("(")
            return _Factor(*[f"{_FUNCTIONS[token]}{_OPEN}{self._list()}{_CLOSE}"] * 2)
        if token == "½":
            return _Factor(*[r"\tfrac{1}{2}"] * 2)
        if re.fullmatch(_NUMBER, token):
            return _Factor(*[_number(token)] * 2)
        if token[:1].isalpha() and token != _MEAN:
            return _Factor(*[_name(token)] * 2)
        raise self._wrong()

    def _list(self) -> str:
        text = self._sum()
        while self._token == ",":
            self._next()
            text += ", " + self._sum()
        self._expect(")")
        return text


_OPEN, _CLOSE = r"\left(", r"\right)"


def _number(text: str) -> str:
    """Formats a number, its exponent as a power of ten."""
    digits, e, exponent = text.partition("e")
    return _VALUES.get(text) or (rf"{digits} \times 10^{{{int(exponent)}}}" if e else text)


def _name(text: str) -> str:
    """Formats a name with its index: y_out, v_a, lr0, m'."""
    first, *below = text.split("_")
    stem, prime = first.rstrip("'"), "'" * first.endswith("'")
    stem, digits = stem.rstrip("0123456789"), stem[len(stem.rstrip("0123456789")) :]
    below = [*([digits] if digits else []), *(_letters(part) for part in below)]
    return f"{_letters(stem)}{prime}" + (f"_{{{','.join(below)}}}" if below else "")


def _letters(text: str) -> str:
    """Formats letters: a Greek letter, one variable, or a word in upright type."""
    return _GREEK.get(text) or (text if len(text) == 1 else rf"\mathrm{{{text}}}")
