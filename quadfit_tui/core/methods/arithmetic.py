"""Rules as lines of arithmetic in Python, `s = rho * s + (1 - rho) * g * g`: worked out, and as people write them."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from functools import cache
from math import sqrt
from typing import NamedTuple

_OPERATIONS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
# How people write what Python writes otherwise.
_SIGNS = (
    (r"\b(\w+) \* \1\b", r"\1²"),
    (r"sqrt\((\w+)\)", r"√\1"),
    (r"_\b", "'"),
    (r" \*\* ", "^"),
    (r" \* ", "·"),
    (r" - ", " − "),
)


class FormulaLine(NamedTuple):
    """A line as people write it: the name that gets a value, its formula, and the remark on it, noted, or nothing."""

    name: str
    formula: str
    remark: str


@cache
def written(line: str) -> FormulaLine:
    """The line in readable mathematics: `m_ = m / (1 - beta1 ** t)` is m' = m / (1 − beta1^t); behind # is a remark."""
    text, _sign, remark = line.partition("#")
    for python, sign in _SIGNS:
        text = re.sub(python, sign, text)
    name, _sign, formula = text.strip().partition(" = ")
    return FormulaLine(name, formula, remark.strip())


def worked_out(lines: tuple[str, ...], known: Mapping[str, float]) -> list[float]:
    """Returns the values of the lines, each of which may use what is `known` and the lines before it.

    Raises ValueError if one is not `name = arithmetic` of such numbers.
    """
    names, found = dict(known), list[float]()
    for line in lines:
        name, _sign, formula = line.partition(" = ")
        names[name] = _value(_parsed(formula), names)
        found.append(names[name])
    return found


@cache
def _parsed(formula: str) -> ast.expr:
    return ast.parse(formula, mode="eval").body


def _value(node: ast.expr, names: Mapping[str, float]) -> float:
    match node:
        case ast.Constant(float() | int() as value):
            return value
        case ast.Name(name) if name in names:
            return names[name]
        case ast.UnaryOp(ast.USub(), operand):
            return -_value(operand, names)
        case ast.BinOp(left, operation, right) if type(operation) in _OPERATIONS:
            return _OPERATIONS[type(operation)](_value(left, names), _value(right, names))
        case ast.Call(ast.Name("sqrt"), [number], []):
            return sqrt(_value(number, names))
    raise ValueError(f"{ast.unparse(node)} is more than arithmetic of {[*names]}")
