"""Rules of optimizers as lines of Python, `s = rho * s + (1 - rho) * g * g`: evaluated, and in readable notation."""

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
# Patterns of Python, and readable mathematics for each.
_SIGNS = (
    (r"\b(\w+) \* \1\b", r"\1²"),
    (r"sqrt\((\w+)\)", r"√\1"),
    (r"_\b", "'"),
    (r" \*\* ", "^"),
    (r" \* ", "·"),
    (r" - ", " − "),
)


class FormulaLine(NamedTuple):
    """A line in readable mathematics: the name that gets a value, its formula, and the remark, in English, or empty."""

    name: str
    formula: str
    remark: str


@cache
def to_math_notation(line: str) -> FormulaLine:
    """Converts a line of Python to readable mathematics: `m_ = m / (1 - beta1 ** t)` to m' = m / (1 − beta1^t)."""
    text, _sign, remark = line.partition("#")
    for python, sign in _SIGNS:
        text = re.sub(python, sign, text)
    name, _sign, formula = text.strip().partition(" = ")
    return FormulaLine(name, formula, remark.strip())


def evaluate_lines(lines: tuple[str, ...], known: Mapping[str, float]) -> list[float]:
    """Evaluates lines of Python in order; each may use the `known` names and those of the lines before it.

    Returns the value of each line. Raises ValueError if one is not `name = arithmetic` of such numbers.
    """
    names, values = dict(known), list[float]()
    for line in lines:
        name, _sign, formula = line.partition(" = ")
        names[name] = _value(_parsed(formula), names)
        values.append(names[name])
    return values


@cache
def _parsed(formula: str) -> ast.expr:
    return ast.parse(formula, mode="eval").body


def _value(node: ast.expr, names: Mapping[str, float]) -> float:
    """Evaluates an expression of + − * / **, `sqrt` and names; raises ValueError for anything else."""
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
