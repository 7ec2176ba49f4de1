"""The page *How it works*: nothing on it but what is tested to be the code's, and what was computed."""

import re
from unittest.mock import ANY

import numpy as np
import pytest
from documents import MANUAL

from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.diagnosis.stability import LimitBasis, limit
from quadfit_tui.core.explain.formulas import FORMULAS, gradient_formula
from quadfit_tui.core.methods.gradients import CONVENTIONS
from quadfit_tui.core.methods.optimizers import OPTIMIZERS
from quadfit_tui.core.methods.schedules import SCHEDULES
from quadfit_tui.core.methods.stopping import STOP_RULES
from quadfit_tui.core.model.problem import make_dataset
from quadfit_tui.core.model.task import FitTask
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.session.verdict import verdict
from quadfit_tui.core.text.sentences import capitalized
from quadfit_tui.core.training.status import Status

# The article's data, as reference/article.md has it: eigenvalues of its curvature, largest first.
CURVATURES = [1.12068747, 0.33333333, 0.07931565]


PAGE = MANUAL["how-it-works"]
TEXT = " ".join(re.sub(r"`|\*(?=\w+\*:)|(?<=\w)\*(?=:)", "", PAGE).split())
# Rows of tables, each with its first cell and what is said of it; formulas without words stand in blocks of code.
ROWS = re.findall(r"^\| `(.+?)` \| ?(.*?) ?\|$", PAGE, re.MULTILINE)
ALONE = "\n".join(re.findall(r"^```\n(.+?)\n```$", PAGE, re.MULTILINE | re.DOTALL)).splitlines()


def run(config):
    session = RunSession(config, speed=None)
    session.play()
    while not session.status.ended:
        session.advance(1)
    return session.snapshot()


def test_all_page_formulas_are_tested():
    tested = {formula for group in FORMULAS.values() for formula in group}
    tested |= {", ".join(filter(None, formula)) for row in OPTIMIZERS.values() for formula in row.remarked}
    tested |= {f"{name}: {gradient_formula(name)}" for name in CONVENTIONS}
    tested |= {f"lr = {row.formula}" for row in SCHEDULES.values()}
    rates = [words.strip("`") for _, words in ROWS if words.startswith("`")]
    shown = {formula for formula in (*dict(ROWS), *ALONE, *rates) if re.search("[=←]", formula)}
    numbers = {formula for formula in shown if re.fullmatch(r"(lr|λ|batch) = (\d+(\.\d+)?|full)", formula)}
    assert shown - numbers == tested


def test_every_choice_is_told():
    assert [name for name in STOP_RULES if not dict(ROWS).get(name)] == []
    assert [name for name in CONVENTIONS if not dict(ROWS).get(f"{name}: {gradient_formula(name)}")] == []
    for name, row in OPTIMIZERS.items():
        told = next(" ".join(part.split()) for part in PAGE.split("\n\n") if part.startswith(f"`{name}`: "))
        remembered = f"It remembers {' and '.join(row.memory)}, starting at 0."
        assert told.endswith(remembered) if row.memory else "It remembers" not in told
    for name, row in SCHEDULES.items():
        assert [words for each, words in ROWS if each == name] == [ANY, f"`lr = {row.formula}`"]


def test_five_steps_precede_announced_sections():
    titles = re.findall("^## (.+)$", PAGE, re.MULTILINE)
    assert [title.partition(":")[0] for title in titles[1:6]] == [f"Step {number}" for number in range(1, 6)]
    later = "; ".join(title[0].lower() + title[1:] for title in titles[6:])
    assert f"First come the five steps of the article, then: {later}." in TEXT


# Its numbers


def test_what_is_said_of_the_samples():
    assert "has 800 samples with x from −1 to 0.9975 and y = 2·x² − 4·x + 3." in TEXT


def test_what_is_said_of_batches():
    said = {formula: words.partition(" update")[0] for formula, words in ROWS if formula.startswith("batch = ")}
    assert said == {"batch = 1": "800", "batch = 16": "50", "batch = full": "1"}


def test_what_is_said_of_the_schedule():
    assert "has epochs 0 to 8 at 0.5, epochs 9 to 18 at 0.25, epochs 19 to 28 at 0.125, and so on" in TEXT


def test_what_is_said_of_c_alone():
    """A parabola with the right a and b, all samples, at the rates of the table: c and nothing else moves."""
    said = {formula: words for formula, words in ROWS if re.fullmatch(r"lr = [\d.]+", formula)}
    assert len(said) == 5
    for formula, words in said.items():
        rate, distance = float(formula.removeprefix("lr = ")), 8.0
        mean_residual = distance  # of c − c_best, for each sample
        left = (distance - rate * mean_residual) / distance
        if left == 0:
            assert words == "there at once"
            continue
        assert ("other side" in words) == (left < 0)
        assert ("forever" in words) == (abs(left) >= 1)
        assert words.startswith("as far away" if abs(left) == 1 else f"{abs(left):g} of the distance")


def test_what_is_said_of_the_curvatures():
    said = [(formula, words) for formula, words in ROWS if formula.startswith("λ = ")]
    assert [float(formula.removeprefix("λ = ")) for formula, _ in said] == pytest.approx(CURVATURES, abs=5e-5)
    for (_, words), value in zip(said, CURVATURES, strict=True):
        limit, sum_, left = re.fullmatch(r"lr below ([\d.]+) +(1 − 0\.5·[\d.]+) = ([\d.]+)", words).groups()
        assert 0.99 * 2 / value < float(limit) <= 2 / value + 1e-6
        assert eval(sum_.replace("−", "-").replace("·", "*")) == pytest.approx(float(left), abs=1e-4)
        assert float(left) == pytest.approx(1 - 0.5 * value, abs=5e-5)
    assert f"here {CURVATURES[0] / CURVATURES[2]:.4g}, is the condition number" in TEXT


@pytest.mark.parametrize(("convention", "factor"), [("half", 1), ("full", 2)])
def test_descent_converges_at_limit_not_above(convention, factor):
    held = float(re.search(r"at lr = ([\d.]+) descent on all samples still gets closer", TEXT)[1])
    assert f"gradient = {convention}" in TEXT or convention == "half"
    config = PRESETS["full-batch"].replace(gradient=convention, schedule="constant", epochs=4000, stop_on="never")
    losses = [run(config.replace(lr=lr)).mean_loss for lr in (held / factor, 1.01 * 2 / CURVATURES[0] / factor)]
    start = run(config.replace(lr=1e-9, epochs=1)).mean_loss
    assert losses[0] < 1e-9 < start < losses[1]


def test_what_is_said_of_scaled_features():
    x = np.array([-50 + i / 8 for i in range(800)])
    z = (x - np.mean(x)) / np.std(x)
    columns = [np.stack([values**2, values, values**0], axis=1) for values in (x, z)]
    before, after = (np.linalg.cond(each) ** 2 for each in columns)
    assert f"the condition number is {before:.4g}, in z {after:.4g};" in TEXT
    found = re.search(r"gets closer up to lr = (\S+), in z up to (\S+) \(the preset ill-conditioned-scaled\)", TEXT)
    for said, each in zip(found.groups(), columns, strict=True):
        exact = 2 / np.linalg.eigvalsh(each.T @ each / 800)[-1]
        assert 0.99 * exact < float(said) <= exact


def test_what_is_said_of_single_samples():
    x, bracket, rate = re.search(r"here (−?[\d.]+): ([\d.]+)\. So up to lr = ([\d.]+) ", TEXT).groups()
    problem = make_dataset(PRESETS["article"])
    brackets = problem.x**4 + problem.x**2 + 1
    assert float(x.replace("−", "-")) == problem.x[brackets.argmax()]
    assert float(bracket) == brackets.max()
    assert np.abs(1 - float(rate) * brackets).max() <= 1 < np.abs(1 - (float(rate) + 0.001) * brackets).max()
    safe = limit(FitTask(PRESETS["article"].replace(shuffle=True), problem))
    assert safe.basis is LimitBasis.SAFE
    assert 0.998 * safe.rate < float(rate) <= safe.rate
    assert f"At lr = {PRESETS['too-fast'].lr:g} the article's run diverges" in TEXT
    assert run(PRESETS["too-fast"]).status is Status.DIVERGED


def test_what_is_said_of_the_two_conventions():
    for optimizer in ("sgd", "momentum", "nesterov"):
        half = PRESETS["article-minibatch"].replace(optimizer=optimizer, lr=0.125, epochs=3)
        assert run(half).w.tolist() == run(half.replace(gradient="full", lr=0.0625)).w.tolist()
    for optimizer in ("adagrad", "rmsprop", "adam"):
        half = PRESETS["article-minibatch"].replace(optimizer=optimizer, lr=0.125, epochs=3)
        assert run(half).w == pytest.approx(run(half.replace(gradient="full")).w, rel=1e-6)


def test_what_is_said_of_the_trap():
    assert "a loss below 0.005 becomes 0, and 0 is below tol, 1e-05" in TEXT
    assert "says little about the other 799" in TEXT
    for preset in ("article-as-printed", "article"):
        assert capitalized(verdict(run(PRESETS[preset]))) in TEXT
    # The figures are article.md's.
    assert "Stopped after 2 epochs: the loss of the last update, 0 when rounded to 2 decimals, is below tol" in TEXT
    assert "3.86e+05, is not: w (328.47, -689.39, 361.86) is far from the optimum (2, -4, 3)." in TEXT
    assert "Converged after 25 epochs: the mean loss of all 800 samples" in TEXT
