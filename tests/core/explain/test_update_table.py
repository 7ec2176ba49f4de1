"""The worked update as a table: its numbers against those of the run and of NumPy, and the room that it takes."""

import re

import numpy as np
import pytest
from optimizer_cases import every_optimizer
from tables import table

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.explain.update_table import update_table
from quadfit_tui.core.session.playback import Unit
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.text.ascii import ascii_of


def record_of(config, updates=1, unit=Unit.UPDATE):
    session = RunSession(config)
    for _ in range(updates):
        session.step(unit)
        session.advance(1e9)
    return session.snapshot().record


def rows_of(record):
    """The rows of numbers by their labels; that of the gradient has none."""
    cells = re.compile(r"(.*?)((?: +-?[0-9.]+(?:e[+-][0-9]+)?){3})")
    found = filter(None, map(cells.fullmatch, update_table(record).lines))
    return {row[1].rstrip(): np.array(row[2].split(), float) for row in found}


@every_optimizer
@table("batch", [1, 16, "full"])
@table("convention", ["half", "full"])
def test_the_table_has_what_the_update_did(name, batch, convention):
    config = RunConfig(optimizer=name, batch=batch, gradient=convention, lr=0.1, init=(1, 2, 3))
    record = record_of(config, 2)
    rows = rows_of(record)
    x, y = record.batch
    residuals = np.polyval(record.before, x) - y
    gradient = np.array([np.mean(residuals * x**power) for power in (2, 1, 0)])
    assert rows["before"] == pytest.approx(record.before, rel=1e-7)
    assert rows[""] == pytest.approx((2 if convention == "full" else 1) * gradient, rel=1e-7)
    assert rows["after"] == pytest.approx(record.trained_w, rel=1e-7)
    step = rows["v ← momentum·v − lr·g" if name == "momentum" else [*rows][-2]]
    assert rows["after"] - rows["before"] == pytest.approx(step, rel=1e-6)
    if name == "momentum":
        assert [*rows] == ["before", "", "v ← momentum·v − lr·g", "after"]  # v is the step
    if name == "sgd":
        assert rows["− lr·g"] == pytest.approx(-record.lr * rows[""], rel=1e-7)


@every_optimizer
@table("batch", [1, 16, "full"])
@table("scaled", [False, True])
def test_update_fits_screen(name, batch, scaled):
    config = RunConfig(optimizer=name, batch=batch, scale_features=scaled, shuffle=True, lr=0.1)
    text = update_table(record_of(config, 3)).lines
    assert max(len(line) for line in text) <= 78
    assert len(text) + 1 <= {"sgd": 12, "adam": 16}.get(name, 13) + scaled
    assert max(len(ascii_of(line)) for line in text) <= 78


def test_first_article_update_in_full():
    section = update_table(record_of(PRESETS["article"]))
    expected = """\
Epoch 0, update 1 of 800 (update 1 of the run)
sgd with learning rate 0.5 on sample 1 of 800
sample x = -1, y = 9
y_out = -2270.166667, r = y_out − y = -2279.166667
                        a              b              c
before       -1.833333333   -131.6666667   -2400.000000
gradient g           r·x²            r·x              r
             -2279.166667    2279.166667   -2279.166667
− lr·g        1139.583333   -1139.583333    1139.583333
after         1137.750000   -1271.250000   -1260.416667
the angle between g and the gradient of all samples is 43.84°
mean loss of all 800 samples: 5785217.72 before, 1432494.728 after"""
    assert "\n".join([section.title, *section.lines]) == expected


def test_rounded_and_unscaled_w_are_shown():
    rows = rows_of(record_of(PRESETS["article-as-printed"], unit=Unit.EPOCH))
    assert rows["rounded to 2 decimals"].tolist() == np.round(rows["after"], 2).tolist()
    record = record_of(PRESETS["ill-conditioned-scaled"].replace(batch=1))
    assert rows_of(record)["the same in x"] == pytest.approx(record.w, rel=1e-7)
    assert update_table(record).lines[1] == "sample x = -50, z = -1.729887096, y = 5203"
    assert [line.split() for line in update_table(record).lines if "r·z²" in line] == [
        ["gradient", "g", "r·z²", "r·z", "r"]
    ]
