"""Writes TOML: a configuration with a comment for each key, which toml_file.py reads back to the same run; changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import tomlkit

from quadfit_tui.core.config.parameters import DIGEST, PARAMETERS, RunConfig
from quadfit_tui.core.config.toml.toml_table import TomlError
from quadfit_tui.core.text.language import _, in_english

_SHORT, _IN_LINE = 100, 5  # characters of an array in one line; values in each line of a longer one


def toml_lines(config: RunConfig, heading: Iterable[str], data: str, sha256: str) -> list[str]:
    """Renders a configuration as the lines of a TOML file, below a heading in comments.

    `data` is the file of samples, as the TOML file must name it (`path_for` of access.py), `sha256` its hash.
    """
    document = tomlkit.document()
    for line in heading:
        document.add(tomlkit.comment(line))
    group = ""
    for name, row in PARAMETERS.items():
        if row.group != group:
            group = row.group
            document.add(tomlkit.nl())
        with in_english():
            document.add(tomlkit.comment(row.about))
        value = getattr(config, name)
        if name == "data":
            value = data
        elif isinstance(value, tuple):
            value = list(value)
        document.add(name, row.show(value) if value is None else value)
        if name == "data" and data:
            document.add(tomlkit.comment("SHA-256 of that file; once it has changed, it is refused"))
            document.add(DIGEST, sha256)
    return tomlkit.dumps(document).removesuffix("\n").split("\n")


def array_lines(values: Sequence[object]) -> list[str]:
    """Formats an array as TOML, to follow `name = `: in one line if it is short, else in several short lines."""
    texts = list(map(value_text, values))
    if sum(map(len, texts)) <= _SHORT:
        return [f"[{', '.join(texts)}]"]
    starts = range(0, len(texts), _IN_LINE)
    return ["[", *(f"    {', '.join(texts[start : start + _IN_LINE])}," for start in starts), "]"]


def value_text(value: object) -> str:
    """Formats a value as TOML; for a text the result can also stand as a quoted key."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(value_text, value))}]"
    return repr(value) if isinstance(value, int | float) else tomlkit.string(str(value)).as_string()


def with_changes(text: str, changes: Mapping[str, str], heading: Iterable[str], dropped: Iterable[str] = ()) -> str:
    """Returns the text of a TOML file with some values changed or added, and some keys or tables removed.

    The lines of `heading` are added as comments before the values. All else stays as it is. Raises TomlError if the
    text cannot be changed.
    """
    try:
        document = tomlkit.parse(text)
        for line in heading:
            document.add(tomlkit.comment(line) if line else tomlkit.nl())
        for name in dropped:
            document.pop(name, None)
        document.update(changes)
        return tomlkit.dumps(document)
    except (ValueError, RecursionError) as failure:
        raise TomlError(_("it cannot be changed: {problem}").format(problem=failure)) from None
