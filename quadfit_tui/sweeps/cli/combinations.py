"""COMBINATIONS: the options that `sweep`, and the app with --sweep, refuse beside others or without them, in order."""

from quadfit_tui.cli.parsing.combinations import BESIDE, COLORS, OF_RUNS, WITHOUT, Combinations, Row
from quadfit_tui.core.config.parameters import DIGEST
from quadfit_tui.core.text.language import noted

_SEVERAL = noted("{option} cannot be combined with several {other}")
COMBINATIONS: Combinations = {
    "app": (Row((*OF_RUNS, "at", "trained_to"), BESIDE, ("--sweep",)),),
    "sweep": (
        Row((*OF_RUNS, "seeds", "random", "jobs", "scheduler", "dry_run", "resume", "progress"), BESIDE, ("--from",)),
        Row(("source",), WITHOUT, ("--plot",)),
        Row(("force", "resume"), WITHOUT, ("--output FILE",)),
        Row(("style",), WITHOUT, ("--from FILE",)),
        Row(("resume",), BESIDE, ("--force",)),
        Row(("plot",), BESIDE, ("--dry-run",)),
        Row(("jobs",), BESIDE, ("--scheduler",)),
        Row((DIGEST,), _SEVERAL, ("--data",)),
        Row(("seeds",), _SEVERAL, ("--seed",)),
        Row(("width", "ascii"), WITHOUT, ("--plot",)),
        Row(("theme",), WITHOUT, ("--from FILE", "--plot")),
        Row(("theme",), WITHOUT, (COLORS,)),
    ),
}
