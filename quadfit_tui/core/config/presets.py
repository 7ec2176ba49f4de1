"""PRESETS: ready-made configurations by name."""

from __future__ import annotations

from typing import Any, NamedTuple

from quadfit_tui.core.config.parameters import PARAMETERS, RunConfig


class _Row(NamedTuple):
    name: str
    summary: str
    changes: dict[str, Any]


_ROWS = [
    _Row("article", "the article's run: one sample an update, in order; stopped on the mean loss", {}),
    _Row(
        "article-as-printed",
        "stops on the last update's loss and rounds: it ends wrong, and says so",
        {"stop_on": "last-update", "round_epochs": 2},
    ),
    _Row(
        "article-minibatch",
        "batches of 16, reshuffled each epoch, never stopped early",
        {"batch": 16, "shuffle": True, "stop_on": "never"},
    ),
    _Row("article-alternative", "per sample, from the article's other start", {"init": (-1.0, 10.0, 26.0)}),
    _Row("full-batch", "one update an epoch from all samples: 100 epochs are not enough", {"batch": "full"}),
    _Row(
        "momentum",
        "one update an epoch from all samples, and momentum: 68 epochs are enough",
        {"batch": "full", "optimizer": "momentum", "momentum": 0.7, "lr": 1.0, "schedule": "constant"},
    ),
    _Row(
        "adam",
        "batches of 16 with Adam: its updates are about as large as the learning rate, 30",
        {"batch": 16, "shuffle": True, "optimizer": "adam", "lr": 30.0},
    ),
    _Row("too-fast", "the article's run with a learning rate at which it diverges", {"lr": 1.2}),
    _Row(
        "noisy",
        "noise on the samples: the loss cannot reach zero",
        {"init": (-1.0, 10.0, 26.0), "noise": 0.5, "batch": 16, "shuffle": True},
    ),
    _Row(
        "ill-conditioned",
        "x from -50 to 50: a settles at once, c takes for ever",
        {
            "x_min": -50.0,
            "x_max": 50.0,
            "init": (-1.0, 10.0, 26.0),
            "lr": 1e-6,
            "schedule": "constant",
            "batch": "full",
            "epochs": 1000,
        },
    ),
    _Row(
        "ill-conditioned-scaled",
        "the same samples with scaled features and a learning rate of 0.7: 49 epochs are enough",
        {
            "x_min": -50.0,
            "x_max": 50.0,
            "init": (-1.0, 10.0, 26.0),
            "lr": 0.7,
            "schedule": "constant",
            "batch": "full",
            "scale_features": True,
        },
    ),
]

PRESETS: dict[str, RunConfig] = {row.name: RunConfig(**row.changes) for row in _ROWS}
SUMMARIES: dict[str, str] = {row.name: row.summary for row in _ROWS}
DEFAULT = "article"


def matching(config: RunConfig) -> str | None:
    """The name of the preset that `config` is, if it is one: whatever values there are that neither of them uses."""
    used = [name for name in PARAMETERS if name not in config.unused]

    def is_the_same(preset: RunConfig) -> bool:
        return all(getattr(preset, name) == getattr(config, name) for name in used)

    return next((name for name, preset in PRESETS.items() if is_the_same(preset)), None)
