"""The formulas as they are written: read as arithmetic, they give what the code gives."""

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from languages import speaking
from tables import table
from trials import trials

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.explain.formulas import FORMULAS, gradient_formula
from quadfit_tui.core.explain.section import in_text
from quadfit_tui.core.methods.gradients import CONVENTIONS
from quadfit_tui.core.methods.optimizers import OPTIMIZERS
from quadfit_tui.core.methods.schedules import SCHEDULES
from quadfit_tui.core.model import parabola
from quadfit_tui.core.model.problem import make_dataset
from quadfit_tui.core.model.scaling import standardization_of
from quadfit_tui.core.model.task import FitTask
from quadfit_tui.core.text.ascii import ascii_of

properties = trials(50)

MATHEMATICS = str.maketrans(
    {"·": "*", "−": "-", "²": "**2", "⁴": "**4", "^": "**", "½": "0.5", "⌊": "floor(", "⌋": ")", "π": "pi", "λ": "lam"}
)
FUNCTIONS = {
    "floor": math.floor,
    "cos": math.cos,
    "sqrt": math.sqrt,
    "pi": math.pi,
    "mean": lambda *terms: np.array([np.mean(term) for term in terms]) if len(terms) > 1 else np.mean(terms[0]),
}
finite = st.floats(-100, 100)
positive = st.floats(1e-3, 10)
samples = st.lists(st.tuples(st.floats(-3, 3), finite), min_size=1, max_size=6)
close = {"rel": 1e-9, "abs": 1e-9}


def worth(text, names):
    """The value of one side of a formula; a derivative is that of the loss or the residual, by differences."""
    derivative = re.fullmatch(r"∂(.+)/∂([abc])", text)
    if derivative:
        return slope(derivative[1], derivative[2], names)
    text = re.sub(r"∂r/∂([abc])", lambda found: repr(slope("r", found[1], names).tolist()), text)
    if "[" in text:  # arrays, which a list of numbers is not
        text = re.sub(r"(\[[^]]*\])", r"array(\1)", text)
    python = re.sub(r"mean of (\(.*\)|.*)", lambda found: f"mean({found[1].strip('()')})", text)
    python = re.sub(r"√([a-z]+'?)", r"sqrt(\1)", python).replace("'", "_").translate(MATHEMATICS)
    return eval(python, {**FUNCTIONS, "array": np.array}, names)


def slope(of, by, names):
    """The derivative by a, b or c, by a central difference, which is exact of what is quadratic in it."""
    step = 0.5
    high, low = (at({**names, by: names[by] + shift}) for shift in (step, -step))
    return (worth(of, high) - worth(of, low)) / (2 * step)


def at(names):
    """The names with what follows from a, b, c: by the program's own functions."""
    w = np.array([names["a"], names["b"], names["c"]])
    residuals = parabola.residuals(w, names["x"], names["y"])
    return {
        **names,
        "y_out": parabola.predict(w, names["x"]),
        "r": residuals,
        "loss": parabola.loss(w, names["x"], names["y"]),
    }


def sides(formula):
    """What is on each side of `=` or `←`; a remark behind a comma is left out."""
    return re.split(r" [=←] ", re.sub(r", [a-z].*", "", formula) if "mean of (" not in formula else formula)


def follow(formulas, names):
    """Works out formulas one after another; gives all values by name."""
    names = dict(names)
    for formula in formulas:
        name, *values = sides(formula)
        found = [worth(value, names) for value in values]
        assert found == [pytest.approx(found[0], **close)] * len(found)
        names[name.replace("'", "_")] = found[0]
    return names


@pytest.fixture(scope="module")
def moment():
    """Some w, some samples, and all that follows."""
    random = np.random.default_rng(7)
    a, b, c = random.normal(0, 3, 3).tolist()
    return at({"a": a, "b": b, "c": c, "x": random.uniform(-2, 2, 9), "y": random.normal(0, 5, 9), "lr": 0.3})


def code(names, convention="half"):
    """What the program calls by these names."""
    w = np.array([names["a"], names["b"], names["c"]])
    g = parabola.gradient(w, names["x"], names["y"], convention)
    new = w + [OPTIMIZERS["sgd"].rule(RunConfig())(value, (), names["lr"], 1)[0] for value in g.tolist()]
    return {**dict(zip(("g_a", "g_b", "g_c"), g.tolist(), strict=True)), "g": g, **dict(zip("abc", new, strict=True))}


@given(st.tuples(finite, finite, finite), st.lists(st.floats(-3, 3), min_size=2, max_size=6), finite)
@properties
def test_the_formulas_of_scaling_are_its_code(w, x, far):
    x = np.array(x) + far
    scale = standardization_of(x)
    if scale.deviation < 1e-2:
        return
    names = {**dict(zip("abc", w, strict=True)), "x": x, "μ": scale.mean, "σ": scale.deviation}
    found = follow([*FORMULAS["scaling"], *FORMULAS["in x"]], names)
    assert found["z"].tolist() == pytest.approx(scale.standardized(x).tolist(), **close)
    of_x = scale.to_x(np.array(w)).tolist()
    size = 1e-12 * (1 + abs(scale.mean) / scale.deviation) ** 2 * 100
    assert [found[f"{name}_x"] for name in "abc"] == pytest.approx(of_x, rel=1e-9, abs=size)


@given(st.tuples(finite, finite, finite), samples, positive)
@properties
def test_article_steps_match_code(w, points, lr):
    x, y = map(np.array, zip(*points, strict=True))
    names = {**dict(zip("abc", w, strict=True)), "x": x, "y": y, "lr": lr}
    steps = [FORMULAS[name] for name in ("model", "residual", "loss", "gradient", "descent")]
    found, true = follow([formula for step in steps for formula in step], names), {**at(names), **code(at(names))}
    size = float(np.abs(x).max() ** 4 + 1) * (max(map(abs, w)) + float(np.abs(y).max()) + 1) ** 2
    for name in ("y_out", "r", "loss", "g_a", "g_b", "g_c", "a", "b", "c"):
        assert found[name] == pytest.approx(true[name], rel=1e-9, abs=1e-12 * size)


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_the_gradient_of_a_convention(moment, convention):
    name, value = sides(gradient_formula(convention))
    assert worth(value, moment) == pytest.approx(code(moment, convention)[name], **close)


def test_the_derivation_holds_step_by_step(moment):
    steps = ("whole residual", "by the parameters", "chain", "of the loss", "of half the loss")
    for formula in (formula for step in steps for formula in FORMULAS[step]):
        first, *others = [worth(side, moment) for side in sides(formula)]
        for other in others:
            assert np.broadcast_to(other, np.shape(first)) == pytest.approx(first, **close), formula


def test_derivation_ends_at_both_gradients(moment):
    for convention, step in (("half", "of half the loss"), ("full", "of the loss")):
        found = [worth(sides(formula)[-1], moment) for formula in FORMULAS[step]]
        assert found == pytest.approx(code(moment, convention)["g"].tolist(), **close)


@table("batch", [1, 7, 16, 800])
def test_updates_in_an_epoch(batch):
    (formula,) = FORMULAS["updates"]
    config = RunConfig(batch=batch)
    problem = make_dataset(config)
    count = worth(sides(formula)[1], {"samples": len(problem.x), "batch": batch})
    assert count == FitTask(config, problem).updates_per_epoch


@given(finite, positive)
@properties
def test_formulas_of_c_alone_match_descent(c, lr):
    problem = make_dataset(RunConfig(noise=0.5, samples=50))
    of_a, of_b, best = problem.optimum.tolist()
    names = follow(FORMULAS["of c alone"], {"c": c, "c_best": best, "lr": lr})
    g = parabola.gradient(np.array([of_a, of_b, c]), problem.x, problem.y, "half")[2]
    assert names["g_c"] == pytest.approx(g, abs=1e-9)
    assert names["d"] == pytest.approx(c - lr * g - best, abs=1e-9)


@given(st.integers(0, 2), finite, positive)
@properties
def test_descent_along_eigenvector_scales_distance(which, d, lr):
    problem = make_dataset(RunConfig(noise=0.5, samples=50))
    values, directions = np.linalg.eigh(parabola.curvature(problem.x))
    w = problem.optimum + d * directions[:, which]
    w = w - lr * parabola.gradient(w, problem.x, problem.y, "half")
    names = follow(FORMULAS["along"], {"d": d, "lr": lr, "λ".translate(MATHEMATICS): float(values[which])})
    assert w == pytest.approx(problem.optimum + names["d"] * directions[:, which], abs=1e-9)


@given(st.tuples(finite, finite, finite), st.floats(-2, 2), finite, positive)
@properties
def test_single_sample_update_scales_residual(w, x, y, lr):
    w, x, y = np.array(w), np.array([x]), np.array([y])
    before = parabola.residuals(w, x, y)
    after = parabola.residuals(w - lr * parabola.gradient(w, x, y, "half"), x, y)
    names = follow(FORMULAS["of one sample"], {"x": x, "r": before, "lr": lr})
    assert names["r"] == pytest.approx(after, rel=1e-9, abs=1e-7)


CONFIGS = st.builds(
    RunConfig,
    lr=positive,
    momentum=st.floats(0, 0.99),
    rho=st.floats(0, 0.99),
    beta1=st.floats(0, 0.99),
    beta2=st.floats(0, 0.99),
    epsilon=st.floats(1e-8, 1),
    decay_every=st.integers(1, 30),
    decay_rate=st.floats(0.1, 1),
    epochs=st.integers(1, 100),
)


@pytest.mark.parametrize("name", SCHEDULES)
@given(config=CONFIGS, epoch=st.integers(0, 99))
@properties
def test_schedule_formula_gives_its_rate(name, config, epoch):
    epoch = min(epoch, config.epochs - 1)
    names = {"lr0": config.lr, "epoch": epoch, **vars(config)}
    del names["lr"]  # that is what comes out
    assert worth(SCHEDULES[name].formula, names) == pytest.approx(SCHEDULES[name].rate(config, epoch), **close)


def test_every_formula_can_be_written_in_ascii():
    formulas = [formula for group in FORMULAS.values() for formula in group]
    formulas += [text for row in OPTIMIZERS.values() for formula in row.remarked for text in formula]
    formulas += [row.formula for row in SCHEDULES.values()]
    assert [line for line in formulas if not ascii_of(line).isascii() or "#" in ascii_of(line)] == []
    assert ascii_of("∂(½·loss)/∂a ← 2^⌊x² / λ⌋ − √s") == "d(1/2*loss)/da <- 2^floor(x^2 / lambda) - sqrt s"


@table(
    ("formula", "english", "chinese"),
    [
        ("loss = mean of r²", "loss = mean of r²", "loss = 均值(r²)"),
        ("∂loss/∂b = mean of 2·r·x = 2·mean of r·x",) * 2 + ("∂loss/∂b = 均值(2·r·x) = 2·均值(r·x)",),
        ("g = 2·mean of (r·x², r·x, r)",) * 2 + ("g = 2·均值(r·x², r·x, r)",),
        ("g_a = 1, g_c = mean of r, and more",) * 2 + ("g_a = 1, g_c = 均值(r), and more",),
    ],
)
def test_mean_notation_by_language(formula, english, chinese):
    assert in_text(formula) == english
    with speaking():
        assert in_text(formula) == chinese
