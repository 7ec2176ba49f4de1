"""What a student could do for a task: settings to change, then the run played to its end."""

from __future__ import annotations

from typing import Any

from quadfit_tui.core.config.parameters import PARAMETERS
from quadfit_tui.core.text.quoting import did_you_mean, quoted


def changes(solution: str) -> dict[str, Any]:
    """The settings that `lr:1.6` or `scale_features:yes;lr:0.7` changes; raises ValueError with the reason."""
    found = {}
    for part in solution.split(";"):
        name, colon, value = part.strip().partition(":")
        if name not in PARAMETERS or not colon:
            hint = did_you_mean(name, PARAMETERS)
            raise ValueError(f"solution: {quoted(part)} is no setting{hint}; allowed: lr:1.6, or several divided by ;")
        found[name] = PARAMETERS[name].parse(value)
    return found
