"""Settings in a TOML file: read row by row of a table; what was changed is put among what somebody wrote there."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from quadfit_tui.core.config.parameters import toml_text
from quadfit_tui.core.config.value_types import Choice, ValueType
from quadfit_tui.core.files import access
from quadfit_tui.core.text.quoting import did_you_mean, quoted, shown_name

MOST_BYTES = 10_000  # of a settings file; all settings with their comments take one or two thousand
_DEEPEST = 4  # tables in tables; tomlkit takes 10 s for 300 keys of thirty parts
_MODE = 0o600


class Setting(NamedTuple):
    """A row of the table of settings; one in a TOML table has the name of both: `options.surface`."""

    name: str
    value_type: ValueType
    default: str
    help: str

    @property
    def about(self) -> str:
        """What it is for, what is allowed, and the default."""
        return f"{self.help} ({self.value_type.allowed}) [{self.default}]"


class Settings(NamedTuple):
    """The settings that a file has, by name, and a line about each that cannot be used, and so is as by default.

    `places` are where they stand, for whoever finds later that one cannot be used.
    """

    values: Mapping[str, Any]
    faults: tuple[str, ...] = ()
    places: Mapping[str, str] = MappingProxyType({})


def read_settings(path: str, rows: Mapping[str, Setting]) -> Settings:
    """The settings in a file; none where there is none. A file that is not valid TOML has one fault."""
    from quadfit_tui.core.config.toml_file import ConfigFileError, decoded, line_of, parse_toml  # only the app needs it

    name = os.path.basename(path)
    try:
        text = decoded(access.read(path, MOST_BYTES, waits=False))
        found = _flat(parse_toml(text))
    except FileNotFoundError:
        return Settings({})
    except access.TooLargeError as failure:
        return Settings({}, (f"{name} {failure.strerror}; the defaults are used",))
    except OSError as failure:
        return Settings({}, (f"{name} cannot be read: {failure.strerror}; the defaults are used",))
    except ConfigFileError as broken:
        return Settings({}, (f"{_place(name, broken.line)}: {broken.brief}; the defaults are used",))
    values, faults = {}, []
    places = {key: _place(name, line_of(text, key.rpartition(".")[2])) for key in found}
    for key, raw in found.items():
        if key in rows:
            try:
                values[key] = _parsed(rows[key], raw)
            except ValueError as refused:
                value = quoted(raw) if isinstance(raw, str) else shown_name(toml_text(raw))
                faults.append(f"{places[key]}: {key} = {value} {refused}; allowed: {rows[key].value_type.allowed}")
        else:
            faults.append(f"{places[key]}: unknown setting {quoted(key)}{_hint(key, rows)}; allowed: {', '.join(rows)}")
    return Settings(values, tuple(faults), places)


def _hint(key: str, rows: Iterable[str]) -> str:
    """Which setting of the same table somebody may have meant."""
    table, _, name = key.rpartition(".")
    return did_you_mean(name, [row.rpartition(".")[2] for row in rows if row.rpartition(".")[0] == table])


def _parsed(row: Setting, raw: object) -> Any:
    """The value of a setting; a number may be a choice, too: `speed = 30`."""
    is_number = isinstance(raw, int) and not isinstance(raw, bool)
    return row.value_type.parse(toml_text(raw) if isinstance(row.value_type, Choice) and is_number else raw)


def _flat(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values by name, those in a table by the names of both."""
    flat: dict[str, Any] = {}
    for key, value in values.items():
        flat |= {f"{key}.{name}": each for name, each in value.items()} if isinstance(value, dict) else {key: value}
    return flat


def _is_deep(values: Mapping[str, Any]) -> bool:
    level = [values]
    for _ in range(_DEEPEST):
        level = [value for table in level for value in table.values() if isinstance(value, dict)]
    return bool(level)


def _place(name: str, line: int | None) -> str:
    return name if line is None else f"{name}:{line}"


def write_settings(path: str, changes: Mapping[str, str], heading: list[str]) -> None:
    """Puts what was changed into a file as it is then: what else somebody, or another program, wrote there stays.

    A new file begins with the lines of a heading. Raises OSError where it cannot be written, ConfigFileError where what
    is there cannot be read: it is left as it is.
    """
    from quadfit_tui.core.config.toml_file import ConfigFileError, decoded, parse_toml
    from quadfit_tui.core.config.toml_writer import with_changes  # most sessions change nothing
    from quadfit_tui.core.files import small_file

    def changed(before: bytes) -> bytes:
        text = decoded(before)
        if _is_deep(parse_toml(text)):
            raise ConfigFileError("it has tables too deep in tables")
        tables = {name.rpartition(".")[0] for name in changes}  # where somebody wrote something else, it is replaced
        expected = {key: value for key, value in _flat(parse_toml(text)).items() if key not in tables} | {**changes}
        new = with_changes(text, changes, [] if text.strip() else heading)
        if _flat(parse_toml(new)) != expected:
            raise ConfigFileError("it is written in a way that cannot be changed: write it in another way")
        return new.encode()

    small_file.change(path, changed, MOST_BYTES, _MODE)
