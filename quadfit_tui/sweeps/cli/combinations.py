"""COMBINATIONS: the options that `sweep`, and the app with --sweep, refuse beside others or without them, in order."""

from quadfit_tui.cli.parsing.combinations import BESIDE, COLORS, OF_RUNS, WITHOUT, Combinations, OptionRule
from quadfit_tui.core.config.parameters import DIGEST
from quadfit_tui.core.text.language import N_

_SEVERAL = N_("{option} cannot be combined with several {other}")
COMBINATIONS: Combinations = {
    "app": (OptionRule((*OF_RUNS, "at", "trained_to"), BESIDE, ("--sweep",)),),
    "sweep": (
        OptionRule(
            (*OF_RUNS, "seeds", "random", "jobs", "scheduler", "dry_run", "resume", "progress"), BESIDE, ("--from",)
        ),
        OptionRule(("source",), WITHOUT, ("--plot",)),
        OptionRule(("force", "resume"), WITHOUT, ("--output FILE",)),
        OptionRule(("style",), WITHOUT, ("--from FILE",)),
        OptionRule(("resume",), BESIDE, ("--force",)),
        OptionRule(("plot",), BESIDE, ("--dry-run",)),
        OptionRule(("jobs",), BESIDE, ("--scheduler",)),
        OptionRule((DIGEST,), _SEVERAL, ("--data",)),
        OptionRule(("seeds",), _SEVERAL, ("--seed",)),
        OptionRule(("width", "ascii"), WITHOUT, ("--plot",)),
        OptionRule(("theme",), WITHOUT, ("--from FILE", "--plot")),
        OptionRule(("theme",), WITHOUT, (COLORS,)),
    ),
}
