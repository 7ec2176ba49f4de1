"""Rules as lines of arithmetic in Python, `s = rho * s + (1 - rho) * g * g`: run, and written as people write them."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from math import sqrt
from typing import Any, NamedTuple

Lines = tuple[str, ...]
_NODES = (
    *(ast.Name, ast.Load, ast.Constant, ast.Call, ast.UnaryOp, ast.USub),
    *(ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow),
)
# How arithmetic of these is written by people.
_SIGNS = (
    (r"\b(\w+) \* \1\b", r"\1²"),
    (r"sqrt\((\w+)\)", r"√\1"),
    (r"_\b", "'"),
    (r" \*\* ", "^"),
    (r" \* ", "·"),
    (r" - ", " − "),
)


class Line(NamedTuple):
    """A line as people write it: the name that gets a value, its formula, and the remark on it, noted, or nothing."""

    name: str
    formula: str
    remark: str


@cache
def written(line: str) -> Line:
    """The line in readable mathematics: `m_ = m / (1 - beta1 ** t)` is m' = m / (1 − beta1^t); behind # is a remark."""
    text, _sign, remark = line.partition("#")
    for python, sign in _SIGNS:
        text = re.sub(python, sign, text)
    name, _sign, formula = text.strip().partition(" = ")
    return Line(name, formula, remark.strip())


def of_floats(lines: Lines, memory: Lines, values: Mapping[str, float], results: str) -> Callable[..., Any]:
    """The lines as a function of (g, slots, lr, t), in floats, that returns `results`, an expression of their names.

    `memory` names the slots, `values` has the other numbers that the lines use: constants of the function, which are
    the fastest.
    """
    # By their text, which tells 0.0 from -0.0.
    return _of_floats(lines, memory, results, tuple((name, f"({value!r})") for name, value in values.items()))


@lru_cache(maxsize=64)
def _of_floats(lines: Lines, memory: Lines, results: str, numbers: tuple[tuple[str, str], ...]) -> Callable[..., Any]:
    for name, number in numbers:
        lines = tuple(re.sub(rf"\b{name}\b", number, line) for line in lines)
    return _function(lines, memory, results, {"sqrt": sqrt})


def of_arrays(lines: Lines, memory: Lines, values: Mapping[str, Any], results: str) -> Callable[..., Any]:
    """The same of arrays of shape (n,), also in `values`; t is one number.

    Each element is to the last bit as in floats.
    """
    import numpy as np

    def power(base: Any, exponent: int) -> Any:
        # NumPy's own powers differ from those of floats in their last bits.
        return np.array([each**exponent for each in base.tolist()]) if np.ndim(base) else base**exponent

    lines = tuple(re.sub(r"(\w+) \*\* (\w+)", r"power(\1, \2)", line) for line in lines)
    return np.errstate(all="ignore")(_function(lines, memory, results, {"sqrt": np.sqrt, "power": power, **values}))


def _function(lines: Sequence[str], memory: Lines, results: str, scope: dict[str, Any]) -> Callable[..., Any]:
    check(lines, {"g", "lr", "t", *memory, *scope})
    # Python would give the step a name, and work out a product at each place where it stands: 1 and 10 % of the time.
    if results.startswith("step,"):
        *lines, step = lines
        results = step.removeprefix("step = ").partition("#")[0] + results.removeprefix("step")
    slots = "".join([*(f"{name}, " for name in memory), "= slots"]) if memory else ""
    body = "\n    ".join([slots, *lines, f"return {results}"])
    if body.count("- lr * g") > 1:
        body = "\n    ".join(["push = lr * g", re.sub(r"- lr \* g\b(?! \*\*)", "- push", body)])
    exec(f"def function(g, slots, lr, t):\n    {body}", scope)
    function: Callable[..., Any] = scope["function"]
    return function


def check(lines: Iterable[str], names: Iterable[str]) -> None:
    """Raises ValueError or SyntaxError unless each line is `name = arithmetic` of numbers and names known by then."""
    known = set(names)
    for line in lines:
        name, _sign, value = line.partition(" = ")
        nodes = list(ast.walk(ast.parse(value, mode="eval").body))
        read = {node.id for node in nodes if isinstance(node, ast.Name)}
        if not (name.isidentifier() and read <= known and all(isinstance(node, _NODES) for node in nodes)):
            names = ", ".join(sorted(known))
            raise ValueError(f"{line!r} is more than arithmetic of {names}")
        known.add(name)
