"""Lines of arithmetic: what they come to, how they are written, and that no text is ever run as code."""

import re
from pathlib import Path

import pytest
from tables import table

import quadfit_tui
from quadfit_tui.core.methods.arithmetic import evaluate_lines, to_math_notation
from quadfit_tui.core.methods.optimizers import OPTIMIZERS


@table(
    ("line", "expected"),
    [
        ("s = s + g * g", ("s", "s + g²", "")),
        ("s = (1 - rho) * g * g", ("s", "(1 − rho)·g²", "")),
        ("s = rho * rho_ * rhod", ("s", "rho·rho'·rhod", "")),
        ("m_ = m / (1 - beta1 ** t)  # t counts", ("m'", "m / (1 − beta1^t)", "t counts")),
        ("step = -lr * m_ / (sqrt(s_) + epsilon)", ("step", "-lr·m' / (√s' + epsilon)", "")),
    ],
)
def test_a_line_as_people_write_it(line, expected):
    assert to_math_notation(line) == expected


@table(
    ("lines", "expected"),
    [
        # Of g = 3, v = 5, lr = 0.5, t = 3 and k = 4, by hand.
        (("step = -lr * g",), [-1.5]),
        (("step = k * v - lr * g",), [18.5]),
        (("step = k / lr * g - lr * g",), [22.5]),
        (("step = v - lr * g ** 2 - (1 - lr) * g",), [-1]),
        (("step = v - lr * g - lr * g  # twice",), [2]),
        (("v = k * v - lr * g", "step = k * v - lr * g"), [18.5, 72.5]),
        (("v = k ** t", "kk = sqrt(k)", "step = v + kk"), [64, 2, 66]),
    ],
)
def test_lines_come_to_what_they_say(lines, expected):
    assert evaluate_lines(lines, {"g": 3.0, "v": 5.0, "lr": 0.5, "t": 3, "k": 4}) == expected


@table(
    "line",
    [
        "step = open('x')",
        "step = __import__('os')",
        "step = g.real",
        "step = (lambda: 1)()",
        "step = [g for g in (1,)][0]",
        "step = g if g else lr",
        "step = (s := g)",
        "step = g @ lr",
        "step = not g",
        "step = later",
        "import os",
        "step = g\nimport os",
        "step = g  # a remark\nimport os",
        "step = g\rimport os",
        "step = g; import os",
        "del g",
        "",
    ],
)
def test_what_is_more_than_arithmetic_is_refused(line):
    for lines in [(line,), ("s = g * 2", line)]:
        with pytest.raises((ValueError, SyntaxError)):
            evaluate_lines(lines, {"g": 1.0, "lr": 1.0})


def test_optimizer_lines_use_only_named_values():
    for row in OPTIMIZERS.values():
        evaluate_lines(row.lines, dict.fromkeys(("g", "lr", "t", *row.memory, *row.parameters), 0.5))
        written_to = [line.partition(" = ")[0] for line in row.lines]
        assert written_to[-1] == "step"
        assert set(row.memory) <= set(written_to)


def test_no_text_is_run_as_code():
    sources = {path.name: path.read_text("utf-8") for path in Path(quadfit_tui.__file__).parent.rglob("*.py")}
    assert [name for name, text in sources.items() if re.search(r"(?<!\.)\b(exec|eval|compile)\(", text)] == []
