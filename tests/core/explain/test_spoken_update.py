"""An update in sentences: its numbers are those of the worked update, and each line can be heard."""

import math
import re

import numpy as np
import pytest
from optimizer_cases import every_optimizer
from spoken_numbers import heard
from tables import table

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.explain.spoken_update import spoken_update
from quadfit_tui.core.session.session import RunSession


def record_of(config, epoch, update=0):
    session = RunSession(config, speed=None)
    session.seek(epoch, update)
    while session.is_busy:
        session.advance(1.0)
    return session.snapshot().record


def test_the_first_update_of_the_article():
    # x = -1, y = 2 + 4 + 3, y_out = -11/6 + 395/3 - 2400 = -2270.17, r = -2279.17, w - 0.5 g.
    assert spoken_update(record_of(RunConfig(), 0, 1)) == [
        "Epoch 0, update 1 of 800.",
        "sgd on sample 1 of 800.",
        "x minus 1, y 9.",
        "The parabola gives minus 2270, the residual is minus 2280.",
        "Loss 5.19 million, the residual squared.",
        "Gradient: a minus 2280, b 2280, c minus 2280.",
        "Gradient of all samples: a minus 802, b minus 39.5, c minus 2400.",
        "The angle between them is 43.8 degrees.",
        "Each changes by minus 0.5 times its gradient.",
        "a goes from minus 1.83 to 1140.",
        "b goes from minus 132 to minus 1270.",
        "c goes from minus 2400 to minus 1260.",
        "Mean loss of all samples: 5.79 million before, 1.43 million after.",
    ]


def test_memory_of_the_optimizer_is_said():
    # v = 0.9·v − lr·g: of the first update −lr·g, of the second, with g at w = w0 + v.
    config = RunConfig(
        optimizer="momentum", momentum=0.9, batch="full", samples=5, true=(1, 0, 0), init=(0, 0, 0), lr=0.1
    )
    x = record_of(config, 0, 1).task.problem.x
    w, v = np.zeros(3), np.zeros(3)
    for epoch in range(2):
        r = np.polyval(w, x) - x * x
        v = 0.9 * v - 0.1 * np.array([np.mean(r * x**power) for power in (2, 1, 0)])
        w += v
        line = next(line for line in spoken_update(record_of(config, epoch, 1)) if line.startswith("v of"))
        assert heard(line) == pytest.approx(v, rel=6e-3, abs=1e-3)


@every_optimizer
@table(("batch", "update"), [(1, 3), (16, 3), ("full", 1)])
@table("scaled", [False, True])
def test_its_numbers_are_those_of_the_update(name, batch, update, scaled):
    config = RunConfig(optimizer=name, batch=batch, scale_features=scaled, samples=80, noise=0.3, x_max=1.5, lr=0.05)
    record = record_of(config, 2, update)
    lines, everything = spoken_update(record), record.task.problem
    text = " ".join(lines)

    def after(words, count):
        return pytest.approx(heard(text.split(words, 1)[1])[:count], rel=6e-3)

    def loss_and_gradient(x, y, w):
        z = (x - np.mean(everything.x)) / np.std(everything.x) if scaled else x
        r = np.polyval(w, z) - y
        return np.mean(r * r), [np.mean(r * z**power) for power in (2, 1, 0)], z, r

    loss, gradient, z, r = loss_and_gradient(*record.batch, record.before)
    before, whole, *_ = loss_and_gradient(everything.x, everything.y, record.before)
    later = loss_and_gradient(everything.x, everything.y, record.trained_w)[0]
    assert ("x is scaled to z: a, b and c are here those of z." in lines) is scaled
    assert heard(lines[0]) == [2, update, record.task.updates_per_epoch]
    assert [loss] == after("Loss ", 1)
    assert gradient == after("Gradient: ", 3)
    assert [record.lr] == after("changes by minus " if name == "sgd" else "Learning rate ", 1)
    assert [before, later] == after("Mean loss of all samples: ", 2)
    for parameter, value in zip("abc", record.trained_w.tolist(), strict=True):
        (changed,) = (line for line in lines if re.match(rf"{parameter} (?:goes|becomes|stays)", line))
        assert heard(changed)[-1] == pytest.approx(value, rel=6e-3)
    if batch == 1:
        assert [z[0], record.batch[1][0]] == after(" z " if scaled else " x ", 2)
        assert [r[0] + record.batch[1][0], r[0]] == after("The parabola gives ", 2)
    if batch != "full":
        cosine = np.dot(gradient, whole) / np.linalg.norm(gradient) / np.linalg.norm(whole)
        assert whole == after("Gradient of all samples: ", 3)
        assert [math.degrees(math.acos(cosine))] == after("The angle between them is ", 1)


def test_small_changes_and_rounding_are_spoken():
    lines = spoken_update(record_of(PRESETS["article-as-printed"], 2))
    assert "a goes up by 0.0275 to 328." in lines  # from 328.4425265 to 328.47
    assert "They are rounded to 2 decimals." in lines
    still = spoken_update(record_of(RunConfig(init=(2, -4, 3), stop_on="never"), 0, 1))
    assert "a stays 2.00." in still


@table("name", PRESETS)
@table("changes", [{}, {"scale_features": True, "gradient": "full", "lr": 1.7}], ids=["", "scaled"])
def test_every_line_can_be_heard(name, changes):
    for epoch in (1, 5):
        for line in spoken_update(record_of(PRESETS[name].replace(**changes), epoch)):
            assert len(line) <= 78
            assert line.isascii()
            assert line.endswith(".")
            assert ". " not in line
            assert not re.search(r"\d[eE][+-]?\d|(?<!\w)-[\d.]", line)
