"""What differs between configurations, in words."""

from __future__ import annotations

from collections.abc import Iterable

from quadfit_tui.core.config.parameters import PARAMETERS, Parameter, RunConfig
from quadfit_tui.core.text.numbers import short


def differences(before: RunConfig, after: RunConfig) -> tuple[str, ...]:
    """What differs between two runs, in words: `lr 0.5 → 0.1`; nothing of what makes no difference to both."""
    idle_before, idle_after = before.unused, after.unused
    found = []
    for name, parameter in PARAMETERS.items():
        old, new = getattr(before, name), getattr(after, name)
        if old == new or name in idle_after:  # why it is idle is a difference of its own
            continue
        old_text, new_text = _texts(parameter, old, new)
        found.append(
            f"{parameter.label} {new_text}" if name in idle_before else f"{parameter.label} {old_text} → {new_text}"
        )
    return tuple(found)


def settings(configs: Iterable[RunConfig]) -> tuple[str, ...]:
    """The names of the parameters whose values differ among the runs that use them."""
    runs = [(config, config.unused) for config in configs]
    return tuple(
        name for name in PARAMETERS if len({getattr(config, name) for config, idle in runs if name not in idle}) > 1
    )


def setting(config: RunConfig, name: str) -> str:
    """The value of a parameter in few characters; `–` where it makes no difference to the run."""
    return "–" if name in config.unused else _short(PARAMETERS[name], getattr(config, name))


def _texts(parameter: Parameter, old: object, new: object) -> tuple[str, str]:
    """Two values as texts that differ, short ones if these do."""
    texts = _short(parameter, old), _short(parameter, new)
    return texts if texts[0] != texts[1] else (parameter.show(old), parameter.show(new))


def _short(parameter: Parameter, value: object) -> str:
    if isinstance(value, tuple):
        return f"({', '.join(map(short, value))})"
    return parameter.show(value) or "none"
