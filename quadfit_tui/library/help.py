"""The text of help(RunConfig): each parameter by its row of the table."""

from __future__ import annotations

from textwrap import fill

from quadfit_tui.core.config.parameters import GROUPS, PARAMETERS, Parameter


def parameters_text() -> str:
    """Formats all parameters with default, unit and bounds, group by group, for the end of RunConfig's docstring."""
    groups = ([row for row in PARAMETERS.values() if row.group == group] for group in GROUPS)
    texts = (
        "\n".join([f"{group.capitalize()}:", *map(_lines, rows)]) for group, rows in zip(GROUPS, groups, strict=True)
    )
    return "\n\n".join(texts)


def _lines(row: Parameter) -> str:
    default = f"{row.default!r} {row.unit}".rstrip()
    text = f"{row.name} = {default}: {row.help}. Allowed: {row.value_type.allowed}."
    return fill(text, 100, initial_indent="    ", subsequent_indent="        ", break_on_hyphens=False)
