"""quadfit-tui: watch gradient descent fit a parabola, live in a terminal.

As a library, it trains, explains and diagnoses the same runs without a terminal:

    from quadfit_tui import RunConfig, train

    run = train(RunConfig(lr=0.1))
    print(run.status, run.w[-1])

The names of `__all__`, and `quadfit_tui.testing` for tests of the app, are what a version promises to keep. They are
loaded when they are first used: `import quadfit_tui` alone loads neither NumPy nor Textual.
"""

from __future__ import annotations

TYPE_CHECKING = False  # which type checkers take for true; typing, which has it, takes longer than all of this

if TYPE_CHECKING:
    from quadfit_tui.library import (
        PRESETS,
        ConfigError,
        Diagnosis,
        Interrupted,
        RateMap,
        RunConfig,
        Samples,
        Session,
        TrainedRun,
        Updates,
        diagnose,
        explain,
        rate_map,
        train,
    )
    from quadfit_tui.sweeps.library import Sweep, SweepInterrupted, sweep

__version__ = "1.0.0"
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
__all__ += ["Sweep", "SweepInterrupted", "sweep"]  # of quadfit_tui.sweeps
_OF_ANNEXES = {
    **dict.fromkeys(("Sweep", "SweepInterrupted", "sweep"), "quadfit_tui.sweeps.library"),
}


def __getattr__(name: str) -> object:
    """Returns a name of the library, which is imported on first use; raises AttributeError."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_OF_ANNEXES.get(name, "quadfit_tui.library")), name)


def __dir__() -> list[str]:
    """Lists the names of this module, including those of the library that are not loaded yet."""
    return sorted({*globals(), *__all__})
