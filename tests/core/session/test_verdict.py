"""How the end of a run is put into words."""

import math
import re

import numpy as np
import pytest
from session_driver import with_mean_loss
from tables import table

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.export.run_speech import outcome
from quadfit_tui.core.model.task import make_task
from quadfit_tui.core.session.closeness import Closeness, closeness, is_far, is_good
from quadfit_tui.core.session.playback import Unit
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.session.verdict import brief_verdict, got_worse, heading, verdict
from quadfit_tui.core.training.status import Status


def ended(config):
    session = RunSession(config, speed=None)
    session.play()
    while not session.status.ended:
        session.advance(1.0)
    return session.snapshot()


@table(
    ("config", "words"),
    [
        (
            RunConfig(samples=10, init=(2, -4, 3)),
            "converged after 1 epoch: the mean loss of all 10 samples, 0, is below tol 1e-05.",
        ),
        (
            RunConfig(samples=1, init="2,-4,3"),
            "converged after 1 epoch: the loss of the single sample, 0, is below tol 1e-05.",
        ),
        (
            RunConfig(samples=10, init=(2, -4, 3), stop_on="last-update"),
            "stopped after 1 epoch: the loss of the last update, 0, is below tol 1e-05; "
            "so is the mean loss of all 10 samples, 0.",
        ),
        (
            RunConfig(samples=10, init=(2, -4, 3), stop_on="never", epochs=1),
            "finished: the only epoch is done; the mean loss of all 10 samples is 0.",
        ),
        (
            RunConfig(samples=10, init=(2, -4, 3), stop_on="never", epochs=2),
            "finished: all 2 epochs are done; the mean loss of all 10 samples is 0.",
        ),
        (
            PRESETS["full-batch"],
            "finished: all 100 epochs are done; the mean loss of all 800 samples, 1.144e+04, is still above tol 1e-05.",
        ),
    ],
)
def test_end_is_told_in_a_sentence(config, words):
    assert verdict(ended(config)) == words


def test_heading_is_the_state_in_a_word():
    session = RunSession(RunConfig())
    assert heading(session.snapshot()) == "READY"
    session.play()
    assert heading(session.snapshot()) == "RUNNING"
    session.pause()
    assert heading(session.snapshot(), 1.0) == "PAUSED"
    assert heading(ended(RunConfig()), 0.6) == "CONVERGED"
    assert heading(ended(PRESETS["full-batch"])) == "FINISHED"
    assert heading(ended(PRESETS["article-as-printed"])) == "STOPPED"
    assert heading(ended(PRESETS["playground"].replace(lr=2.0)), 0.51) == "DIVERGED"


def test_heading_of_diverging_run():
    session = RunSession(PRESETS["playground"].replace(lr=1.0, epochs=2))
    start = session.snapshot().mean_loss
    assert heading(session.snapshot(), 0.51) == "READY"
    losses = []
    for _ in range(2):
        session.step(Unit.EPOCH)
        session.advance(1.0)
        losses.append(session.snapshot().mean_loss)
        assert heading(session.snapshot(), 0.51) == "DIVERGING"
        assert heading(session.snapshot()) != "DIVERGING"  # where no limit is known, nothing is said of it
        assert heading(session.snapshot(), 1.0) != "DIVERGING"
    assert start < losses[0] < losses[1] < 1000 * start
    assert session.status is Status.FINISHED
    session.seek(0)
    session.advance(1.0)
    assert heading(session.snapshot(), 0.51) == "PAUSED"


def test_printed_run_stopped_on_rounded_loss():
    assert verdict(ended(PRESETS["article-as-printed"])) == (
        "stopped after 2 epochs: the loss of the last update, 0 when rounded to 2 decimals, is below tol 1e-05. "
        "However, the mean loss of all 800 samples, 3.86e+05, is not: "
        "w (328.47, -689.39, 361.86) is far from the optimum (2, -4, 3)."
    )


@pytest.mark.parametrize(
    ("d", "words"), [(0.1, "is close to, but not at, the optimum"), (1.0, "is far from the optimum")]
)
def test_near_is_not_called_far(d, words):
    # True and fitted parabola cross at x = 1, next to the last sample: its loss is small, the others' is not.
    config = RunConfig(init=(2, -4 + d, 3 - d), lr=1e-9, stop_on="last-update", tol=1e-3)
    end = ended(config)
    assert end.loss < config.tol < end.mean_loss
    assert words in verdict(end)


def test_noise_at_optimum_counts_as_close():
    # The mean loss stays at the noise's variance, 250 times tol, at the very optimum.
    config = RunConfig(noise=0.5, init=(2, -4, 3), lr=0.01, schedule="constant", stop_on="last-update", tol=1e-3)
    end = ended(config.replace(shuffle=True, epochs=1000))
    assert end.mean_loss > 100 * config.tol
    assert "close to, but not at, the optimum" in verdict(end)


def least(config):
    x, y = RunSession(config).snapshot().problem.x, RunSession(config).snapshot().problem.y
    return float(np.mean((np.polyval(np.polyfit(x, y, 2), x) - y) ** 2))


@table(
    ("fits", "away", "part", "where"),
    [
        # Of samples that a parabola fits, parts of the variance of y.
        *[
            (True, 0.099, 0.0, Closeness.CLOSE),
            (True, 0.0, 0.0099, Closeness.CLOSE),
            (True, 0.0, 0.0101, Closeness.AWAY),
        ],
        *[
            (True, 0.101, 0.0, Closeness.AWAY),
            (True, 0.101, 0.099, Closeness.AWAY),
            (True, 0.101, 0.101, Closeness.FAR),
        ],
        # Of little but noise, of the least mean loss.
        *[(False, 0.0, 1.09, Closeness.CLOSE), (False, 0.0, 1.11, Closeness.AWAY)],
        *[(False, 0.2, 9.9, Closeness.AWAY), (False, 0.2, 10.1, Closeness.FAR)],
    ],
)
def test_each_measure_of_closeness_has_its_bound(fits, away, part, where):
    task = make_task(RunConfig() if fits else RunConfig(true=(0, 0, 9), noise=1))
    x, y = task.problem.x, task.problem.y
    best = np.polyfit(x, y, 2)
    whole = np.var(y) if fits else np.mean((np.polyval(best, x) - y) ** 2)
    assert closeness(task, (1 + away) * best, part * float(whole)) is where


def test_is_far_and_is_good_thresholds():
    for least, tol in ((1, 0.5), (0.5, 1)):
        assert [is_far(loss, least, tol) for loss in (9.9, 10.1)] == [False, True]
    assert [is_good(loss, 1, 0) for loss in (1.09, 1.11)] == [True, False]
    assert [is_good(loss, 0, 1) for loss in (0.99, 1)] == [True, False]


def test_overflow_counts_as_got_worse():
    end = ended(PRESETS["noisy"])
    said = [got_worse(with_mean_loss(end, loss)) for loss in (math.nan, math.inf, end.task.loss_at_start)]
    assert said == [True, True, False]


def test_at_and_near_optimum_thresholds():
    end = ended(PRESETS["noisy"])
    said = [verdict(with_mean_loss(end, part * end.problem.least)) for part in (1.0009, 1.0011, 1.09, 1.11)]
    assert [words.partition(" the optimum")[0] for words in said[:3]] == ["at", "near", "near"]
    assert said[3].startswith("finished: all 100 epochs are done; the mean loss of all 800 samples, ")


@pytest.mark.parametrize("stop_on", ["dataset", "never"])
def test_noisy_run_ends_at_optimum(stop_on):
    config = PRESETS["noisy"].replace(stop_on=stop_on)
    end = ended(config)
    said = f"at the optimum: with this noise the mean loss cannot go below {least(config):.4g}."
    assert (end.status, verdict(end), brief_verdict(end)) == (Status.FINISHED, said, said)


def test_file_without_exact_fit_names_floor(tmp_path):
    (tmp_path / "own.csv").write_text("0 1\n1 2\n2 4\n3 9\n4 9\n")
    config = PRESETS["own-data"].replace(data=str(tmp_path / "own.csv"))
    said = f"at the optimum: with these samples the mean loss cannot go below {least(config):.4g}."
    assert verdict(ended(config)) == said
    early = ended(config.replace(epochs=24))
    assert 1.001 < early.mean_loss / least(config) < 1.1
    assert verdict(early) == (
        f"near the optimum: the mean loss is {early.mean_loss:.4g}; "
        f"with these samples it cannot go below {least(config):.4g}."
    )
    assert brief_verdict(early) == f"near{said.removeprefix('at')}"
    assert verdict(ended(config.replace(epochs=5))).startswith("finished: all 5 epochs are done")


@pytest.mark.parametrize(
    "changes",
    [
        {"noise": 0.0, "init": (2, -4, 3)},  # nothing keeps it from 0 but rounding
        {"tol": 0.26, "stop_on": "dataset", "init": (20, -4, 3), "epochs": 1},
        {"init": (20, -4, 3), "epochs": 1},
    ],
    ids=str,
)
def test_above_least_loss_is_not_at_optimum(changes):
    said = verdict(ended(PRESETS["noisy"].replace(**{"stop_on": "never"} | changes)))
    assert "at the optimum" not in said
    assert "cannot go below" not in said


def test_unmet_last_update_rule_names_its_loss():
    config = RunConfig(samples=10, stop_on="last-update", epochs=1)
    end = ended(config)
    assert verdict(end).endswith(f"the loss of the last update, {end.loss:.4g}, is still above tol 1e-05.")


def test_divergence_is_told_with_where():
    end = ended(PRESETS["too-fast"])
    words = verdict(end)
    assert words.startswith(f"diverged in epoch {end.epoch}, after {end.updates} updates: ")
    assert "beyond the range of a 64-bit float); the last w before that is (" in words
    assert len(words.splitlines()) == 1


def test_finite_increase_is_reported():
    end = ended(PRESETS["playground"].replace(lr=1.0, epochs=2))
    start = end.task.loss_at_start
    assert start < end.mean_loss < 1000 * start
    assert f"It was lower at the start: {start:.4g}." in verdict(end)
    assert brief_verdict(end) == f"finished all 2 epochs; the mean loss was lower at the start: {start:.4g}."


def test_thousandfold_increase_is_divergence():
    end = ended(PRESETS["article"].replace(lr=1.1))
    assert (end.status, end.overflowed, end.epoch) == (Status.DIVERGED, False, 100)
    assert heading(end) == "DIVERGED"
    assert verdict(end) == (
        f"diverged: all 100 epochs are done, and the mean loss of all 800 samples, {end.mean_loss:.4g}, is more than "
        "1,000 times that of the start, 5.785e+06."
    )
    assert brief_verdict(end) == "diverged: the mean loss is more than 1,000 times that of the start."


def test_noise_drift_is_no_divergence():
    words = verdict(ended(RunConfig(noise=0.5, init=(2, -4, 3), lr=0.1, schedule="constant", epochs=3)))
    assert "It was lower at the start" in words
    assert "diverge" not in words


def test_unfinished_run_has_no_verdict():
    session = RunSession(RunConfig())
    assert verdict(session.snapshot()) == ""
    session.play()
    assert verdict(session.snapshot()) == ""
    session.pause()
    assert verdict(session.snapshot()) == ""


def test_unmoved_run_is_far_whatever_tol():
    end = ended(RunConfig(init=(0, 0, 0), lr=1e-6, stop_on="last-update", tol=1.5))
    assert end.loss < 1.5 < end.mean_loss
    assert "is far from the optimum (2, -4, 3)" in verdict(end)


@pytest.mark.parametrize(
    ("w", "expected"),
    [
        ((2, -4, 1000.2), Closeness.CLOSE),
        ((2, -4, 1020), Closeness.AWAY),  # w is near, but 400 of mean loss is 70 times the variance of y
        ((2, -4, 1200), Closeness.FAR),
    ],
)
def test_close_needs_w_and_fit(w, expected):
    task = make_task(RunConfig(true=(2, -4, 1000)))
    x, y = task.problem.x, task.problem.y
    assert closeness(task, np.array(w), float(np.mean((np.polyval(w, x) - y) ** 2))) is expected


@pytest.mark.parametrize(("above", "words"), [(0, "not below tol"), (1, "still above tol")])
def test_loss_equal_to_tol_wording(above, words):
    config = RunConfig(init=(2, -4, 5), lr=1e-9, epochs=1)
    at_tol = ended(config).mean_loss
    for _ in range(above):
        at_tol = math.nextafter(at_tol, 0)
    end = ended(config.replace(tol=at_tol))
    said, tol = re.search(r", ([\d.]+), is .* tol ([\d.]+)\.", verdict(end)).groups()
    assert (float(said) > float(tol)) is bool(above)
    assert f"is {words} " in verdict(end)
    assert f"mean loss {words} " in brief_verdict(end)
    assert words in " ".join(outcome(end))
    assert "0, is not below tol 0." in verdict(ended(RunConfig(init=(2, -4, 3), tol=0, epochs=1)))
