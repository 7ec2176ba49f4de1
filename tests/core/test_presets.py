"""The table of presets."""

import pytest

from quadfit_tui.core.config import RunConfig
from quadfit_tui.core.presets import DEFAULT, PRESETS, SUMMARIES, matching

CHANGES = {
    "article": {},
    "article-as-printed": {"stop_on": "last-update", "round_epochs": 2},
    "article-minibatch": {"batch": 16, "shuffle": True, "stop_on": "never"},
    "article-alternative": {"init": (-1, 10, 26)},
    "full-batch": {"batch": "full"},
}


@pytest.mark.parametrize("name", CHANGES)
def test_article_s_presets_are_its_runs(name):
    assert PRESETS[name] == RunConfig(**CHANGES[name])


def test_presets_of_the_design_are_there():
    assert set(PRESETS) >= {*CHANGES, "too-fast", "noisy", "ill-conditioned"}
    assert (PRESETS["ill-conditioned"].x_min, PRESETS["ill-conditioned"].x_max) == (-50, 50)
    assert PRESETS["noisy"].noise > 0
    assert DEFAULT == "article"
    assert PRESETS[DEFAULT] == RunConfig()


@pytest.mark.parametrize("name", list(PRESETS))
def test_every_preset_has_a_summary_of_one_line_and_is_unlike_the_others(name):
    assert SUMMARIES[name]
    assert "\n" not in SUMMARIES[name]
    assert [other for other, config in PRESETS.items() if config == PRESETS[name]] == [name]
    assert matching(PRESETS[name].replace()) == name


def test_what_is_no_preset_matches_none():
    assert matching(RunConfig(lr=0.123)) is None
    assert list(SUMMARIES) == list(PRESETS)
