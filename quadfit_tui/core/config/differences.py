"""How configurations differ, in words: for the table of runs, twins, and files of several runs."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator

from quadfit_tui.core.config.parameters import PARAMETERS, Parameter, RunConfig
from quadfit_tui.core.text.language import _
from quadfit_tui.core.text.numbers import format_short


def differences(
    before: RunConfig, after: RunConfig, form: str = "{name} {old} → {new}", besides: Container[str] = ()
) -> tuple[str, ...]:
    """Formats the parameters in which a configuration differs from an earlier one, each as `lr 0.5 → 0.1`.

    `form` has places for the name, the old and the new value. The parameters `besides` are left out, and those that
    `after` does not use; one that only `after` uses has no earlier value: `momentum 0.9`.
    """
    texts = []
    for name, old, new in _changes(before, after, besides):
        template = form if old else "{name} {new}"
        texts.append(template.format(name=name, old=old, new=new))
    return tuple(texts)


def earlier_values(before: RunConfig, after: RunConfig) -> tuple[str, ...]:
    """Formats the earlier values of the parameters that differ in a later configuration, each as `lr 0.5`."""
    return tuple(f"{name} {old}" for name, old, _new in _changes(before, after) if old)


def _changes(before: RunConfig, after: RunConfig, besides: Container[str] = ()) -> Iterator[tuple[str, str, str]]:
    """Yields label, old and new value of each parameter that differs; the old one is empty if `before` ignores it."""
    unused_before, unused_after = before.unused, after.unused
    for name, parameter in PARAMETERS.items():
        old, new = getattr(before, name), getattr(after, name)
        if old == new or name in besides or name in unused_after:  # the choice that makes it unused is listed itself
            continue
        old_text, new_text = _texts(parameter, old, new)
        yield parameter.label, "" if name in unused_before else old_text, new_text


def varying_parameters(configs: Iterable[RunConfig]) -> tuple[str, ...]:
    """Returns the names of the parameters that differ among the configurations that use them."""
    runs = [(config, config.unused) for config in configs]
    return tuple(
        name for name in PARAMETERS if len({getattr(config, name) for config, unused in runs if name not in unused}) > 1
    )


def value_text(config: RunConfig, name: str) -> str:
    """Formats the value of a parameter in few characters; `–` if the run does not use it."""
    return "–" if name in config.unused else _short(PARAMETERS[name], getattr(config, name))


def _texts(parameter: Parameter, old: object, new: object) -> tuple[str, str]:
    """Formats two values so that their texts differ: in few characters if these differ, else in full."""
    texts = _short(parameter, old), _short(parameter, new)
    return texts if texts[0] != texts[1] else (parameter.show(old), parameter.show(new))


def _short(parameter: Parameter, value: object) -> str:
    if isinstance(parameter.default, tuple) and isinstance(value, tuple):  # coefficients a, b, c
        return f"({', '.join(map(format_short, value))})"
    return parameter.show(value) or _("none")
