"""FrontMatter: the TOML at the beginning of a lesson file: what the lesson is called, its runs, its samples."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from quadfit_tui.core.config.other_names import did_you_mean_name
from quadfit_tui.core.config.own_values import value_text
from quadfit_tui.core.config.parameters import PARAMETERS, ConfigError, RunConfig
from quadfit_tui.core.config.presets import DEFAULT, OWN_DATA, PRESETS
from quadfit_tui.core.config.toml.toml_table import KeyFault, TomlError, TomlTable, parse_values
from quadfit_tui.core.files import virtual_files
from quadfit_tui.core.model.incremental_job import run_job
from quadfit_tui.core.model.samples.reader import samples_in
from quadfit_tui.core.model.samples.sample_text import SampleFileError
from quadfit_tui.core.model.task import make_task
from quadfit_tui.core.text.language import N_, _, clauses, comma_separated, either, labeled, ngettext
from quadfit_tui.core.text.quoting import did_you_mean, quoted, with_allowed
from quadfit_tui.teaching.notation.expression import NOW
from quadfit_tui.teaching.notation.headings import DEFAULTS
from quadfit_tui.teaching.notation.lesson import Prose, WithheldFact
from quadfit_tui.teaching.notation.reading.full_width import in_setting
from quadfit_tui.teaching.notation.reading.markdown import prose_of
from quadfit_tui.teaching.notation.reading.notation_error import Errors, NotationError

MOST_RUNS = 50
_FENCE = "+++"
LONGEST_TITLE = 60
LONGEST_ID = 40
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_RUN_NAME = re.compile(r"[a-z][a-z0-9_]*")
_RESERVED = frozenset((NOW, "start", "and", "or", "not", "if", "else", "for", "in", "is", "lambda"))
_SETTING = re.compile(r"\s*[\w.-]+\s*=\s*([^#]*)")
_RUN_HEADING = re.compile(r"\s*\[\s*runs\.([a-z]\w*)\s*\]")
_WRITES_IN = N_("'quadfit-tui lessons new NAME --data FILE' writes the samples of a file into a new lesson")
_KINDS = {
    int: N_("a whole number"),
    str: N_("text in quotes"),
    list: N_("a list"),
    bool: N_("true or false"),
    dict: N_("a table"),
}


class _KeySpec(NamedTuple):
    """The type of a key's value, and its default; None where it must be given."""

    kind: type
    default: Any

    @property
    def allowed(self) -> str:
        return _(_KINDS[self.kind])

    def parse(self, raw: object) -> Any:
        if type(raw) is not self.kind:
            raise ValueError(_("is of another type"))
        return raw


_KEYS = {
    "format": _KeySpec(int, None),
    "id": _KeySpec(str, None),
    "title": _KeySpec(str, None),
    "version": _KeySpec(int, 1),
    "minutes": _KeySpec(int, DEFAULTS["minutes"]),
    "aim": _KeySpec(str, DEFAULTS["aim"]),
    "misconception": _KeySpec(str, ""),
    "source": _KeySpec(str, ""),
    "needs": _KeySpec(list, []),
    "skip": _KeySpec(bool, True),
    "lang": _KeySpec(str, "en"),
    "hold": _KeySpec(list, []),
    "hold_until": _KeySpec(str, ""),
    "summary": _KeySpec(list, []),
    "runs": _KeySpec(dict, {}),
    "data": _KeySpec(dict, {}),
}
_EXAMPLES = {"format": "1", "id": '"our-ball"', "title": '"Our ball"'}


def is_id(text: str) -> bool:
    """Whether it can be the id of a lesson or of a step."""
    return len(text) <= LONGEST_ID and _ID.fullmatch(text) is not None


def allowed_ids() -> str:
    """What an id may be, in words."""
    return _("a-z, 0-9 and -, up to {most} characters").format(most=LONGEST_ID)


def id_like(text: str) -> str:
    """The id that is nearest to a text: `braking-distance` of `Braking distance`; empty where there is none."""
    return "-".join(re.findall("[a-z0-9]+", text.lower()))[:LONGEST_ID].strip("-")


def end_of_front_matter(lines: list[str]) -> int:
    """The index of the line below the front matter; raises NotationError where there is none."""
    begun = lines[0].rstrip()
    end = next((at for at, line in enumerate(lines) if at and line.rstrip() == _FENCE), None)
    if begun == _FENCE and end is not None:
        return end
    first = next((at for at, line in enumerate(lines, 1) if line.startswith("## ")), None)
    if not any(map(str.strip, lines)):
        why = _("begins an empty file; 'quadfit-tui lessons new NAME' writes a lesson to begin with")
    elif begun == _FENCE and first is None:
        why = _("begins a front matter that has no end; allowed: TOML between two lines +++")
    elif begun == _FENCE:
        why = _(
            "begins a front matter that has no end; "
            "allowed: TOML between two lines +++, the second above line {line}, where the steps begin"
        ).format(line=first)
    elif begun == "---":
        why = _("begins with ---, as YAML does; allowed: TOML between two lines +++, with = in the place of :")
    else:
        why = _(
            "has no front matter; allowed: TOML between two lines +++, as 'quadfit-tui lessons new NAME' writes them"
        )
    raise NotationError(1, why)


class FrontMatter:
    """The front matter of some lines: `values` by its keys, `runs` by their names.

    What is wrong is noted among the errors; `unsure` are the names of runs in which something is.
    """

    def __init__(self, lines: list[str], errors: Errors) -> None:
        self.runs: dict[str, RunConfig] = {}
        self.unsure: set[str] = set()
        self._lines = lines
        self._errors = errors
        self._data: dict[str, bool] = {}  # by name: whether its samples can be used
        defaults = {key: row.default for key, row in _KEYS.items()}
        try:
            self._table = TomlTable("\n".join(["", *lines[1:]]))
        except TomlError as broken:
            found = dict(_foreign(lines))
            for line, why in (found if found and not broken.line else {broken.line or 1: str(broken)} | found).items():
                errors.add(line, why)
            self.unsure = {named[1] for line in lines if (named := _RUN_HEADING.match(line))}
            self.runs = dict.fromkeys(self.unsure, PRESETS[DEFAULT])
            self.values = defaults
            return
        values, faults = parse_values(self._table.values, _KEYS)
        for key, value, why, allowed in faults:
            if why:
                self._refuse_value(key, KeyFault(key, value).shown, allowed)
            else:
                self._refuse(key, did_you_mean(_("has an unknown key {key}").format(key=quoted(key)), key, _KEYS))
        for key, row in _KEYS.items():
            if row.default is None and key not in self._table.values:
                problem = _("begins a front matter without {key}").format(key=key)
                errors.add(1, with_allowed(problem, f"{key} = {_EXAMPLES[key]}"))
        self.values = defaults | values
        self._check(values)
        self._provide_data()
        self._make_runs()

    def line(self, name: str) -> int:
        """The line of a key, such as `runs.fast.lr`, or of its table."""
        return self._table.line_of(name) or 1

    def _refuse(self, name: str, reason: str) -> None:
        self._errors.add(self.line(name), reason)

    def _refuse_value(self, key: str, shown: str, allowed: str) -> None:
        self._refuse(key, with_allowed(_("sets {key} to {value}").format(key=key, value=shown), allowed))

    def _check(self, values: Mapping[str, Any]) -> None:
        """Looks at the values that are given, and of the right type."""
        for key, value in values.items():
            if isinstance(value, str) and not value.isprintable():
                self._refuse(key, _("has a character that does not print in {key}").format(key=key))
        if values.get("format", 1) != 1:
            self._refuse_value("format", value_text(values["format"]), "1")
        if "id" in values and not is_id(values["id"]):
            allowed = allowed_ids()
            if near := id_like(values["id"]):
                allowed = _("{allowed}, as in {example}").format(allowed=allowed, example=near)
            self._refuse_value("id", quoted(values["id"]), allowed)
        if "title" in values and not 0 < (length := len(values["title"].strip())) <= LONGEST_TITLE:
            problem = ngettext("has a title of {n} character", "has a title of {n} characters", length)
            self._refuse("title", with_allowed(problem, _("1 to {last}").format(last=LONGEST_TITLE)))
        for key in ("version", "minutes"):
            if not 1 <= self.values[key] <= 9999:
                self._refuse_value(key, value_text(self.values[key]), _("1 to {last}").format(last=9999))
        for need in self.values["needs"]:
            if not isinstance(need, str) or not is_id(need):
                problem = _("needs {name}, which is no id of a lesson")
                self._refuse("needs", problem.format(name=quoted(value_text(need))))
        if not re.fullmatch(r"[a-z]{2,3}", self.values["lang"]):
            self._refuse("lang", _("names no language; allowed: two or three letters, as in en"))
        for held in map(value_text, self.values["hold"]):
            if held not in tuple(WithheldFact):
                problem = did_you_mean(_("holds back {name}").format(name=quoted(held)), held, WithheldFact)
                self._refuse("hold", with_allowed(problem, comma_separated([*WithheldFact])))
        if self.values["hold_until"] and not self.values["hold"]:
            self._refuse("hold_until", _("holds back nothing until a step; allowed: hold beside it"))
        for text in self.values["summary"]:
            if not isinstance(text, str) or not text.strip() or not text.isprintable():
                self._refuse("summary", _("has a summary that is no list of lines of text"))

    def prose(self, key: str) -> list[Prose]:
        """The texts of a list as those of a step are read, with stated numbers and links."""
        texts = (text for text in self.values[key] if isinstance(text, str))
        return [prose_of(text, self.line(key), self._errors) for text in texts]

    # The runs

    def _make_runs(self) -> None:
        for name, table in self.values["runs"].items():
            before = self._errors.count
            if not _RUN_NAME.fullmatch(name) or name in _RESERVED:
                problem = _("has no name of a run: {name}; allowed: a-z, 0-9 and _")
                self._refuse(f"runs.{name}", problem.format(name=quoted(name)))
            if len(self.runs) == MOST_RUNS:
                self._refuse(f"runs.{name}", _("begins one run more than {most}").format(most=MOST_RUNS))
                break
            if isinstance(table, dict):
                self.runs[name] = self._run(name, dict(table))
            else:
                self._refuse(f"runs.{name}", _("has no table for the run {name}").format(name=name))
                self.runs[name] = PRESETS[DEFAULT]
            if self._errors.count > before:
                self.unsure.add(name)

    def _run(self, name: str, given: dict[str, Any]) -> RunConfig:
        """The run of a table, as far as it can be read."""
        table = f"runs.{name}"
        base = self._base(name, given)
        for key in [key for key in given if key not in PARAMETERS]:
            problem = _("has an unknown parameter {name}").format(name=quoted(key))
            self._refuse(f"{table}.{key}", did_you_mean_name(problem, key, PARAMETERS))
            del given[key]
        if "data" in given:
            given["data"] = self._data_name(name, given["data"])
        while True:
            try:
                config = base.with_values(given)
                if config.data is not None:
                    make_task(config)  # which tells whether the batch fits the samples
                break
            except ConfigError as refused:
                key = next((key for key in refused.names if key in given), "")
                if name not in self.unsure:
                    self._refuse(f"{table}.{key}", labeled(key or name, refused.problem))
                if not key:
                    return base
                del given[key]
        for key in given:
            if key in config.unused and name not in self.unsure:
                problem = _("sets {key}, which has no effect in this run")
                self._refuse(f"{table}.{key}", problem.format(key=key))
        return config

    def _base(self, name: str, given: dict[str, Any]) -> RunConfig:
        """What a run follows, taken from what is given of it."""
        other, preset = given.pop("from", None), given.pop("preset", None)
        if other is not None and preset is not None:
            self._refuse(f"runs.{name}.from", _("follows a run and a preset; allowed: one of both"))
        if other is not None and str(other) not in self.runs:
            problem = _("follows {name}, which is no run above it").format(name=quoted(str(other)))
            self._refuse(f"runs.{name}.from", did_you_mean(problem, str(other), self.runs))
        if preset is not None and str(preset) not in PRESETS:
            problem = _("names no preset: {name}").format(name=quoted(str(preset)))
            self._refuse(f"runs.{name}.preset", did_you_mean(problem, str(preset), PRESETS))
        if str(other) in self.unsure:
            self.unsure.add(name)
        if str(other) in self.runs:
            return self.runs[str(other)]
        return PRESETS[str(preset)] if str(preset) in PRESETS else PRESETS[OWN_DATA if "data" in given else DEFAULT]

    # The samples

    def _data_name(self, run: str, name: object) -> str | None:
        """The name under which the samples of a run are provided; None where they cannot be used."""
        examples = virtual_files.example_names()
        if name in examples:
            return str(name)
        key = str(name).removeprefix("lesson:")
        if not str(name).startswith("lesson:") or key not in self._data:
            known = [*(f"lesson:{each}" for each in self._data), *examples]
            problem = did_you_mean(_("takes {name} as data").format(name=quoted(str(name))), str(name), known)
            needed = _('"lesson:NAME" with a table [data.NAME] that has csv; {hint}').format(hint=_(_WRITES_IN))
            self._refuse(f"runs.{run}.data", with_allowed(problem, either(known) if self._data else needed))
        if self._data.get(key):
            return self._provided(key)
        self.unsure.add(run)
        return None

    def _provided(self, key: str) -> str:
        lesson = self.values["id"]
        return f"lesson:{lesson}/{key}"

    def _provide_data(self) -> None:
        """Makes the samples in the lesson known by their names, as files are."""
        for key, table in self.values["data"].items():
            why = ""
            if not _RUN_NAME.fullmatch(key) or not isinstance(table, dict) or {*table} != {"csv"}:
                why = _('has no samples; allowed: a table [data.NAME] with csv = "1,33\\n2,130"')
                why = clauses([why, _(_WRITES_IN)])
            elif not isinstance(table["csv"], str):
                why = _("has no text as csv")
            else:
                virtual_files.register_virtual(self._provided(key), table["csv"].encode())
                why = self._unusable(table["csv"], self.line(f"data.{key}.csv"))
            self._data[key] = not why
            if why:
                self._refuse(f"data.{key}.csv", why)

    def _unusable(self, csv: str, line: int) -> str:
        """Why samples cannot be used, with the lines of the file where they stand in lines of their own; else empty."""
        begin, mark, first = self._lines[line - 1].partition('"""')
        before = line - bool(first) if mark and begin.rstrip().endswith("=") else 0
        try:
            run_job(samples_in([b"\n" * before + csv.encode()]))
        except SampleFileError as failure:
            why = _("has samples that cannot be used: {problem}").format(problem=failure)
            return clauses([why, _(_meant(csv))])
        return ""


def _meant(csv: str) -> str:
    """What helps where samples cannot be read, noted; empty where that is not known."""
    first, *others = csv.strip().split("\n")
    if not others and ";" not in first and not first[:1].isdigit():
        return _WRITES_IN
    if any((";" in other) != (";" in first) for other in others):
        return N_("write the same sign between the columns of all lines")
    if ";" not in csv and any(other.count(",") > 1 for other in others):
        return N_("write ; between columns whose numbers have decimal commas")
    return ""


def _foreign(lines: list[str]) -> Iterator[tuple[int, str]]:
    """The lines that are no TOML for a reason that is often met, each with that."""
    is_text, begun = False, 0
    for number, line in enumerate(lines, 1):
        found = None if is_text else _SETTING.match(line)
        if (line.count('"""') + line.count("'''")) % 2 == 1:
            is_text, begun = not is_text, number
        value = found[1].strip() if found else ""
        if value[:1] in tuple("“”„‟‘’"):
            yield number, _('has quotes of a word processor; allowed: straight ones, as in title = "Our ball"')
        elif re.fullmatch(r"[-+]?\d+,\d+", value):
            yield number, _("has a decimal comma; allowed: a point, as in lr = 0.5")
        elif not is_text and (why := in_setting(line)):
            yield number, why
        elif value[:1].isalpha() and value not in ("true", "false", "inf", "nan"):
            yield number, _('has text without quotes; allowed: text in quotes, as in title = "Our ball"')
        elif value[:1] == '"' and line.count('"') == 1:
            yield number, _('has a quote without its end; allowed: several lines of text between """ and """')
    if is_text:
        yield begun, _('has """ without its end; allowed: a line """ below the text')
