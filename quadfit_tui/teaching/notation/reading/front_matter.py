"""FrontMatter: the TOML at the beginning of a lesson file, parsed and checked: id, title, runs, samples."""

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
from quadfit_tui.core.text.language import N_, _, clauses, comma_separated, join_or, labeled, ngettext
from quadfit_tui.core.text.quoting import did_you_mean, quoted, with_allowed
from quadfit_tui.teaching.notation.expression import NOW
from quadfit_tui.teaching.notation.headings import DEFAULTS
from quadfit_tui.teaching.notation.lesson import Prose, WithheldFact
from quadfit_tui.teaching.notation.reading.full_width import full_width_in_setting
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
    """The rule for a key: the type of its value, and its default; None if it must be given."""

    kind: type
    default: Any

    @property
    def allowed(self) -> str:
        """The allowed type in words."""
        return _(_KINDS[self.kind])

    def parse(self, raw: object) -> Any:
        """Returns a value from TOML if it is of the right type; raises ValueError if not."""
        if type(raw) is not self.kind:
            raise ValueError(_("is of another type"))
        return raw


KEYS = {
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
    """Whether a text can be the id of a lesson or of a step."""
    return len(text) <= LONGEST_ID and _ID.fullmatch(text) is not None


def allowed_ids() -> str:
    """Returns the rule for ids in words, for messages."""
    return _("a-z, 0-9 and -, up to {most} characters").format(most=LONGEST_ID)


def slugify(text: str) -> str:
    """Converts a text, such as a title, to an id: `Braking distance` → `braking-distance`; empty if impossible."""
    return "-".join(re.findall("[a-z0-9]+", text.lower()))[:LONGEST_ID].strip("-")


def end_of_front_matter(lines: list[str]) -> int:
    """Returns the index of the line `+++` that ends the front matter; raises NotationError if there is none."""
    first_line = lines[0].rstrip()
    end = next((index for index, line in enumerate(lines) if index and line.rstrip() == _FENCE), None)
    if first_line == _FENCE and end is not None:
        return end
    first_step = next((number for number, line in enumerate(lines, 1) if line.startswith("## ")), None)
    if not any(map(str.strip, lines)):
        problem = _("begins an empty file; 'quadfit-tui lessons new NAME' writes a lesson to begin with")
    elif first_line == _FENCE and first_step is None:
        problem = _("begins a front matter that has no end; allowed: TOML between two lines +++")
    elif first_line == _FENCE:
        problem = _(
            "begins a front matter that has no end; "
            "allowed: TOML between two lines +++, the second above line {line}, where the steps begin"
        ).format(line=first_step)
    elif first_line == "---":
        problem = _("begins with ---, as YAML does; allowed: TOML between two lines +++, with = in the place of :")
    else:
        problem = _(
            "has no front matter; allowed: TOML between two lines +++, as 'quadfit-tui lessons new NAME' writes them"
        )
    raise NotationError(1, problem)


class FrontMatter:
    """The parsed front matter of a lesson: `values` by key, `runs` by name.

    Faults are added to `errors` while it is made; `unsure` are the names of runs with a fault.
    """

    def __init__(self, lines: list[str], errors: Errors) -> None:
        self.runs: dict[str, RunConfig] = {}
        self.unsure: set[str] = set()
        self._lines = lines
        self._errors = errors
        self._data: dict[str, bool] = {}  # name of a table [data.NAME] → whether its samples can be used
        defaults = {key: row.default for key, row in KEYS.items()}
        try:
            self._table = TomlTable("\n".join(["", *lines[1:]]))
        except TomlError as broken:
            reasons = dict(_common_mistakes(lines))
            if broken.line or not reasons:
                reasons = {broken.line or 1: str(broken)} | reasons
            for line, reason in reasons.items():
                errors.add(line, reason)
            self.unsure = {heading[1] for line in lines if (heading := _RUN_HEADING.match(line))}
            self.runs = dict.fromkeys(self.unsure, PRESETS[DEFAULT])
            self.values = defaults
            return
        values, faults = parse_values(self._table.values, KEYS)
        for key, value, problem, allowed in faults:
            if problem:
                self._refuse_value(key, KeyFault(key, value).shown, allowed)
            else:
                self._refuse(key, did_you_mean(_("has an unknown key {key}").format(key=quoted(key)), key, KEYS))
        for key, row in KEYS.items():
            if row.default is None and key not in self._table.values:
                problem = _("begins a front matter without {key}").format(key=key)
                errors.add(1, with_allowed(problem, f"{key} = {_EXAMPLES[key]}"))
        self.values = defaults | values
        self._check(values)
        self._provide_data()
        self._make_runs()

    def line(self, name: str) -> int:
        """Returns the line in the file of a key, such as `runs.fast.lr`, or else of its table; 1 if unknown."""
        return self._table.line_of(name) or 1

    def _refuse(self, name: str, reason: str) -> None:
        """Records an error in the line of a key."""
        self._errors.add(self.line(name), reason)

    def _refuse_value(self, key: str, shown: str, allowed: str) -> None:
        """Records that a key has a forbidden value, with the allowed ones."""
        self._refuse(key, with_allowed(_("sets {key} to {value}").format(key=key, value=shown), allowed))

    def _check(self, values: Mapping[str, Any]) -> None:
        """Checks the values that the file sets with the right type; faults are recorded."""
        for key, value in values.items():
            if isinstance(value, str) and not value.isprintable():
                self._refuse(key, _("has a character that does not print in {key}").format(key=key))
        if values.get("format", 1) != 1:
            self._refuse_value("format", value_text(values["format"]), "1")
        if "id" in values and not is_id(values["id"]):
            allowed = allowed_ids()
            if near := slugify(values["id"]):
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
        for fact in map(value_text, self.values["hold"]):
            if fact not in tuple(WithheldFact):
                problem = did_you_mean(_("holds back {name}").format(name=quoted(fact)), fact, WithheldFact)
                self._refuse("hold", with_allowed(problem, comma_separated([*WithheldFact])))
        if self.values["hold_until"] and not self.values["hold"]:
            self._refuse("hold_until", _("holds back nothing until a step; allowed: hold beside it"))
        for text in self.values["summary"]:
            if not isinstance(text, str) or not text.strip() or not text.isprintable():
                self._refuse("summary", _("has a summary that is no list of lines of text"))

    def prose(self, key: str) -> list[Prose]:
        """Parses the texts of a list, such as `summary`, with stated numbers and links."""
        texts = (text for text in self.values[key] if isinstance(text, str))
        return [prose_of(text, self.line(key), self._errors) for text in texts]

    # The runs

    def _make_runs(self) -> None:
        """Makes a RunConfig of each table [runs.NAME]; faults are recorded, and make the run `unsure`."""
        for name, table in self.values["runs"].items():
            errors_before = self._errors.count
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
            if self._errors.count > errors_before:
                self.unsure.add(name)

    def _run(self, name: str, settings: dict[str, Any]) -> RunConfig:
        """Makes the configuration of a run from its table; settings with faults are recorded and left out."""
        table = f"runs.{name}"
        base = self._base(name, settings)
        for key in [key for key in settings if key not in PARAMETERS]:
            problem = _("has an unknown parameter {name}").format(name=quoted(key))
            self._refuse(f"{table}.{key}", did_you_mean_name(problem, key, PARAMETERS))
            del settings[key]
        if "data" in settings:
            settings["data"] = self._data_name(name, settings["data"])
        while True:
            try:
                config = base.with_values(settings)
                if config.data is not None:
                    make_task(config)  # raises ConfigError if the batch does not fit the samples
                break
            except ConfigError as refused:
                key = next((key for key in refused.names if key in settings), "")
                if name not in self.unsure:
                    self._refuse(f"{table}.{key}", labeled(key or name, refused.problem))
                if not key:
                    return base
                del settings[key]
        for key in settings:
            if key in config.unused and name not in self.unsure:
                problem = _("sets {key}, which has no effect in this run")
                self._refuse(f"{table}.{key}", problem.format(key=key))
        return config

    def _base(self, name: str, settings: dict[str, Any]) -> RunConfig:
        """Pops `from` and `preset` off a run's table, and returns the configuration that they name as its base."""
        other = settings.pop("from", None)
        preset = settings.pop("preset", None)
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
        return PRESETS[str(preset)] if str(preset) in PRESETS else PRESETS[OWN_DATA if "data" in settings else DEFAULT]

    # The samples

    def _data_name(self, run: str, name: object) -> str | None:
        """Returns the name of the virtual file with a run's samples, or None if they cannot be used."""
        examples = virtual_files.example_names()
        if name in examples:
            return str(name)
        key = str(name).removeprefix("lesson:")
        if not str(name).startswith("lesson:") or key not in self._data:
            known = [*(f"lesson:{key}" for key in self._data), *examples]
            problem = did_you_mean(_("takes {name} as data").format(name=quoted(str(name))), str(name), known)
            needed = _('"lesson:NAME" with a table [data.NAME] that has csv; {hint}').format(hint=_(_WRITES_IN))
            self._refuse(f"runs.{run}.data", with_allowed(problem, join_or(known) if self._data else needed))
        if self._data.get(key):
            return self._provided(key)
        self.unsure.add(run)
        return None

    def _provided(self, key: str) -> str:
        """Returns the name of the virtual file for the samples [data.KEY] of this lesson."""
        lesson = self.values["id"]
        return f"lesson:{lesson}/{key}"

    def _provide_data(self) -> None:
        """Registers the samples in tables [data.NAME] as virtual files, which runs can name as data."""
        for key, table in self.values["data"].items():
            problem = ""
            if not _RUN_NAME.fullmatch(key) or not isinstance(table, dict) or {*table} != {"csv"}:
                problem = _('has no samples; allowed: a table [data.NAME] with csv = "1,33\\n2,130"')
                problem = clauses([problem, _(_WRITES_IN)])
            elif not isinstance(table["csv"], str):
                problem = _("has no text as csv")
            else:
                virtual_files.register_virtual(self._provided(key), table["csv"].encode())
                problem = self._unusable(table["csv"], self.line(f"data.{key}.csv"))
            self._data[key] = not problem
            if problem:
                self._refuse(f"data.{key}.csv", problem)

    def _unusable(self, csv: str, line: int) -> str:
        """Returns why samples cannot be used, by lines of the lesson file if they are a multi-line text; else empty."""
        begin, mark, first_row = self._lines[line - 1].partition('"""')
        # Empty lines before the samples, so that the reader counts lines as the lesson file does.
        lines_before = 0
        if mark and begin.rstrip().endswith("="):
            lines_before = line - 1 if first_row else line
        try:
            run_job(samples_in([b"\n" * lines_before + csv.encode()]))
        except SampleFileError as failure:
            problem = _("has samples that cannot be used: {problem}").format(problem=failure)
            return clauses([problem, _(_samples_hint(csv))])
        return ""


def _samples_hint(csv: str) -> str:
    """Returns a hint for samples that cannot be read, marked for translation; empty if the cause is unknown."""
    first, *others = csv.strip().split("\n")
    if not others and ";" not in first and not first[:1].isdigit():
        return _WRITES_IN
    if any((";" in other) != (";" in first) for other in others):
        return N_("write the same sign between the columns of all lines")
    if ";" not in csv and any(other.count(",") > 1 for other in others):
        return N_("write ; between columns whose numbers have decimal commas")
    return ""


def _common_mistakes(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Yields the numbers of lines with a common mistake in TOML, each with the message; used if parsing has failed."""
    is_text, text_start = False, 0  # whether a line is within a multi-line text, and where that begins
    for number, line in enumerate(lines, 1):
        setting = None if is_text else _SETTING.match(line)
        if (line.count('"""') + line.count("'''")) % 2 == 1:
            is_text, text_start = not is_text, number
        value = setting[1].strip() if setting else ""
        if value[:1] in tuple("“”„‟‘’"):
            yield number, _('has quotes of a word processor; allowed: straight ones, as in title = "Our ball"')
        elif re.fullmatch(r"[-+]?\d+,\d+", value):
            yield number, _("has a decimal comma; allowed: a point, as in lr = 0.5")
        elif not is_text and (problem := full_width_in_setting(line)):
            yield number, problem
        elif value[:1].isalpha() and value not in ("true", "false", "inf", "nan"):
            yield number, _('has text without quotes; allowed: text in quotes, as in title = "Our ball"')
        elif value[:1] == '"' and line.count('"') == 1:
            yield number, _('has a quote without its end; allowed: several lines of text between """ and """')
    if is_text:
        yield text_start, _('has """ without its end; allowed: a line """ below the text')
