"""Lines of arithmetic: what they come to, how they are written, and that nothing else is ever run as code."""

import re
from pathlib import Path

import pytest
from tables import table

import quadfit_tui
from quadfit_tui.core.methods.arithmetic import check, of_arrays, of_floats, written
from quadfit_tui.core.methods.optimizers import OPTIMIZERS

KINDS = {"floats": of_floats, "arrays": of_arrays}


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
    assert written(line) == expected


@pytest.mark.parametrize("kind", KINDS)
@table(
    ("lines", "expected"),
    [
        # Of g = 3, v = 5, lr = 0.5 and k = 4, by hand; a product that stands more than once is still the same.
        (("step = -lr * g",), -1.5),
        (("step = k * v - lr * g",), 18.5),
        (("step = k * v - lr * g * g - lr * g",), 14),
        (("step = v - lr * g ** 2 - lr * g",), -1),
        (("step = k * v - lr * g / 2 - lr * g",), 17.75),
        (("step = k * lr * g - lr * g",), 4.5),
        (("step = k / lr * g - lr * g",), 22.5),
        (("step = v - lr * g - lr * g  # twice",), 2),
        (("gain = 10", "step = v - lr * gain - lr * g"), -1.5),
        (("v = k * v - lr * g", "step = k * v - lr * g"), 72.5),
        (("v = k ** t", "kk = sqrt(k)", "step = v + kk"), 66),
    ],
)
def test_lines_come_to_what_they_say(kind, lines, expected):
    found, (v,) = KINDS[kind](lines, ("v",), {"k": 4}, "step, (v, )")(3.0, (5.0,), 0.5, 3)
    assert found == expected
    others = KINDS[kind](lines, ("v",), {"k": 4}, "v, step,")(3.0, (5.0,), 0.5, 3)
    assert others == (v, expected)


def test_numbers_of_another_sign_of_zero_make_another_function():
    of_zeros = [of_floats(("step = k * g",), (), {"k": zero}, "step")(1.0, (), 1.0, 1) for zero in (0.0, -0.0)]
    assert [str(found) for found in of_zeros] == ["0.0", "-0.0"]


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
        "step, s = g",
        "step.x = g",
        "import os",
        "step = g\nimport os",
        "step = g  # a remark\nimport os",
        "step = g\rimport os",
        "step = g; import os",
        "del g",
        "",
    ],
)
def test_what_is_more_than_arithmetic_is_refused_and_never_run(line):
    for lines in [(line,), ("s = g * 2", line)]:
        with pytest.raises((ValueError, SyntaxError)):
            check(lines, {"g", "lr"})
        for make in KINDS.values():
            with pytest.raises((ValueError, SyntaxError)):
                make(lines, (), {}, "step")


def test_every_line_of_the_table_is_arithmetic_of_what_its_row_names():
    for row in OPTIMIZERS.values():
        check(row.lines, {"g", "lr", "t", "sqrt", *row.memory, *row.parameters})
        written_to = [line.partition(" = ")[0] for line in row.lines]
        assert written_to[-1] == "step"
        assert set(row.memory) <= set(written_to)


def test_code_is_made_of_text_in_no_other_place():
    sources = {path.name: path.read_text("utf-8") for path in Path(quadfit_tui.__file__).parent.rglob("*.py")}
    assert [name for name, text in sources.items() if re.search(r"(?<!\.)\b(exec|eval|compile)\(", text)] == [
        "arithmetic.py"
    ]
