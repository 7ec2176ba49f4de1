"""PRESETS: ready-made configurations by name; a preset is added here, in one row."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from operator import attrgetter
from typing import Any

from quadfit_tui.core.config.parameters import OF_FILES, PARAMETERS, RunConfig
from quadfit_tui.core.text.language import N_

# By name: a summary, which N_ marks for translation, and the values that differ from the defaults.
_ROWS: dict[str, tuple[str, dict[str, Any]]] = {
    "article": (N_("the article's run: one sample per update, in order; stops on the mean loss"), {}),
    # In this preset the learning rate shows: 0.05, 0.1, 0.2, 0.4 and 0.5, just below the limit, give different runs.
    "playground": (
        N_("24 samples and a parabola that turns over; try learning rates from 0.05 to 0.6"),
        {
            "true": (2.0, 1.0, -3.0),
            "samples": 24,
            "x_min": -2.0,
            "x_max": 2.0,
            "init": (-1.0, -2.0, 8.0),
            "lr": 0.2,
            "schedule": "constant",
            "batch": "full",
            "epochs": 500,
        },
    ),
    "article-as-printed": (
        N_("the article's own stopping rule, with rounding: stops far from the optimum, and says so"),
        {"stop_on": "last-update", "round_epochs": 2},
    ),
    "article-minibatch": (
        N_("batches of 16, reshuffled every epoch; never stops early"),
        {"batch": 16, "shuffle": True, "stop_on": "never"},
    ),
    "article-alternative": (
        N_("one sample per update, from the article's other starting point"),
        {"init": (-1.0, 10.0, 26.0)},
    ),
    "full-batch": (N_("one update per epoch using all samples; 100 epochs are not enough"), {"batch": "full"}),
    "momentum": (
        N_("one update per epoch using all samples, with momentum: converges in 68 epochs"),
        {"batch": "full", "optimizer": "momentum", "momentum": 0.7, "lr": 1.0, "schedule": "constant"},
    ),
    "adam": (
        N_("batches of 16 with Adam; each update is about as large as the learning rate (30)"),
        {"batch": 16, "shuffle": True, "optimizer": "adam", "lr": 30.0},
    ),
    "too-fast": (N_("the article's run with a learning rate that makes it diverge"), {"lr": 1.2}),
    "noisy": (
        N_("noisy samples: the loss cannot reach zero"),
        {"init": (-1.0, 10.0, 26.0), "noise": 0.5, "batch": 16, "shuffle": True},
    ),
    "ill-conditioned": (
        N_("x from -50 to 50: a settles at once, c takes forever"),
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
    "ill-conditioned-scaled": (
        N_("the same samples with scaled features and a learning rate of 0.7: converges in 49 epochs"),
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
    # This preset suits any x and y: z has mean 0 and deviation 1, so that the rate is below its limit, 3.6 / λ, for x
    # of a kurtosis up to 70 (evenly spaced 1.8, normal 3, exponential 9), and with momentum 0.8 training is still
    # fast. It never stops on tol, whose effect would depend on the unit of y.
    "own-data": (
        N_("for your own file of samples: scaled features, a start at 0, and a rate that suits nearly all data"),
        {
            "init": (0.0, 0.0, 0.0),
            "optimizer": "momentum",
            "momentum": 0.8,
            "lr": 0.05,
            "schedule": "constant",
            "batch": "full",
            "scale_features": True,
            "stop_on": "never",
            "epochs": 300,
        },
    ),
}


class FixedPresets(Mapping[str, RunConfig]):
    """A read-only mapping of the program's presets by name."""

    def __init__(self, configs: dict[str, RunConfig]) -> None:
        self._configs = configs

    def __getitem__(self, name: str) -> RunConfig:
        return self._configs[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._configs)

    def __len__(self) -> int:
        return len(self._configs)

    def __repr__(self) -> str:
        return f"<PRESETS: {', '.join(self)}>"

    def __reduce__(self) -> str:
        return "PRESETS"  # a pickle holds the name alone: another process loads its own


PRESETS = FixedPresets({name: RunConfig(**changes) for name, (_summary, changes) in _ROWS.items()})
SUMMARIES: dict[str, str] = {name: summary for name, (summary, _changes) in _ROWS.items()}  # in English
DEFAULT = "article"
BARE = "playground"  # the preset that the app opens with if the command line names no run
CUSTOM = "custom"  # the name of a configuration that is no preset
OWN_DATA = "own-data"  # the preset whose values a run on a data file starts from


def preset_name(config: RunConfig) -> str | None:
    """Returns the name of the preset that trains as `config` does, unused values aside; None if there is none."""
    used = attrgetter(*(name for name in PARAMETERS if name not in config.unused))
    return next((name for name in PRESETS if used(preset_for(name, config)) == used(config)), None)


def scene_name(config: RunConfig) -> str:
    """Returns a run's name on the screen: that of its preset; `custom` with the user's data, or after any change."""
    return CUSTOM if config.data is not None else preset_name(config) or CUSTOM


def nearest_preset(config: RunConfig, without: Collection[str] = ()) -> tuple[str, list[str]]:
    """Returns the preset with the fewest parameters that differ from `config`, and the names of these parameters.

    Parameters in `without`, and those that the run does not use, do not count.
    """
    used = [name for name in PARAMETERS if name not in config.unused and name not in without]
    changes = {
        preset: [name for name in used if getattr(base, name) != getattr(config, name)]
        for preset, base in PRESETS.items()
    }
    nearest = min(changes, key=lambda preset: len(changes[preset]))
    return nearest, changes[nearest]


def preset_for(name: str, config: RunConfig) -> RunConfig:
    """Returns the configuration of a preset that is chosen while `config` runs; `own-data` keeps the data file."""
    of_file = {name: getattr(config, name) for name in ("data", *OF_FILES)}
    return PRESETS[name].with_values(of_file) if name == OWN_DATA else PRESETS[name]


def with_own_data(config: RunConfig, before: RunConfig) -> RunConfig:
    """Returns `config`, as the form has it while `before` runs, with values that suit a data file if one was added.

    Values that the user did not change then come from the preset `own-data`: a start and a rate for other samples would
    most likely diverge. Blanks around the name of a new file are removed.
    """
    if config.data is not None and config.data != before.data:
        config = config.replace(data=config.data.strip())
    if config.data is None or before.data is not None:
        return config
    unchanged = [name for name in _ROWS[OWN_DATA][1] if getattr(config, name) == getattr(before, name)]
    return config.with_values({name: getattr(PRESETS[OWN_DATA], name) for name in unchanged})
