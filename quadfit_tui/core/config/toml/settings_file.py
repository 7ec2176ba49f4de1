"""Settings in a TOML file: parses them by a table of rows, and writes changes without touching the rest of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from quadfit_tui.core.config.own_values import value_text
from quadfit_tui.core.config.value_types import Choice, ValueType
from quadfit_tui.core.files import access, refusals
from quadfit_tui.core.text.language import _, comma_separated
from quadfit_tui.core.text.quoting import did_you_mean, quoted, with_allowed, with_problem

if TYPE_CHECKING:
    from quadfit_tui.core.config.toml.toml_table import KeyFault

MOST_BYTES = 10_000  # maximum size of a settings file; all settings with their comments take one or two thousand
_DEEPEST = 4  # deepest nesting of tables; tomlkit takes 10 s for 300 keys of thirty parts
_MODE = 0o600


class Setting(NamedTuple):
    """A row of the table of settings.

    `default` and `help` are in English and translated when shown; `help` may be a function that returns the text.
    """

    name: str
    value_type: ValueType
    default: str
    help: str | Callable[[], str]

    @property
    def about(self) -> str:
        """The help text: the purpose, the allowed values and the default."""
        help = self.help() if callable(self.help) else _(self.help)
        default = self.default if isinstance(self.value_type, Choice) else _(self.default)  # words to type stay English
        return _("{help} ({allowed}) [{default}]").format(help=help, allowed=self.allowed, default=default)

    @property
    def allowed(self) -> str:
        """The allowed values in words."""
        return self.value_type.allowed

    def parse(self, raw: object) -> Any:
        """Parses a value of the file; a number may be a choice, too: `speed = 30`. Raises ValueError if refused."""
        is_number = isinstance(raw, int) and not isinstance(raw, bool)
        return self.value_type.parse(value_text(raw) if isinstance(self.value_type, Choice) and is_number else raw)


class Settings(NamedTuple):
    """The settings of a file by name, and `faults`, a line about each that cannot be used: its default holds.

    `places` are file and line of each setting, for messages of callers that find later that one cannot be used;
    `dropped` are keys in the file that an earlier version wrote, and that have no effect.
    """

    values: Mapping[str, Any]
    faults: tuple[str, ...] = ()
    places: Mapping[str, str] = MappingProxyType({})
    dropped: tuple[str, ...] = ()


def read_settings(path: str, rows: Mapping[str, Setting], dropped: Sequence[str] = ()) -> Settings:
    """Loads the settings in a file; none if there is no file. A file that is not valid TOML has one fault.

    `dropped` are keys, or tables, of earlier versions, which are ignored.
    """
    from quadfit_tui.core.config.toml.toml_table import TomlError, TomlTable, parse_values  # only the app needs it

    name = os.path.basename(path)
    try:
        table = TomlTable(access.read(path, MOST_BYTES, waits=False))
    except FileNotFoundError:
        return Settings({})
    except OSError as failure:
        return Settings({}, (_defaults_used(with_problem(name, refusals.read_error(failure))),))
    except TomlError as broken:
        return Settings({}, (_defaults_used(f"{_place(name, broken.line)}: {broken.brief}"),))
    present = {key: value for key, value in table.flat.items() if key.partition(".")[0] not in dropped}
    values, refused = parse_values(present, rows)
    places = {key: _place(name, table.line_of(key)) for key in present}
    faults = (f"{places[fault.key]}: {_fault_message(fault, rows)}" for fault in refused)
    return Settings(values, tuple(faults), places, tuple(key for key in dropped if key in table.values))


def _defaults_used(problem: str) -> str:
    return _("{problem}; the defaults are used").format(problem=problem)


def _fault_message(fault: KeyFault, rows: Mapping[str, Setting]) -> str:
    if fault.why:
        return f"{fault.key} = {with_allowed(with_problem(fault.shown, fault.why), fault.allowed)}"
    problem = did_you_mean(_("unknown setting {name}").format(name=quoted(fault.key)), fault.key, rows)
    return with_allowed(problem, comma_separated([*rows]))


def _is_deep(values: Mapping[str, Any]) -> bool:
    level = [values]
    for _depth in range(_DEEPEST):
        level = [value for table in level for value in table.values() if isinstance(value, dict)]
    return bool(level)


def _place(name: str, line: int | None) -> str:
    return name if line is None else f"{name}:{line}"


def write_settings(path: str, changes: Mapping[str, str], heading: list[str], dropped: Sequence[str] = ()) -> None:
    """Writes changed settings into a file as it is at that moment: all else that users or programs wrote stays.

    The keys and tables `dropped` are removed. A new file begins with the lines of a heading. Raises OSError if the file
    cannot be written, TomlError if it cannot be parsed or changed: it is then left as it is.
    """
    from quadfit_tui.core.config.toml.toml_table import TomlError, TomlTable
    from quadfit_tui.core.config.toml.toml_writer import with_changes  # most sessions change nothing
    from quadfit_tui.core.files import atomic_file

    def changed(content: bytes) -> bytes:
        before = TomlTable(content)
        if _is_deep(before.values):
            raise TomlError(_("it has tables too deep in tables"))
        stays = {key: value for key, value in before.flat.items() if key.partition(".")[0] not in dropped}
        after = with_changes(before.text, changes, [] if before.text.strip() else heading, dropped)
        if TomlTable(after).flat != stays | {**changes}:
            raise TomlError(_("it is written in a way that cannot be changed: write it in another way"))
        return after.encode()

    atomic_file.read_modify_write(path, changed, MOST_BYTES, _MODE)
