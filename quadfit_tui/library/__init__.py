"""The library: what `import quadfit_tui` gives, and all of it that a version promises to keep.

Begin with training.py. Programs use the names of `__all__`; the rest of the package uses `task_of` (samples.py) alone.
"""

from __future__ import annotations

from inspect import cleandoc

from quadfit_tui.core.config.parameters import ConfigError, RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.rate_map.rate_map import RateMap
from quadfit_tui.library.diagnosis import Diagnosis, diagnose, rate_map
from quadfit_tui.library.help import parameters_text
from quadfit_tui.library.playing import Session
from quadfit_tui.library.results import TrainedRun, Updates
from quadfit_tui.library.samples import Samples
from quadfit_tui.library.training import Interrupted, explain, train

__all__ = [
    "PRESETS",
    "ConfigError",
    "Diagnosis",
    "Interrupted",
    "RateMap",
    "RunConfig",
    "Samples",
    "Session",
    "TrainedRun",
    "Updates",
    "diagnose",
    "explain",
    "rate_map",
    "train",
]

# Added here because no command needs it; from Python 3.13 on docstrings are not indented.
RunConfig.__doc__ = f"{cleandoc(RunConfig.__doc__ or '')}\n\n{parameters_text()}"
