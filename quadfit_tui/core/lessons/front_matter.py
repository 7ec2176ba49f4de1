"""FrontMatter: the TOML at the beginning of a lesson file: what the lesson is called, its runs, its samples."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from quadfit_tui.core.config.parameters import PARAMETERS, ConfigError, RunConfig, toml_text
from quadfit_tui.core.config.presets import DEFAULT, OWN_DATA, PRESETS
from quadfit_tui.core.config.toml_table import Fault, TomlError, TomlTable, typed
from quadfit_tui.core.files import virtual_files
from quadfit_tui.core.lessons.expression import NOW
from quadfit_tui.core.lessons.lesson import Held, Prose
from quadfit_tui.core.lessons.markdown import NotationError, prose_of
from quadfit_tui.core.model.sample_text import SampleFileError
from quadfit_tui.core.model.samples_csv import read_samples
from quadfit_tui.core.model.task import make_task
from quadfit_tui.core.text.numbers import counted
from quadfit_tui.core.text.quoting import did_you_mean, quoted

MOST_RUNS = 50
LONGEST_TITLE = 60
LONGEST_ID = 40
ALLOWED_IDS = f"a-z, 0-9 and -, up to {LONGEST_ID} characters"
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_RUN_NAME = re.compile(r"[a-z][a-z0-9_]*")
_RESERVED = frozenset((NOW, "start", "and", "or", "not", "if", "else", "for", "in", "is", "lambda"))
_KINDS = {int: "a whole number", str: "text in quotes", list: "a list", bool: "true or false", dict: "a table"}


class _Key(NamedTuple):
    """The type of a key's value, and its default; None where it must be given."""

    kind: type
    default: Any

    @property
    def allowed(self) -> str:
        return _KINDS[self.kind]

    def parse(self, raw: object) -> Any:
        if type(raw) is not self.kind:
            raise ValueError("is of another type")
        return raw


_KEYS = {
    "format": _Key(int, None),
    "id": _Key(str, None),
    "title": _Key(str, None),
    "version": _Key(int, 1),
    "minutes": _Key(int, 15),
    "aim": _Key(str, ""),
    "misconception": _Key(str, ""),
    "source": _Key(str, ""),
    "needs": _Key(list, []),
    "skip": _Key(bool, True),
    "lang": _Key(str, "en"),
    "hold": _Key(list, []),
    "hold_until": _Key(str, ""),
    "summary": _Key(list, []),
    "runs": _Key(dict, {}),
    "data": _Key(dict, {}),
}


def is_id(text: str) -> bool:
    """Whether it can be the id of a lesson or of a step."""
    return len(text) <= LONGEST_ID and _ID.fullmatch(text) is not None


class FrontMatter:
    """The front matter of some lines: `values` by its keys, and `runs`. Raises NotationError, with the line."""

    def __init__(self, lines: list[str]) -> None:
        try:
            self._table = TomlTable("\n".join(["", *lines[1:]]))
        except TomlError as broken:
            raise NotationError(broken.line or 1, str(broken)) from None
        self.values, faults = typed(self._table.values, _KEYS)
        for key, value, why, allowed in sorted(faults, key=lambda fault: not fault.why):  # unknown ones last
            if not why:
                raise NotationError(self.line(key), f"has an unknown key {quoted(key)}{did_you_mean(key, _KEYS)}")
            raise NotationError(self.line(key), f"sets {key} to {Fault(key, value).shown}; allowed: {allowed}")
        for key, row in _KEYS.items():
            if row.default is None and key not in self.values:
                raise NotationError(1, f"begins a front matter without {key}")
        self.values = {key: row.default for key, row in _KEYS.items()} | self.values
        self._check()

    def line(self, name: str) -> int:
        """The line of a key, such as `runs.fast.lr`, or of its table."""
        return self._table.line_of(name) or 1

    def _check(self) -> None:
        values = self.values
        for key, value in values.items():
            if isinstance(value, str) and not value.isprintable():
                raise NotationError(self.line(key), f"has a character that does not print in {key}")
        if values["format"] != 1:
            raise NotationError(self.line("format"), f"sets format to {toml_text(values['format'])}; allowed: 1")
        if not is_id(values["id"]):
            raise NotationError(self.line("id"), f"sets id to {quoted(values['id'])}; allowed: {ALLOWED_IDS}")
        if not 0 < (length := len(values["title"].strip())) <= LONGEST_TITLE:
            why = f"has a title of {counted(length, 'character')}; allowed: 1 to {LONGEST_TITLE}"
            raise NotationError(self.line("title"), why)
        for key in ("version", "minutes"):
            if not 1 <= values[key] <= 9999:
                raise NotationError(self.line(key), f"sets {key} to {toml_text(values[key])}; allowed: 1 to 9999")
        for need in values["needs"]:
            if not isinstance(need, str) or not is_id(need):
                raise NotationError(self.line("needs"), f"needs {quoted(toml_text(need))}, which is no id of a lesson")
        if not re.fullmatch(r"[a-z]{2,3}", values["lang"]):
            raise NotationError(self.line("lang"), "names no language; allowed: two or three letters, as in en")

        for held in values["hold"]:
            if held not in tuple(Held):
                hint = did_you_mean(str(held), tuple(Held))
                raise NotationError(
                    self.line("hold"), f"holds back {quoted(str(held))}{hint}; allowed: {', '.join(Held)}"
                )
        if values["hold_until"] and not values["hold"]:
            raise NotationError(self.line("hold_until"), "holds back nothing until a step; allowed: hold beside it")
        for text in values["summary"]:
            if not isinstance(text, str) or not text.strip() or not text.isprintable():
                raise NotationError(self.line("summary"), "has a summary that is no list of lines of text")

    def prose(self, key: str) -> list[Prose]:
        """The texts of a list as those of a step are read, with stated numbers and links."""
        return [prose_of(text, self.line(key)) for text in self.values[key]]

    def runs(self) -> dict[str, RunConfig]:
        """The runs by name; makes the samples that they are on known to whoever opens files."""
        self._provide_data()
        runs: dict[str, RunConfig] = {}
        for name, table in self.values["runs"].items():
            line = self.line(f"runs.{name}")
            if not _RUN_NAME.fullmatch(name) or name in _RESERVED:
                raise NotationError(line, f"has no name of a run: {quoted(name)}; allowed: a-z, 0-9 and _")
            if len(runs) == MOST_RUNS:
                raise NotationError(line, f"begins one run more than {MOST_RUNS}")
            if not isinstance(table, dict):
                raise NotationError(line, f"has no table for the run {name}")
            runs[name] = self._run(name, dict(table), runs)
        return runs

    def _run(self, name: str, given: dict[str, Any], runs: Mapping[str, RunConfig]) -> RunConfig:
        table = f"runs.{name}"
        other, preset = given.pop("from", None), given.pop("preset", None)
        if other is not None and preset is not None:
            raise NotationError(self.line(f"{table}.from"), "follows a run and a preset; allowed: one of both")
        if other is not None and str(other) not in runs:
            raise NotationError(self.line(f"{table}.from"), f"follows {quoted(str(other))}, which is no run above it")
        if preset is not None and str(preset) not in PRESETS:
            hint = did_you_mean(str(preset), PRESETS)
            raise NotationError(self.line(f"{table}.preset"), f"names no preset: {quoted(str(preset))}{hint}")
        base = runs[other] if other else PRESETS[preset or (OWN_DATA if given.get("data") else DEFAULT)]
        for key in given:
            if key not in PARAMETERS:
                hint = did_you_mean(key, PARAMETERS)
                raise NotationError(self.line(f"{table}.{key}"), f"has an unknown parameter {quoted(key)}{hint}")
        if "data" in given:
            given["data"] = self._data_name(given["data"], self.line(f"{table}.data"))
        try:
            config = base.replace(**given)
            if config.data is not None:
                make_task(config)  # which tells whether the batch fits the samples
        except ConfigError as refused:
            key = next((key for key in refused.names if key in given), "")
            raise NotationError(self.line(f"{table}.{key}"), f"{key or name}: {refused.problem}") from None
        for key in given:
            if key in config.unused:
                raise NotationError(self.line(f"{table}.{key}"), f"sets {key}, which has no effect in this run")
        return config

    def _data_name(self, name: object, line: int) -> str:
        if name in (examples := virtual_files.example_names()):
            return str(name)
        key = str(name).removeprefix("lesson:")
        if not str(name).startswith("lesson:") or key not in self.values["data"]:
            allowed = f'"lesson:NAME" with a table [data.NAME] that has csv, {", ".join(examples)}'
            raise NotationError(line, f"takes {quoted(str(name))} as data; allowed: {allowed}")
        return self._provided(key)

    def _provided(self, key: str) -> str:
        return f"lesson:{self.values['id']}/{key}"

    def _provide_data(self) -> None:
        """Makes the samples in the lesson known by their names, as files are."""
        for key, table in self.values["data"].items():
            line = self.line(f"data.{key}.csv")
            if not _RUN_NAME.fullmatch(key) or not isinstance(table, dict) or {*table} != {"csv"}:
                raise NotationError(line, 'has no samples; allowed: a table [data.NAME] with csv = "1,33\\n2,130"')
            if not isinstance(table["csv"], str):
                raise NotationError(line, "has no text as csv")
            virtual_files.provide(self._provided(key), table["csv"].encode())
            try:
                read_samples(self._provided(key))
            except SampleFileError as failure:
                raise NotationError(line, f"has samples that cannot be used: {failure}") from None
