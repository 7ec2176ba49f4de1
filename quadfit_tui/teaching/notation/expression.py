"""Expressions of lessons, such as `near.epochs > fast.epochs`: parsed, checked name by name, and worked out.

The grammar is a small part of Python's, read by `ast` and walked node by node; nothing is ever run as code.
"""

from __future__ import annotations

import ast
import math
import operator
import re
import warnings
from collections.abc import Callable, Iterator
from typing import NamedTuple

from quadfit_tui.core.text.language import N_, _, comma_separated, join_or, ngettext
from quadfit_tui.core.text.quoting import did_you_mean, nearest, quoted, with_allowed, with_near
from quadfit_tui.core.training.status import Status
from quadfit_tui.teaching.notation.vocabulary import CONDITIONS, FUNCTIONS

Value = bool | int | float | str

LONGEST_EXPRESSION = 200  # characters
CLOSEST = 1e-6  # relative difference of two numbers; below it rounding decides which is larger
NOW = "now"  # the name of the run that is on the screen

_ARITHMETIC: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_ORDER: dict[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_PLAIN: dict[str, Callable[..., Value]] = {
    "same": operator.eq,
    "zero": operator.not_,
    "abs": abs,
    "sqrt": math.sqrt,
    "log10": math.log10,
}
_OF_NUMBERS = {name: row.numbers for name, row in FUNCTIONS.items() if row.numbers is not None}
_OF_RUNS = tuple(name for name in FUNCTIONS if name not in _OF_NUMBERS)
_WAYS = ("up", "down", "same")
_QUOTES = str.maketrans("“”„‟‘’‚", '""""\'\'\'')  # word processors write them so
_SIGNS = str.maketrans("−–＋－＊／＜＞（），．", "--+-*/<>(),.")  # of word processors, and of Chinese keyboards
_NO_EXPRESSION = N_("is not an expression")
_UNBALANCED = N_("is not an expression; a parenthesis is missing, or there is one too many")
# Signs of other languages, each with the message to an author who writes it.
_FOREIGN = {
    re.compile(r"(?<![=<>!:])=(?!=)"): N_("is not an expression; write == to compare"),
    re.compile(r"&&|\|\|"): N_("is not an expression; write and, or"),
    re.compile(r"[≤≥≠]"): N_("is not an expression; write <=, >= or !="),
    re.compile(r"\d,\d"): N_("is not an expression; write a decimal point, as in 0.05"),
    re.compile(r"[×·]"): N_("is not an expression; write * to multiply"),
}


class ExpressionError(ValueError):
    """The error of an expression that cannot be parsed or has no value; its message names the part at fault."""


class FactSource(NamedTuple):
    """Callbacks that look up the facts an expression names; each raises ExpressionError if there is no such fact."""

    of_run: Callable[[str, str], Value]  # run, fact → its value at the end of the run
    of_moment: Callable[[str, str, str], Value]  # run, moment as text, fact → its value at that moment
    rises: Callable[[str, int], int]  # run, epoch → number of updates that raise the mean loss of all samples


class Reference(NamedTuple):
    """A fact that an expression names; `moment` is empty if it is that of the run at its end."""

    run: str
    moment: str
    fact: str


class Evaluation(NamedTuple):
    """The value of an expression; `depends_on_rounding`: whether rounding decides one of its comparisons."""

    value: Value
    depends_on_rounding: bool


class Expression(NamedTuple):
    """A parsed expression: its syntax tree, and the function that computes its value."""

    tree: ast.expr
    compute: Callable[[_Evaluator], Value]

    @classmethod
    def parse(cls, text: str) -> Expression:
        """Parses an expression; raises ExpressionError if it is too long or not within the grammar."""
        if len(text) > LONGEST_EXPRESSION:
            raise ExpressionError(_("is longer than {most} characters").format(most=LONGEST_EXPRESSION))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # Python only warns of oddities such as 1or 2
                tree = ast.parse(straight_quotes(text).translate(_SIGNS).strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            plain = text.translate(_SIGNS)
            otherwise = _NO_EXPRESSION if plain.count("(") == plain.count(")") else _UNBALANCED
            message = next((note for sign, note in _FOREIGN.items() if sign.search(text)), otherwise)
            raise ExpressionError(_(message)) from None
        return cls(tree, _compile(tree))

    def references(self) -> Iterator[Reference]:
        """Yields the facts that the expression names."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Attribute):
                yield _reference(node)

    def runs(self) -> Iterator[str]:
        """Yields the names of runs in the expression, also arguments such as those of `first(slow, fast)`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Attribute):
                yield _reference(node).run
            elif isinstance(node, ast.Call) and _function(node) in _OF_RUNS:
                yield from (argument.id for argument in node.args if isinstance(argument, ast.Name))

    @property
    def is_condition(self) -> bool:
        """Whether the value is true or false, judged by the form of the expression alone."""
        tree = self.tree
        is_not = isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.Not)
        is_call = isinstance(tree, ast.Call) and _function(tree) in ("near", "same", "zero")
        is_fact = isinstance(tree, ast.Attribute) and tree.attr in CONDITIONS
        return is_not or is_call or is_fact or isinstance(tree, ast.Compare | ast.BoolOp)

    def evaluate(self, source: FactSource) -> Evaluation:
        """Computes the value with facts from `source`; raises ExpressionError if there is no (finite) value."""
        evaluator = _Evaluator(source)
        try:
            value = self.compute(evaluator)
        except ExpressionError:
            raise
        except ZeroDivisionError:
            raise ExpressionError(_("divides by zero")) from None
        except (OverflowError, ValueError):
            value = math.nan
        if isinstance(value, float) and not math.isfinite(value):
            raise ExpressionError(_("has no finite value"))
        return Evaluation(value, evaluator.depends_on_rounding)


def straight_quotes(text: str) -> str:
    """Returns an expression or attributes with straight quotes in place of typographic ones; called before parsing."""
    return text.translate(_QUOTES)


def _reference(node: ast.Attribute) -> Reference:
    """Converts an attribute node, `slow.epochs` or `slow[15:3].a`, to the fact it names."""
    if isinstance(node.value, ast.Name):
        return Reference(node.value.id, "", node.attr)
    assert isinstance(node.value, ast.Subscript)
    assert isinstance(node.value.value, ast.Name)
    return Reference(node.value.value.id, ast.unparse(node.value.slice), node.attr)


def _function(call: ast.Call) -> str:
    """Returns the name of the function that a node calls; empty if it is no plain name."""
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _compile(node: ast.expr) -> Callable[[_Evaluator], Value]:
    """Compiles a node to a function that computes its value.

    Raises ExpressionError if the node, or one below it, is no part of the grammar.
    """
    match node:
        case ast.Constant(value=value) if isinstance(value, int | float | str) and not isinstance(value, bool):
            return lambda _: value
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            condition = _condition(operand)
            return lambda evaluator: not condition(evaluator)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
            number = _number(operand)
            factor = -1 if isinstance(sign, ast.USub) else 1
            return lambda evaluator: factor * number(evaluator)
        case ast.BinOp(left=left, op=operation, right=right) if type(operation) in _ARITHMETIC:
            one, other = _number(left), _number(right)
            calculate = _ARITHMETIC[type(operation)]
            return lambda evaluator: calculate(one(evaluator), other(evaluator))
        case ast.BoolOp(op=joined, values=values):
            conditions = [*map(_condition, values)]
            decides = all if isinstance(joined, ast.And) else any
            # A list, so that all conditions are computed: one without a value, or decided by rounding, is noticed.
            return lambda evaluator: decides([condition(evaluator) for condition in conditions])
        case ast.Compare(left=left, ops=[sign], comparators=[right]) if isinstance(sign, (*_ORDER, ast.Eq, ast.NotEq)):
            _check_word(left, right)
            _check_word(right, left)
            first, second = _compile(left), _compile(right)
            return lambda evaluator: evaluator.compare(sign, first(evaluator), second(evaluator))
        case ast.Attribute(value=ast.Name(id=run), attr=fact):
            return lambda evaluator: evaluator.source.of_run(run, fact)
        case ast.Attribute(value=ast.Subscript(value=ast.Name(id=run), slice=when), attr=fact) if _is_moment(when):
            moment = ast.unparse(when)
            return lambda evaluator: evaluator.source.of_moment(run, moment, fact)
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in FUNCTIONS:
            return _compile_call(name, arguments)
        case ast.Call(func=ast.Name(id=name), keywords=[]):
            problem = _("names no function: {name}").format(name=repr(name))
            near = nearest(name, FUNCTIONS)
            allowed = comma_separated([*FUNCTIONS])
            raise ExpressionError(with_near(problem, near) if near else with_allowed(problem, allowed))
        case ast.Name(id=name):
            problem = _('names {name} alone; allowed: a fact of a run, as in slow.epochs, or "{word}" in quotes')
            raise ExpressionError(problem.format(name=repr(name), word=name))
    raise ExpressionError(_meaningless(node).format(part=repr(ast.unparse(node))))


def _number(node: ast.expr) -> Callable[[_Evaluator], float]:
    """Compiles a node that must be a number; computing it raises ExpressionError if it is none."""
    compute = _compile(node)

    def number(evaluator: _Evaluator) -> float:
        value = compute(evaluator)
        if isinstance(value, bool | str):
            raise ExpressionError(_("{expression} is no number").format(expression=ast.unparse(node)))
        return value

    return number


def _condition(node: ast.expr) -> Callable[[_Evaluator], bool]:
    """Compiles a node that must be true or false; computing it raises ExpressionError if it is neither."""
    compute = _compile(node)

    def condition(evaluator: _Evaluator) -> bool:
        value = compute(evaluator)
        if not isinstance(value, bool):
            raise ExpressionError(_("{expression} is neither true nor false").format(expression=ast.unparse(node)))
        return value

    return condition


def _compile_call(name: str, arguments: list[ast.expr]) -> Callable[[_Evaluator], Value]:
    """Compiles a function call; raises ExpressionError if the function takes other arguments."""
    if name in _OF_NUMBERS:
        if len(arguments) != _OF_NUMBERS[name]:
            problem = ngettext("gives {name} {n} value", "gives {name} {n} values", len(arguments), name=name)
            raise ExpressionError(with_allowed(problem, FUNCTIONS[name].example))
        numbers = [*map(_number, arguments)]
        return lambda evaluator: evaluator.call(name, [number(evaluator) for number in numbers])
    if name == "rises":
        match arguments:
            case [ast.Name(id=run), ast.Constant(value=int(epoch))] if not isinstance(epoch, bool):
                return lambda evaluator: evaluator.source.rises(run, epoch)
        raise ExpressionError(_("gives rises something else than a run and an epoch's number; allowed: rises(slow, 0)"))
    runs = [argument.id for argument in arguments if isinstance(argument, ast.Name)]
    if len(arguments) < 2 or len(runs) < len(arguments):
        problem = _("gives {name} something else than names of runs; allowed: {name}(slow, fast)")
        raise ExpressionError(problem.format(name=name))
    return lambda evaluator: evaluator.first_of(name, runs)


def _meaningless(node: ast.expr) -> str:
    """Returns the message on a node that is Python but no part of the grammar, with what the author may mean."""
    match node:
        case ast.Tuple():
            return _("has a part that means nothing in a lesson: {part}; write a decimal point")
        case ast.Compare(ops=[_, _, *_]):
            return _("has a part that means nothing in a lesson: {part}; write a < b and b < c")
        case ast.BinOp(op=ast.Pow() | ast.BitXor()):
            return _("has a part that means nothing in a lesson: {part}; write x*x for a square")
    return _("has a part that means nothing in a lesson: {part}")


def _check_word(node: ast.expr, other: ast.expr) -> None:
    """Raises ExpressionError if `other` can never equal the word of `node`, so that comparing them is a mistake."""
    match node, other:
        case ast.Constant(value=str(word)), ast.Attribute(attr="status"):
            allowed = [status.value for status in Status]
        case ast.Constant(value=str(word)), ast.Call(func=ast.Name(id="way")):
            allowed = list(_WAYS)
        case ast.Constant(value=str(word)), ast.Call(func=ast.Name(id=name), args=runs) if name in _OF_RUNS:
            allowed = [run.id for run in runs if isinstance(run, ast.Name)]
        case _:
            return
    if word not in allowed:
        problem = _("compares {expression} with {word}, which it never is")
        problem = problem.format(expression=ast.unparse(other), word=quoted(word))
        raise ExpressionError(with_allowed(did_you_mean(problem, word, allowed), join_or(allowed)))


def _is_moment(node: ast.expr) -> bool:
    """Whether a subscript is a moment as authors write it: 14, 15:3 or start."""
    match node:
        case ast.Name(id="start") | ast.Constant(value=int()):
            return True
        case ast.Slice(lower=ast.Constant(value=int()), upper=ast.Constant(value=int()), step=None):
            return True
    return False


class _Evaluator:
    """The state while one expression is computed: where facts come from, and what comparisons have shown so far.

    `depends_on_rounding`: whether rounding decided one of its comparisons.
    """

    def __init__(self, source: FactSource) -> None:
        self.source = source
        self.depends_on_rounding = False

    def compare(self, operation: ast.cmpop, left: Value, right: Value) -> bool:
        """Compares two values; raises ExpressionError if they cannot be compared so."""
        if isinstance(operation, ast.Eq | ast.NotEq):
            if isinstance(left, float) or isinstance(right, float):
                raise ExpressionError(
                    _("compares other numbers than counts by ==; allowed: near(x, y, 0.01), same(x, y)")
                )
            if isinstance(left, str) != isinstance(right, str):
                raise ExpressionError(_("compares a word with a number"))
            return (left == right) == isinstance(operation, ast.Eq)
        if isinstance(left, bool | str) or isinstance(right, bool | str):
            raise ExpressionError(_("asks which of two words is larger"))
        self._record_closeness(left, right)
        return _ORDER[type(operation)](left, right)

    def _record_closeness(self, left: float, right: float) -> None:
        """Records if rounding decides which of two numbers is larger; two counts are exact."""
        if isinstance(left, float) or isinstance(right, float):
            self.depends_on_rounding |= abs(left - right) <= CLOSEST * max(abs(left), abs(right))

    def first_of(self, name: str, runs: list[str]) -> str:
        """Returns the name of the run with the least mean loss (`least`), or that converges first (`first`)."""
        if name == "least":
            return self._strict_minimum(runs, [self._number(run, "mean_loss") for run in runs])
        converged = [run for run in runs if self.source.of_run(run, "status") == "converged"]
        if not converged:
            raise ExpressionError(_("none of {runs} converges").format(runs=comma_separated(runs)))
        return self._strict_minimum(converged, [self._number(run, "epochs") for run in converged])

    def _number(self, run: str, fact: str) -> float:
        """Returns a fact of a run that is always a number."""
        value = self.source.of_run(run, fact)
        assert isinstance(value, int | float)
        return value

    def _strict_minimum(self, runs: list[str], values: list[float]) -> str:
        """Returns the run with the least value; raises ExpressionError if two share it."""
        value, run = min(zip(values, runs, strict=True))
        if values.count(value) > 1:
            raise ExpressionError(_("of {runs} no one is before the others").format(runs=comma_separated(runs)))
        for other in values:
            if other != value:
                self._record_closeness(value, other)
        return run

    def call(self, name: str, values: list[float]) -> Value:
        """Computes one of the functions that take numbers, such as `near` or `sqrt`."""
        if name in _PLAIN:
            return _PLAIN[name](*values)
        match name, values:
            case "way", [before, after]:
                if before == after:
                    return "same"
                self._record_closeness(before, after)
                return "up" if after > before else "down"
            case "near", [one, other, share]:
                apart, allowed = abs(one - other), abs(share) * max(abs(one), abs(other))
                self._record_closeness(float(apart), float(allowed))
                return apart <= allowed
        raise AssertionError(name)
