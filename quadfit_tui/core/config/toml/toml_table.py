"""The only reader of TOML: values of a text, in which line each stands, and which of them a table of rows refuses."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from quadfit_tui.core.config.own_values import shown
from quadfit_tui.core.text.language import _
from quadfit_tui.core.text.quoting import MOST_QUOTED, quoted

_LINE = re.compile(r" \(at line (\d+), column \d+\)")  # in what Python says of broken TOML
_LONGEST_LINE = 10_000  # characters; TOML's parser takes 40 s for a key of 49,000 parts
_PART = r"""(?:"[^"]*"|'[^']*'|[^\s."'=#\[\]]+)"""  # of a key: `options`, `"a.b"`
_NAME = rf"({_PART}(?:\s*\.\s*{_PART})*)"
_HEADING, _KEY = re.compile(rf"\s*\[\[?\s*{_NAME}\s*\]"), re.compile(rf"\s*{_NAME}\s*=")


class TomlError(ValueError):
    """A text in TOML that cannot be used; the text is one line, which follows on the file's name.

    `brief` is what is wrong in fewer words, `line` the number of the line that is, if one is.
    """

    def __init__(self, text: str, brief: str = "", line: int | None = None) -> None:
        super().__init__(text)
        self.brief = brief or text
        self.line = line


class KeyRule(Protocol):
    """What a table says of a key: a ValueType, or what is like one in these two."""

    @property
    def allowed(self) -> str:
        """The values that there may be, in words."""

    def parse(self, raw: object) -> Any:
        """The value of what stands in the text; raises ValueError with the reason, to follow on the value."""


class KeyFault(NamedTuple):
    """A key that cannot be used; `why` follows on its value, and is empty where the table has no such key."""

    key: str
    value: Any
    why: str = ""
    allowed: str = ""

    @property
    def shown(self) -> str:
        """The value, as messages show it."""
        return shown(self.value)


def parse_values(values: Mapping[str, Any], rows: Mapping[str, KeyRule]) -> tuple[dict[str, Any], list[KeyFault]]:
    """The values as the rows of their keys read them, and those that are refused, in their order."""
    read, faults = {}, []
    for key, value in values.items():
        if key not in rows:
            faults.append(KeyFault(key, value))
            continue
        try:
            read[key] = rows[key].parse(value)
        except ValueError as refused:
            faults.append(KeyFault(key, value, str(refused), rows[key].allowed))
    return read, faults


class TomlTable:
    """A text in TOML, or in UTF-8 the content of a file, and its `values` by key; raises TomlError where it is none."""

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
        """The values by name, those in a table by the names of both, as in `options.fit`."""
        flat: dict[str, Any] = {}
        for key, value in self.values.items():
            flat |= {f"{key}.{name}": part for name, part in value.items()} if isinstance(value, dict) else {key: value}
        return flat

    def line_of(self, name: str) -> int | None:
        """The line in which a name such as `options.fit` has its value, or its heading; else that of its table."""
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
        line = int(place[1]) if (place := _LINE.search(why)) else None
        if line is not None:
            what, brief = text.split("\n")[line - 1].strip(), _("{line} is not valid TOML: {problem}")
            brief = brief.format(line=quoted(what), problem=_LINE.sub("", why))
        problem = _("is not valid TOML: {problem}; allowed: lines such as lr = 0.5").format(problem=why)
        raise TomlError(problem, brief, line) from None


def _check_lines(text: str) -> None:
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > _LONGEST_LINE:
            text = _("has {n} characters in line {line}; allowed: up to {most}")
            brief = _("has {n} characters; allowed: up to {most}").format(n=len(line), most=_LONGEST_LINE)
            raise TomlError(text.format(n=len(line), line=number, most=_LONGEST_LINE), brief, number)


def _why(broken: Exception) -> str:
    """What is wrong, by the parser's own words or, where it lets Python's through, by others."""
    if isinstance(broken, tomllib.TOMLDecodeError):
        return str(broken) if len(str(broken)) <= MOST_QUOTED else f"{str(broken)[:MOST_QUOTED]}..."
    return _("it is too deeply nested") if isinstance(broken, RecursionError) else _("it has a number that is too long")
