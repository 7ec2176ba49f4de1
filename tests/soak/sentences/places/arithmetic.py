"""The arithmetic of a worked update: as it is written, in intervals; and the update itself, in many digits."""

import ast
import math
import operator
import re
from decimal import Decimal

import numpy as np
from soak.sentences.exact import decimals
from soak.sentences.told import Unjudged, number, unit

PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494459")


class Interval:
    """All that a number may be which is told with so many digits."""

    def __init__(self, low, high):
        self.low, self.high = low, high

    def _by(self, other, how):
        ends = [how(one, two) for one in (self.low, self.high) for two in (other.low, other.high)]
        return Interval(min(ends), max(ends))

    def __add__(self, other):
        return Interval(self.low + other.low, self.high + other.high)

    def __sub__(self, other):
        return Interval(self.low - other.high, self.high - other.low)

    def __mul__(self, other):
        return self._by(other, operator.mul)

    def __truediv__(self, other):
        if other.low <= 0 <= other.high:
            raise Unjudged("what is divided by may be 0")
        return self._by(other, operator.truediv)

    def __pow__(self, other):
        if other.low == other.high == int(other.low):
            ends = [end ** int(other.low) for end in (self.low, self.high)]
            even = int(other.low) % 2 == 0 and self.low < 0 < self.high
            return Interval(Decimal(0) if even else min(ends), max(ends))
        return self._by(other, operator.pow)

    def __neg__(self):
        return Interval(-self.high, -self.low)


def evaluated(text):
    """The interval of arithmetic as it is written."""
    python = text.replace("×", "*").replace("−", "-").replace("²", "**2").replace("^", "**").replace("½", "0.5")
    python = re.sub(r"√([^ )]+)", r"sqrt(\1)", python).replace("⌊", "floor(").replace("⌋", ")").replace("π", "pi")
    return _value(ast.parse(python, mode="eval").body, python)


def _value(node, text):
    match node:
        case ast.Constant():
            return may_be(ast.get_source_segment(text, node))
        case ast.UnaryOp(op=ast.USub()):
            return -_value(node.operand, text)
        case ast.BinOp(op=ast.Pow() | ast.Div(), right=ast.Constant(int(count))):
            exact = Interval(Decimal(count), Decimal(count))  # of samples, or of updates
            left = _value(node.left, text)
            return left**exact if isinstance(node.op, ast.Pow) else left / exact
        case ast.BinOp():
            how = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}
            how[ast.Pow] = operator.pow
            return how[type(node.op)](_value(node.left, text), _value(node.right, text))
        case ast.Name(id="pi"):
            return Interval(PI, PI)
        case ast.Call(func=ast.Name(id=name)):
            inner = _value(node.args[0], text)
            if name == "sqrt":
                return Interval(max(inner.low, Decimal(0)).sqrt(), max(inner.high, Decimal(0)).sqrt())
            if name == "floor":
                return Interval(*[Decimal(math.floor(end)) for end in (inner.low, inner.high)])
            ends = sorted(Decimal(math.cos(end)) for end in (inner.low, inner.high))
            return Interval(ends[0] - Decimal("3e-16"), ends[1] + Decimal("3e-16"))
    raise Unjudged(f"no arithmetic that is known: {ast.dump(node)}")


def may_be(text):
    """What a number that is told with ten digits may be."""
    value = number(text)
    room = unit(text, 10) / 2
    return Interval(value - room, value + room)


class TrueUpdate:
    """An update in many digits, from what it began with: `values` has by name a value and what doubles lose of it."""

    def __init__(self, record):
        task, config = record.task, record.task.config
        low = (record.update - 1) * task.batch
        x, y = record.batch
        z = decimals(task.scale.standardized(x) if task.scale is not None else x)
        y, w = decimals(y), decimals(record.before)
        rows = np.stack([z * z, z, z * 0 + 1], axis=-1)
        self.record, self.low, self.w, self.x, self.y = record, low, w, z, y
        self.y_out = rows @ w
        self.r = self.y_out - y
        factor = 2 if config.gradient == "full" else 1
        size = np.abs(rows) @ np.abs(w) + np.abs(y)
        eps = Decimal("2e-15")
        self.loss = (self.r @ self.r) / len(y)
        self.loss_lost = eps * (2 * (np.abs(self.r) @ size) / len(y) + self.loss) + (eps * max(size)) ** 2
        self.gradient = rows.T @ self.r * factor / len(y)
        self.gradient_lost = eps * (np.abs(rows.T) @ size) * factor / len(y)
        self.lr = Decimal(record.lr)
        self.values = {
            "lr": (self.lr, eps * self.lr),
            "loss": (self.loss, self.loss_lost),
            "y_out": (self.y_out[0], eps * size[0]),
            "r": (self.r[0], eps * size[0]),
        }
        if task.batch != 1:
            del self.values["y_out"], self.values["r"]
        of_each = zip("abc", self.gradient, self.gradient_lost, strict=True)
        self.values |= {f"g_{name}": (g, lost) for name, g, lost in of_each}
        self._step(config, eps)

    def _step(self, config, eps):
        """w after the update, by the published rules."""
        record, lr = self.record, self.lr
        count = record.position.updates(record.task.updates_per_epoch)
        self.after, self.after_lost = [], []
        for at, name in enumerate("abc"):
            g, lost = self.gradient[at], self.gradient_lost[at]
            slots = [Decimal(value) for value in (record.slots[at] if record.slots else ())] or [Decimal(0)] * 2
            match config.optimizer:
                case "sgd":
                    change, gain = -lr * g, lr
                case "momentum":
                    change, gain = Decimal(config.momentum) * slots[0] - lr * g, lr
                case "nesterov":
                    kept = Decimal(config.momentum)
                    velocity = kept * slots[0] - lr * g
                    change, gain = kept * velocity - lr * g, 2 * lr
                case _:
                    change, gain = self._adaptive(config, g, slots, count, lost)
            value = self.w[at] + change
            room = gain * lost + eps * (abs(self.w[at]) + abs(change))
            self.after.append(value)
            self.after_lost.append(room)
            self.values[name] = value, room

    def _adaptive(self, config, g, slots, count, lost):
        lr, epsilon = self.lr, Decimal(config.epsilon)
        match config.optimizer:
            case "adagrad":
                top, square = g, slots[0] + g * g
            case "rmsprop":
                rho = Decimal(config.rho)
                top, square = g, rho * slots[0] + (1 - rho) * g * g
            case "adam":
                beta1, beta2 = Decimal(config.beta1), Decimal(config.beta2)
                top = (beta1 * slots[0] + (1 - beta1) * g) / (1 - beta1**count)
                square = (beta2 * slots[1] + (1 - beta2) * g * g) / (1 - beta2**count)
        root = square.sqrt() + epsilon
        # What the gradient loses changes the quotient by so much at most; and it is never far above 1.
        gain = 2 * lr / root + 2 * lr * abs(top) / root / max(abs(g), lost, Decimal("1e-300"))
        return -lr * top / root, gain
