"""The table of presets."""

import numpy as np
import pytest
from tables import table

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import (
    BARE,
    DEFAULT,
    PRESETS,
    SUMMARIES,
    preset_for,
    preset_name,
    scene_name,
    with_own_data,
)
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.training.status import Status

CHANGES = {
    "article": {},
    "article-as-printed": {"stop_on": "last-update", "round_epochs": 2},
    "article-minibatch": {"batch": 16, "shuffle": True, "stop_on": "never"},
    "article-alternative": {"init": (-1, 10, 26)},
    "full-batch": {"batch": "full"},
}


@pytest.fixture
def played():
    def played(config):
        session = RunSession(config, speed=None)
        session.play()
        while not session.status.ended:
            session.advance(1.0)
        return session.snapshot()

    return played


@table("name", CHANGES)
def test_article_s_presets_are_its_runs(name):
    assert PRESETS[name] == RunConfig(**CHANGES[name])


def test_presets_of_the_design_are_there():
    assert set(PRESETS) >= {
        *CHANGES,
        BARE,
        "momentum",
        "adam",
        "too-fast",
        "noisy",
        "ill-conditioned",
        "ill-conditioned-scaled",
        "own-data",
    }
    assert (PRESETS["ill-conditioned"].x_min, PRESETS["ill-conditioned"].x_max) == (-50, 50)
    assert PRESETS["noisy"].noise > 0
    assert DEFAULT == "article"
    assert PRESETS[DEFAULT] == RunConfig()


@table("name", list(PRESETS))
def test_presets_are_unique_and_summarized(name):
    assert SUMMARIES[name]
    assert "\n" not in SUMMARIES[name]
    assert [other for other, config in PRESETS.items() if config == PRESETS[name]] == [name]
    assert preset_name(PRESETS[name].replace()) == name


@table("name", list(PRESETS))
def test_unused_parameters_keep_preset_name(name):
    config = PRESETS[name]
    assert config.unused
    others = {"decay_every": 3, "columns": "time,height", "encoding": "latin-1", "skip": 2}
    assert preset_name(config.replace(**{unused: others.get(unused, 0.125) for unused in config.unused})) == name


@table(("lr", "epochs"), [(0.05, 413), (0.1, 205), (0.2, 101), (0.4, 49), (0.5, 153)])
def test_playground_epochs_by_learning_rate(played, lr, epochs):
    end = played(PRESETS[BARE].replace(lr=lr))
    assert (end.status, end.epoch) == (Status.CONVERGED, epochs)
    assert np.abs(end.w - [2, 1, -3]).max() < 0.01


def test_article_and_playground_come_first():
    assert list(PRESETS)[:2] == [DEFAULT, BARE] == ["article", "playground"]


@table("name", list(PRESETS))
def test_scene_name_is_preset_until_changed(name):
    assert scene_name(PRESETS[name]) == name
    assert scene_name(PRESETS[name].replace(seed=77, lr=0.123)) == "custom"


def test_scene_of_own_data_is_custom():
    assert scene_name(PRESETS["own-data"].replace(data="samples.csv")) == "custom"


def test_momentum_converges_where_sgd_does_not(played):
    assert f"converges in {played(PRESETS['momentum']).epoch} epochs" in SUMMARIES["momentum"]
    assert played(PRESETS["momentum"]).status is Status.CONVERGED
    assert played(PRESETS["momentum"].replace(optimizer="sgd")).status is Status.FINISHED


def test_scaling_converges_where_unscaled_does_not(played):
    scaled, plain = PRESETS["ill-conditioned-scaled"], PRESETS["ill-conditioned"]
    end, other = played(scaled), played(plain)
    assert end.status is Status.CONVERGED
    assert f"learning rate of {scaled.lr:g}: converges in {end.epoch} epochs" in SUMMARIES["ill-conditioned-scaled"]
    assert other.status is Status.FINISHED
    assert (end.problem.source, end.config.init) == (other.problem.source, plain.init)
    assert end.w.tolist() == pytest.approx([2, -4, 3], abs=0.01)


SHAPES = {
    "evenly": np.linspace(150, 197, 60),
    "three": [1e9, 1e9 - 1, 1e9 - 2],
    "normal": np.random.default_rng(1).normal(1e6, 10, 200),
    "exponential": np.random.default_rng(2).exponential(1e-3, 200),
    "lognormal": np.random.default_rng(3).lognormal(0, 1, 100),
    "powers": 2.0 ** np.arange(12),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", [1e-6, 1e12])
def test_own_data_reaches_optimum_in_any_units(played, tmp_path, shape, size):
    x = np.array(SHAPES[shape])
    z = (x - x.mean()) / x.std()
    y = size * (0.5 * z * z - 0.3 * z + 0.2 + 0.01 * np.random.default_rng(4).normal(size=len(x)))
    y = np.clip(y, -1e12, 1e12)
    (tmp_path / "own.csv").write_text("\n".join(f"{p!r} {q!r}" for p, q in zip(x.tolist(), y.tolist(), strict=True)))
    end = played(PRESETS["own-data"].replace(data=str(tmp_path / "own.csv")))
    assert np.polyval(end.trained_w, z) == pytest.approx(np.polyval(np.polyfit(z, y, 2), z), abs=1e-4 * size)


def test_loading_data_applies_own_data_preset():
    """But what was chosen along with the file stays as chosen."""
    before, own = PRESETS["too-fast"], PRESETS["own-data"]
    assert with_own_data(before.replace(data="a.csv"), before) == own.replace(data="a.csv")
    chosen = before.replace(data="a.csv", lr=0.2, epochs=7, seed=3)
    assert with_own_data(chosen, before) == own.replace(data="a.csv", lr=0.2, epochs=7, seed=3)
    another = chosen.replace(data="b.csv", init=(1, 2, 3))
    assert with_own_data(another, chosen) == another
    assert with_own_data(another.replace(data=" b.csv "), chosen) == another.replace(data="b.csv")  # typed so
    blank = another.replace(data=" b.csv")  # as a command line has named it
    assert with_own_data(blank, blank) == blank
    assert with_own_data(before.replace(lr=0.1), before).lr == 0.1


def test_own_data_preset_keeps_file():
    of_file = {"data": "a.csv", "columns": "t,s", "encoding": "latin-1"}
    running = RunConfig(**of_file, lr=0.1)
    assert preset_for("own-data", running) == PRESETS["own-data"].replace(**of_file)
    assert preset_name(preset_for("own-data", running)) == "own-data"
    assert preset_for("article", running) == RunConfig()


def test_adam_converges_where_sgd_diverges(played):
    assert played(PRESETS["adam"]).status is Status.CONVERGED
    assert played(PRESETS["adam"].replace(optimizer="sgd")).status is Status.DIVERGED


def test_what_is_no_preset_matches_none():
    assert preset_name(RunConfig(lr=0.123)) is None
    assert list(SUMMARIES) == list(PRESETS)
