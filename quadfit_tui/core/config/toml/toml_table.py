"""The only reader of TOML: the values of a text, the line of each, and those that a table of rows refuses."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from quadfit_tui.core.config.own_values import format_typed_value
from quadfit_tui.core.text.language import _
from quadfit_tui.core.text.quoting import MOST_QUOTED, quoted

_LINE = re.compile(r" \(at line (\d+), column \d+\)")  # the end of tomllib's messages
_LONGEST_LINE = 10_000  # characters; TOML's parser takes 40 s for a key of 49,000 parts
_PART = r"""(?:"[^"]*"|'[^']*'|[^\s."'=#\[\]]+)"""  # one part of a dotted key: `options`, `"a.b"`
_NAME = rf"({_PART}(?:\s*\.\s*{_PART})*)"
_HEADING, _KEY = re.compile(rf"\s*\[\[?\s*{_NAME}\s*\]"), re.compile(rf"\s*{_NAME}\s*=")


class TomlError(ValueError):
    """The error of a text in TOML that cannot be used; the message, one line, follows the file's name.

    `brief` is the problem in fewer words, `line` the number of the line that has it, or None if unknown.
    """

    def __init__(self, text: str, brief: str = "", line: int | None = None) -> None:
        super().__init__(text)
        self.brief = brief or text
        self.line = line


class KeyRule(Protocol):
    """The rule by which a key's value is parsed: a ValueType, or any object with these two members."""

    @property
    def allowed(self) -> str:
        """The allowed values in words."""

    def parse(self, raw: object) -> Any:
        """Parses a value of TOML; raises ValueError with the reason, which messages put after the value."""


class KeyFault(NamedTuple):
    """A key whose value cannot be used; `why` is the reason, empty if the table of rules has no such key."""

    key: str
    value: Any
    why: str = ""
    allowed: str = ""

    @property
    def shown(self) -> str:
        """The value as messages quote it."""
        return format_typed_value(self.value)


def parse_values(values: Mapping[str, Any], rows: Mapping[str, KeyRule]) -> tuple[dict[str, Any], list[KeyFault]]:
    """Parses values by the rows of their keys; returns the parsed values and the faults, in the text's order."""
    parsed, faults = {}, []
    for key, value in values.items():
        if key not in rows:
            faults.append(KeyFault(key, value))
            continue
        try:
            parsed[key] = rows[key].parse(value)
        except ValueError as refused:
            faults.append(KeyFault(key, value, str(refused), rows[key].allowed))
    return parsed, faults


class TomlTable:
    """A text in TOML, or the content of a file in UTF-8, with its `values` by key; raises TomlError if invalid."""

    def __init__(self, content: str | bytes) -> None:
        try:
            self.text = content if isinstance(content, str) else content.decode("utf-8-sig")
        except UnicodeDecodeError:
            brief = _("it is not text in UTF-8")
            raise TomlError(_("is not text; allowed: a TOML file in UTF-8"), brief) from None
        _check_lines(self.text)
        self.values = _parsed(self.text)

    @property
    def flat(self) -> dict[str, Any]:
        """The values by dotted name: a value in a table is under both names, as in `options.fit`."""
        flat: dict[str, Any] = {}
        for key, value in self.values.items():
            flat |= {f"{key}.{name}": part for name, part in value.items()} if isinstance(value, dict) else {key: value}
        return flat

    def line_of(self, name: str) -> int | None:
        """Returns the line number of a key or heading such as `options.fit`; else that of its table or None."""
        table, lines = "", dict[str, int]()
        for number, line in enumerate(self.text.split("\n"), 1):
            if heading := _HEADING.match(line):
                parts = _dotted(heading[1]).split(".")
                for count in range(len(parts), 0, -1):
                    lines.setdefault(".".join(parts[:count]), number)
                table = f"{_dotted(heading[1])}."
            elif key := _KEY.match(line):
                lines.setdefault(table + _dotted(key[1]), number)
        while name and name not in lines:
            name = name.rpartition(".")[0]
        return lines.get(name)


def _dotted(name: str) -> str:
    return ".".join(part.strip("\"'") for part in re.findall(_PART, name))


def _parsed(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as broken:
        brief = why = _why(broken)
        line = int(position[1]) if (position := _LINE.search(why)) else None
        if line is not None:
            broken_line = text.split("\n")[line - 1].strip()
            template = _("{line} is not valid TOML: {problem}")
            brief = template.format(line=quoted(broken_line), problem=_LINE.sub("", why))
        problem = _("is not valid TOML: {problem}; allowed: lines such as lr = 0.5").format(problem=why)
        raise TomlError(problem, brief, line) from None


def _check_lines(text: str) -> None:
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > _LONGEST_LINE:
            template = _("has {n} characters in line {line}; allowed: up to {most}")
            brief = _("has {n} characters; allowed: up to {most}").format(n=len(line), most=_LONGEST_LINE)
            raise TomlError(template.format(n=len(line), line=number, most=_LONGEST_LINE), brief, number)


def _why(broken: Exception) -> str:
    """Returns why TOML is invalid: the parser's own message, or ours if the parser let an error of Python through."""
    if isinstance(broken, tomllib.TOMLDecodeError):
        return str(broken) if len(str(broken)) <= MOST_QUOTED else f"{str(broken)[:MOST_QUOTED]}..."
    return _("it is too deeply nested") if isinstance(broken, RecursionError) else _("it has a number that is too long")
