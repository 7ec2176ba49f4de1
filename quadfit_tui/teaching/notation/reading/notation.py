"""Parses a lesson file: TOML between two lines `+++`, then steps in Markdown. Nothing in it is run as code.

Every fault that shows without training is refused here, with its line; check.py finds those that training shows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from quadfit_tui.core.config.other_names import did_you_mean_name, nearest_name
from quadfit_tui.core.config.parameters import PARAMETERS, RunConfig
from quadfit_tui.core.config.value_types import read_number
from quadfit_tui.core.config.view_names import REMOVED_VIEWS, VIEW_NAMES
from quadfit_tui.core.model.task import make_task
from quadfit_tui.core.session.playback import SPEEDS
from quadfit_tui.core.text.language import N_, _, comma_separated, join_or
from quadfit_tui.core.text.quoting import did_you_mean, nearest, quoted, with_allowed, with_near, with_problem
from quadfit_tui.core.training.position import Position, allowed_moments, parse_moment
from quadfit_tui.teaching.notation.expression import NOW, Expression, ExpressionError
from quadfit_tui.teaching.notation.lesson import (
    FEWEST_TRIES,
    MOST_TRIES,
    NUMERIC_PARAMETERS,
    QUESTIONS,
    Lesson,
    Prose,
    Step,
    StepKind,
    Tolerance,
    WithheldFact,
    parse_solution,
    read_tolerance,
)
from quadfit_tui.teaching.notation.reading.answer_rows import answers_of
from quadfit_tui.teaching.notation.reading.front_matter import (
    LONGEST_TITLE,
    FrontMatter,
    allowed_ids,
    end_of_front_matter,
    is_id,
    slugify,
)
from quadfit_tui.teaching.notation.reading.markdown import LessonSection, sections
from quadfit_tui.teaching.notation.reading.notation_error import Errors, NotationError
from quadfit_tui.teaching.notation.vocabulary import MOMENT_FACTS, RUN_FACTS, SETTINGS

LARGEST_LESSON = 100_000  # bytes
_LONGEST_LINE = 2000  # characters
_MOST_BRACKETS = 2000  # limit of a file: the parser needs 50 µs for each; a long lesson has 200
_COMMON = ("#", ".", "run", "at", "view", "speed")
_QUESTION = ("tol", "answer", "transfer", "recall")
ATTRIBUTES = {
    StepKind.SAY: _COMMON,
    StepKind.DO: (*_COMMON, "until", "solution", "tries", "only", "open"),
    StepKind.PREDICT: (*_COMMON, *_QUESTION),
    StepKind.OBSERVE: (*_COMMON, *_QUESTION),
    StepKind.EXPLAIN: _COMMON,
    StepKind.DRAW: ("#", ".", "run", "view"),
}
_FLAGS = ("yes", "no")
# Keys of the front matter that are fields of Lesson with the same value.
_COPIED_KEYS = ("id", "version", "title", "minutes", "aim", "misconception", "source", "hold_until")
_TASK_ATTRIBUTES = {  # with an example each
    "until": N_('until="now.mean_loss < 0.1", what is true when it is done'),
    "solution": N_('solution="lr:1.6", a setting with which a run of it ends so'),
}


def read_lesson(text: str, file_name: str = "") -> Lesson:
    """Parses the text of a lesson file; raises NotationError for its first fault, with the others attached."""
    digest = hashlib.sha256(text.encode(errors="replace")).hexdigest()[:16]
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\xa0", " ").replace("\u202f", " ")
    errors = Errors()
    lines = _checked_lines(text, errors)
    end = end_of_front_matter(lines)
    front = FrontMatter(lines[:end], errors)
    values = front.values
    # Empty lines take the place of the front matter, so that lines count as in the file.
    parsed_sections = sections("\n".join([""] * (end + 1) + lines[end + 1 :]).expandtabs(4), errors)
    reader = _StepReader(front, errors)
    steps = tuple(step for section in parsed_sections if (step := reader.step(section)) is not None)
    ids = [section.attributes["#"] for section in parsed_sections if section.attributes and "#" in section.attributes]
    last = values["hold_until"]
    if last and last not in ids:
        problem = _("holds back until a step that there is not: {name}").format(name=quoted(last))
        errors.add(front.line("hold_until"), did_you_mean(problem, last, ids))
    if not parsed_sections:
        errors.add(len(lines), _("ends a lesson without a step; allowed: a heading ## for each"))
    summary = tuple(front.prose("summary"))
    reader.check_numbers(*summary)
    errors.raise_all()
    return Lesson(
        **{key: values[key] for key in _COPIED_KEYS},
        runs=front.runs,
        steps=steps,
        digest=digest,
        needs=tuple(values["needs"]),
        may_skip=values["skip"],
        language=values["lang"],
        file_name=file_name,
        hold=frozenset(map(WithheldFact, values["hold"])),
        summary=summary,
        lines={name: front.line(name) for name in ("summary", *(f"runs.{run}" for run in front.runs))},
    )


def _checked_lines(text: str, errors: Errors) -> list[str]:
    """Splits a lesson's text into lines, and checks them for size and characters that do not print.

    Raises NotationError if parsing the text would take too long.
    """
    if len(text.encode(errors="replace")) > LARGEST_LESSON:
        raise NotationError(1, _("begins a text of more than {most} bytes").format(most=LARGEST_LESSON))
    if text.count("[") > _MOST_BRACKETS:
        raise NotationError(1, _("begins a text with more than {most} brackets").format(most=_MOST_BRACKETS))
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if len(line) > _LONGEST_LINE:
            problem = _("has {n} characters; allowed: up to {most}")
            raise NotationError(number, problem.format(n=len(line), most=_LONGEST_LINE))
        if wrong := next((char for char in line if not char.isprintable() and char != "\t"), ""):
            errors.add(number, _("has a character that does not print: {char}").format(char=ascii(wrong)))
    return lines


class _StepReader:
    """Converts sections to steps; every fault goes to `errors`, and the rest of the step is checked nevertheless."""

    def __init__(self, front: FrontMatter, errors: Errors) -> None:
        self._runs = front.runs
        self._unsure = front.unsure
        self._errors = errors
        self._lines_of_ids: dict[str, int] = {}

    def step(self, section: LessonSection) -> Step | None:
        """Converts a section to a step; returns None if it has a fault, which is recorded."""
        line, attributes, errors_before = section.line, section.attributes or {}, self._errors.count
        removed_view = attributes["view"] if attributes.get("view") in REMOVED_VIEWS else ""
        if removed_view:
            attributes = attributes | {"view": REMOVED_VIEWS[removed_view]}
        kind: StepKind | None = None
        tolerance: Tolerance | None = None
        position: Position | None = None
        if section.attributes is not None:
            if not 0 < len(section.title) <= LONGEST_TITLE or not section.title.isprintable():
                problem = _("has no title; allowed: 1 to {most} characters")
                self._errors.add(line, problem.format(most=LONGEST_TITLE))
            with self._errors.collected():
                kind = self._kind(section)
            self._check_id(attributes.get("#", ""), section)
            self._check_words(attributes, line)
            tolerance = self._tolerance(attributes, line)
            with self._errors.collected():
                position = self._position(attributes, line)
        if kind is not None:
            self._check_attributes(kind, attributes, line)
        is_choice: bool | None = None
        if kind is not None:
            is_choice = kind not in QUESTIONS or not {"tol", "answer"} & {*attributes}
        answers = answers_of(section, kind, is_choice, self._errors, self.check_expression)
        self.check_numbers(section.text, *(row.prose for row in section.rows))
        if kind is None or self._errors.count > errors_before:
            return None
        return Step(
            id=attributes["#"],
            kind=kind,
            title=section.title,
            text=section.text,
            line=line,
            answers=() if kind is StepKind.DO else answers,
            hints=tuple(row.prose for row in section.rows if row.mark == "hint"),
            notes=tuple(row.prose for row in section.rows if row.mark == "note"),
            models=tuple(row.prose for row in section.rows if row.mark == "model"),
            run=attributes.get("run"),
            at=position,
            view=attributes.get("view"),
            removed_view=removed_view,
            speed=attributes.get("speed"),
            tolerance=tolerance,
            written_answer=attributes.get("answer"),
            until=attributes.get("until"),
            solution=attributes.get("solution"),
            tries=int(attributes.get("tries", "0")),
            only=_names(attributes.get("only", "")),
            run_feedback=answers if kind is StepKind.DO else (),
            recall=attributes.get("recall", ""),
            transfer=attributes.get("transfer") == "yes",
            plain_texts=section.plain_texts,
            unindented=section.unindented,
        )

    def check_numbers(self, *texts: Prose) -> None:
        """Checks the expressions of stated numbers in some texts; faults are recorded."""
        for number in (number for text in texts for number in text.numbers):
            with self._errors.collected():
                self.check_expression(number.expression, number.line)

    # The heading

    @staticmethod
    def _kind(section: LessonSection) -> StepKind:
        """Parses the kind of a step, such as `.predict`; raises NotationError if there is no such kind."""
        assert section.attributes is not None
        word = section.attributes.get(".", "")
        if word not in tuple(StepKind):
            kinds = [f".{kind}" for kind in StepKind]
            problem = _("is a step of no kind: {word}").format(word=quoted(word))
            if word:
                problem = did_you_mean(problem, f".{word}", kinds)
            raise NotationError(section.line, with_allowed(problem, comma_separated(kinds)))
        return StepKind(word)

    def _check_id(self, id: str, section: LessonSection) -> None:
        """Checks that a step's id is well formed, and that no step above has it."""
        line, known = section.line, self._lines_of_ids
        if id in known:
            problem = _("has the id {id}, which the step in line {line} has already")
            self._errors.add(line, problem.format(id=quoted(id), line=known[id]))
        elif not is_id(id):
            problem = _("has the id {id}").format(id=quoted(id)) if id else _("has no id")
            near = slugify(id or section.title) or "rate"
            allowed = _("# and {allowed}, as in #{example}").format(allowed=allowed_ids(), example=near)
            self._errors.add(line, with_allowed(problem, allowed))
        known.setdefault(id, line)

    def _tolerance(self, attributes: Mapping[str, str], line: int) -> Tolerance | None:
        try:
            return read_tolerance(attributes["tol"]) if "tol" in attributes else None
        except ValueError as refused:
            self._errors.add(line, f"tol: {refused}")
            return None

    def _check_words(self, attributes: Mapping[str, str], line: int) -> None:
        """Checks the attributes whose value must be one of some words, such as `view` and `run`."""
        words = {
            "view": VIEW_NAMES,
            "speed": tuple(SPEEDS),
            "run": tuple(self._runs),
            "open": _FLAGS,
            "transfer": _FLAGS,
        }
        for key, allowed in words.items():
            if key in attributes and attributes[key] not in allowed:
                problem = _("names no {attribute}: {name}").format(attribute=key, name=quoted(attributes[key]))
                choices = comma_separated(allowed) or _("a table [runs.NAME] for each")
                self._errors.add(line, with_allowed(did_you_mean(problem, attributes[key], allowed), choices))

    def _check_attributes(self, kind: StepKind, attributes: Mapping[str, str], line: int) -> None:
        """Checks that a step has the attributes its kind needs, and none that means nothing for it."""
        for key in attributes:
            if key not in ATTRIBUTES[kind]:
                problem = _("has {attribute}, which means nothing for .{kind}").format(attribute=quoted(key), kind=kind)
                self._errors.add(line, did_you_mean(problem, key, ATTRIBUTES[kind]))
        if kind is StepKind.DRAW and "run" not in attributes:
            self._errors.add(line, _("has nothing to draw; allowed: run=…, whose mean loss it is"))
        if kind is StepKind.DO:
            self._check_task(attributes, line)
        if kind in QUESTIONS and "answer" in attributes:
            try:
                read_number(attributes["answer"].lstrip("~"))
            except ValueError as refused:
                problem = with_problem(quoted(attributes["answer"]), str(refused))
                self._errors.add(line, f"answer: {problem}")
        if "recall" in attributes and not is_id(attributes["recall"]):
            problem = _("recall: {text} is no id of a lesson").format(text=quoted(attributes["recall"]))
            self._errors.add(line, with_allowed(problem, allowed_ids()))
        if kind in QUESTIONS and ("tol" in attributes) != ("answer" in attributes):
            has, lacks = ("tol", "answer=136") if "tol" in attributes else ("answer", "tol=digits:3")
            problem = _("has {given} without {missing}; allowed: both, for a number, or none, for a choice")
            self._errors.add(line, problem.format(given=has, missing=lacks))

    def _check_task(self, attributes: Mapping[str, str], line: int) -> None:
        """Checks the attributes of a `.do` step: what it asks for, and which settings may change."""
        tries, only = attributes.get("tries"), _names(attributes.get("only", ""))
        for name in only:
            if name not in PARAMETERS:
                problem = _("only names no setting: {name}").format(name=quoted(name))
                problem = did_you_mean_name(problem, name, PARAMETERS)
                self._errors.add(line, with_allowed(problem, _("lr, or several parted by commas")))
        if tries is None:
            for key, example in _TASK_ATTRIBUTES.items():
                if key not in attributes:
                    problem = _("has a task without {attribute}").format(attribute=key)
                    self._errors.add(line, with_allowed(problem, _(example)))
        else:
            self._check_tries(tries, attributes, line)
        for check in (self._check_until, self._check_solution):
            with self._errors.collected():
                check(attributes, only, line)

    def _check_tries(self, tries: str, attributes: Mapping[str, str], line: int) -> None:
        """Checks a task that asks for a number of runs, each with another value of one setting."""
        if tries not in map(str, range(FEWEST_TRIES, MOST_TRIES + 1)):
            problem = _("tries: {text} is no number of runs; allowed: {fewest} to {most}")
            problem = problem.format(text=quoted(tries), fewest=FEWEST_TRIES, most=MOST_TRIES)
            self._errors.add(line, problem)
        if attributes.get("only") not in NUMERIC_PARAMETERS:
            self._errors.add(
                line, _("has tries of no number; allowed: only=lr beside it, or another one that is a number")
            )
        for key in _TASK_ATTRIBUTES:
            if key in attributes:
                problem = _("has tries and {attribute}; allowed: tries alone, or until and solution")
                self._errors.add(line, problem.format(attribute=key))

    @staticmethod
    def _check_solution(attributes: Mapping[str, str], only: tuple[str, ...], line: int) -> None:
        """Raises NotationError if the solution cannot be parsed, or changes a setting that may not change."""
        try:
            changes = parse_solution(attributes.get("solution", "")) if "solution" in attributes else {}
        except ValueError as refused:
            raise NotationError(line, str(refused)) from None
        if foreign := [name for name in changes if only and name not in only]:
            problem = _("has a solution that changes {name}, which only={only} does not let it")
            raise NotationError(line, problem.format(name=foreign[0], only=attributes["only"]))

    def _check_until(self, attributes: Mapping[str, str], _only: tuple[str, ...], line: int) -> None:
        """Raises NotationError if `until` is no condition on the run on the screen, `now`."""
        if "until" in attributes:
            until = self.check_expression(attributes["until"], line, now=True)
            if not until.is_condition or NOW not in until.runs():
                raise NotationError(line, _("has no condition as until; allowed: one with now, as in now.epochs > 9"))

    def _position(self, attributes: Mapping[str, str], line: int) -> Position | None:
        """Parses the attribute `at` as a moment of the step's run; returns None if the step has no `at`."""
        if "at" not in attributes:
            return None
        if "run" not in attributes:
            raise NotationError(line, _("has a moment, at, of no run; allowed: run=… beside it"))
        return self._moment(attributes["at"], attributes["run"], line)

    def _moment(self, text: str, run: str, line: int) -> Position | None:
        """Parses a moment of a run; returns None if the run is unknown or faulty. Raises NotationError if invalid."""
        if run in self._unsure or run not in self._runs:
            return None
        config = self._runs[run]
        bounds = config.epochs, _updates_per_epoch(config)
        try:
            return parse_moment(text, *bounds)
        except ValueError as refused:
            problem = _("{problem}; allowed in {run}: {allowed}")
            problem = problem.format(problem=refused, run=run, allowed=allowed_moments(*bounds))
            raise NotationError(line, problem) from None

    def check_expression(self, text: str, line: int, now: bool = False) -> Expression:
        """Parses an expression; raises NotationError if it is invalid, or names an unknown run, fact or moment.

        `now`: whether it may name the run on the screen, `now`.
        """
        try:
            expression = Expression.parse(text)
        except ExpressionError as refused:
            raise NotationError(line, with_problem(quoted(text), str(refused))) from None
        known = (*self._runs, NOW) if now else tuple(self._runs)
        for run in expression.runs():
            if run not in known:
                problem = _("names no run of the lesson: {name}").format(name=quoted(run))
                if near := nearest(run, known):
                    raise NotationError(line, with_near(problem, near))
                allowed = join_or(known) if known else _("a table [runs.NAME] for each")
                raise NotationError(line, with_allowed(problem, allowed))
        for run, moment, fact in expression.references():
            facts = MOMENT_FACTS if moment else RUN_FACTS
            if fact not in facts:
                raise NotationError(line, _no_fact(fact, facts))
            if moment and run == NOW:
                raise NotationError(line, _("asks for a moment of now; allowed: of runs of the lesson"))
            if moment:
                self._moment(moment, run, line)
        return expression


def _names(text: str) -> tuple[str, ...]:
    """Splits a comma-separated list of names."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _no_fact(name: str, facts: Mapping[str, str]) -> str:
    """Returns the message that a run or a moment has no such fact, with a near one or all that it has."""
    if facts is RUN_FACTS:
        problem = _("names no fact of a run: {name}")
        own_facts = comma_separated([fact for fact in facts if fact not in SETTINGS])
        allowed = _("{facts}, and settings such as lr").format(facts=own_facts)
    else:
        problem = _("names no fact of a moment: {name}")
        allowed = comma_separated([*facts])
    problem = problem.format(name=quoted(name))
    near = nearest_name(name, facts)
    problem = with_near(problem, near) if near else with_allowed(problem, allowed)
    return _("{problem}; 'quadfit-tui lessons facts' lists all").format(problem=problem)


def _updates_per_epoch(config: RunConfig) -> int:
    """Computes the number of updates in an epoch of a run, without making its samples if possible."""
    if config.batch == "full":
        return 1
    if config.data is None:
        return config.samples // int(config.batch)
    return make_task(config).updates_per_epoch
