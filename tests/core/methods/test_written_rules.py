"""The rule of each optimizer with its numbers: its formulas and the arithmetic of an update, as they are written."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from optimizer_cases import configs, every_optimizer, gradients, rates
from tables import table
from trials import trials

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.methods.optimizers import OPTIMIZERS

properties = trials(60)


def worked_out(text):
    """The value of arithmetic as people write it."""
    python = text.replace("×", "*").replace("−", "-").replace("²", "**2").replace("^", "**")
    return eval(re.sub(r"√([^ ]+)", r"math.sqrt(\1)", python), {"math": math})


@every_optimizer
@properties
@given(config=configs, seen=gradients, lr=rates, before=st.floats(-1e3, 1e3))
def test_calculations_give_change_of_rule(name, config, seen, lr, before):
    optimizer, slots = OPTIMIZERS[name], (0.0,) * OPTIMIZERS[name].slots
    config = config.replace(optimizer=name)
    for number, gradient in enumerate(seen, 1):
        change, after = optimizer.rule(config)(gradient, slots, lr, number)
        lines = optimizer.calculations(config, "b", before, gradient, slots, lr, number)
        values = {line.name: line.value for line in lines}
        # 12 characters hold at least six digits of what is added up, and a sum may cancel.
        sizes = [abs(before), abs(gradient) ** 2, lr * abs(gradient), *map(abs, (*slots, *after, change))]
        for line in lines:
            assert worked_out(line.numbers) == pytest.approx(line.value, rel=1e-4, abs=1e-5 * max(sizes))
        assert lines[-1].name == "b"
        assert worked_out(lines[-1].numbers) == pytest.approx(before + change, rel=1e-4, abs=1e-5 * max(sizes))
        assert [values[f"{remembered}_b"] for remembered in optimizer.memory] == [*after]  # to the last bit
        assert lines[-1].value == before + change
        before, slots = before + change, after


def by_python(lines, names):
    """The values of the lines by their names, as Python itself works them out."""
    names = {**names, "sqrt": math.sqrt}
    for line in lines:
        name, formula = line.split(" = ")
        names[name] = eval(formula, {}, names)
    return names


@every_optimizer
@properties
@given(config=configs, seen=st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=6), lr=rates, begun=st.integers(1, 999))
def test_written_lines_equal_rule_bitwise(name, config, seen, lr, begun):
    optimizer, slots = OPTIMIZERS[name], (0.0,) * OPTIMIZERS[name].slots
    rule, known = optimizer.rule(config), {of: getattr(config, of) for of in optimizer.parameters}
    for number, gradient in enumerate(seen, begun):
        remembered = dict(zip(optimizer.memory, slots, strict=True))
        values = by_python(optimizer.lines, {**known, **remembered, "g": gradient, "lr": lr, "t": number})
        change, slots = rule(gradient, slots, lr, number)
        assert change.hex() == values["step"].hex()
        assert [slot.hex() for slot in slots] == [values[of].hex() for of in optimizer.memory]


@table(
    ("name", "formulas", "arithmetic"),
    [
        ("sgd", ["w ← w − lr·g"], ["a = 2 − 0.5 × (-3)"]),
        ("momentum", ["v ← momentum·v − lr·g", "w ← w + v"], ["v_a = 0.25 × (-8) − 0.5 × (-3)", "a = 2 + (-0.5)"]),
        (
            "nesterov",
            ["v ← momentum·v − lr·g", "w ← w + momentum·v − lr·g, with the new v"],
            ["v_a = 0.25 × (-8) − 0.5 × (-3)", "step_a = 0.25 × (-0.5) − 0.5 × (-3)", "a = 2 + 1.375"],
        ),
        (
            "adagrad",
            ["s ← s + g²", "w ← w − lr·g / (√s + epsilon)"],
            ["s_a = 7 + (-3)²", "step_a = -0.5 × (-3) / (√16 + 2)", "a = 2 + 0.25"],
        ),
        (
            "rmsprop",
            ["s ← rho·s + (1 − rho)·g²", "w ← w − lr·g / (√s + epsilon)"],
            ["s_a = 0.75 × 7 + (1 − 0.75) × (-3)²", "step_a = -0.5 × (-3) / (√7.5 + 2)", "a = 2 + 0.3165483375"],
        ),
        (
            "adam",
            [
                "m ← beta1·m + (1 − beta1)·g",
                "s ← beta2·s + (1 − beta2)·g²",
                "m' = m / (1 − beta1^t)",
                "s' = s / (1 − beta2^t), t counts the updates",
                "w ← w − lr·m' / (√s' + epsilon)",
            ],
            [
                "m_a = 0.5 × (-8) + (1 − 0.5) × (-3)",
                "s_a = 0.5 × 7 + (1 − 0.5) × (-3)²",
                "m'_a = -5.5 / (1 − 0.5^2)",
                "s'_a = 8 / (1 − 0.5^2)",
                "step_a = -0.5 × (-7.333333333) / (√10.66666667 + 2)",
                "a = 2 + 0.696292478",
            ],
        ),
    ],
)
def test_rules_and_updates_by_example(name, formulas, arithmetic):
    config = RunConfig(optimizer=name, momentum=0.25, rho=0.75, beta1=0.5, beta2=0.5, epsilon=1)
    object.__setattr__(config, "epsilon", 2)  # more than is allowed, for short numbers
    slots = {"v": -8.0, "m": -8.0, "s": 7.0}
    kept = tuple(slots[of] for of in OPTIMIZERS[name].memory)
    assert [", ".join(filter(None, each)) for each in OPTIMIZERS[name].remarked] == formulas
    lines = OPTIMIZERS[name].calculations(config, "a", 2.0, -3.0, kept, 0.5, 2)
    assert [f"{line.name} = {line.numbers}" for line in lines] == arithmetic


@table(("name", "step"), [("momentum", []), ("nesterov", ["0 × (-0.5) − 0.5 × 1"])])
def test_zero_momentum_hides_old_velocity(name, step):
    for old in (0.0, -8.0):  # where epochs were trained at once, none is known
        lines = OPTIMIZERS[name].calculations(RunConfig(momentum=0), "a", 2.0, 1.0, (old,), 0.5, 2)
        assert [line.numbers for line in lines] == ["0 − 0.5 × 1", *step, "2 + (-0.5)"]
