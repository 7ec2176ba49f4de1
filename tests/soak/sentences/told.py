"""Numbers as sentences tell them, beside what they are of: whether they are the value, rounded as they are shown."""

import math
from decimal import Decimal

NUMBER = r"-?(?:\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?|inf|nan)"


class Falsehood(Exception):  # noqa: N818  it is no error of the checks
    """What a sentence says is not so."""


class Unjudged(Exception):  # noqa: N818
    """Whether it is so was not found out, and why."""


def expect(so, why):
    """Raises Falsehood where something is not so; `why` says what is."""
    if not so:
        raise Falsehood(why)


def number(text):
    """The value of a number as it is told."""
    return Decimal(text.replace(",", ""))


def unit(text, digits):
    """What the last of so many significant digits counts, or of those that are told if they are more.

    Zeros at the end of a whole number may be no digits of it.
    """
    value = number(text)
    if not value.is_finite() or value == 0:
        return Decimal(0)
    exponent = value.as_tuple().exponent
    shown = value.normalize().as_tuple().exponent if exponent >= 0 else exponent
    return Decimal(1).scaleb(min(shown, value.adjusted() - digits + 1))


def expect_near(text, value, digits=4, slack=0, what="it"):
    """That a told number is the value rounded to the digits that are told; `slack` is how far off the value may be.

    What is below the least number of double precision is 0 there.
    """
    value, told = Decimal(value), number(text)
    if not value.is_finite() or not told.is_finite():
        expect(str(value) == str(told) or (slack and not Decimal(slack).is_finite()), f"{what} is {value:.10g}")
        return
    room = unit(text, digits) / 2 * (1 + Decimal("1e-9")) + Decimal(slack) + Decimal(math.ulp(0.0)) / 2
    expect(abs(told - value) <= room, f"{what} is {value:.10g}")
