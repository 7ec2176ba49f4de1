"""A small share of the random configurations; python -m tests.soak.sentences checks as many as there is time for."""

import numpy as np
import pytest
from soak.sentences.cases import case, command
from soak.sentences.checking import findings, hurried
from soak.sentences.exact import Exact, log_radius, many_digits
from soak.sentences.places.of_rate import RATE
from soak.sentences.rules import Planted, Table
from soak.sentences.told import expect_near
from trials import FOR_RELEASE, SEED

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.model.task import make_task

pytestmark = pytest.mark.timeout(1800)

COUNT = 300 if FOR_RELEASE else 50
SHORT = {"most_samples": 10, "most_epochs": 30}


def checked(seed, index):
    config = case(seed, index, **SHORT)
    with hurried(0.01):
        found, _ = findings(config, np.random.default_rng([seed, index, 1]), advises=False)
    return config, found


def test_every_sentence_about_random_configurations_is_true():
    for index in range(COUNT):
        config, found = checked(SEED, index)
        wrong = [each for each in found if each.verdict in ("false", "unknown")]
        assert not wrong, f"seed {SEED}, number {index}: {command(config)}"
        assert len(found) > 10


def test_falsehoods_that_are_planted_are_found(monkeypatch):
    planted = Planted()
    monkeypatch.setattr(Table, "planted", planted)
    for index in range(4):
        checked(1, index)
    places = {place for place, _, _ in planted.caught}
    assert places >= {"rate", "grounds", "page: epochs", "page: condition", "verdict"}
    assert planted.missed.total() < 0.05 * planted.caught.total(), planted.missed


def test_unknown_sentence_is_reported():
    (found,) = RATE.read("something new", None)
    assert found.verdict == "unknown"


@pytest.mark.parametrize(
    ("text", "value", "so"), [("0.5", 0.50004, True), ("0.5", 0.5001, False), ("347000", 346734, True)]
)
def test_numbers_must_match_rounded_value(text, value, so):
    if so:
        expect_near(text, value, 3 if len(text) > 4 else 4)
    else:
        with pytest.raises(Exception, match=r"it is 0\.5001"):
            expect_near(text, value)


def test_arithmetic_of_many_digits_agrees_with_doubles():
    task = make_task(RunConfig(samples=12, noise=0.3, optimizer="nesterov", momentum=0.4, batch=3, lr=0.1))
    x, y = task.problem.x, task.problem.y
    with many_digits():
        exact = Exact(task)
        linear = exact.epoch(0.1)[0]
        values = np.linalg.eigvals(linear.astype(np.float64))
        assert float(log_radius(linear).exp()) == pytest.approx(np.abs(values).max(), rel=1e-9)
        best = [float(value) for value in exact.optimum]
        assert best == pytest.approx(np.polyfit(x, y, 2), rel=1e-12)
        assert float(exact.least) == pytest.approx(np.mean((np.polyval(best, x) - y) ** 2), rel=1e-12)
        settled = exact.settled(0.1)
        again = exact.after(0.1, 10**6)
        assert [float(value) for value in again] == pytest.approx([float(value) for value in settled], rel=1e-12)
