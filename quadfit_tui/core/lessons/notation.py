"""Reads a lesson file: TOML between two lines `+++`, then steps in Markdown. Nothing in it is run as code.

Whatever a lesson could get wrong without training is refused here, with its line; what training tells, by check.py.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.value_types import read_number
from quadfit_tui.core.config.view_names import VIEW_NAMES
from quadfit_tui.core.lessons.expression import MOMENT_FACTS, NOW, RUN_FACTS, Expression, ExpressionError
from quadfit_tui.core.lessons.front_matter import ALLOWED_IDS, LONGEST_TITLE, FrontMatter, is_id
from quadfit_tui.core.lessons.lesson import (
    LETTERS,
    QUESTIONS,
    Answer,
    Held,
    Lesson,
    Prose,
    Step,
    StepKind,
    Tolerance,
    changes_of,
)
from quadfit_tui.core.lessons.markdown import NotationError, Row, Section, sections
from quadfit_tui.core.lessons.tolerance import read_tolerance
from quadfit_tui.core.model.task import make_task
from quadfit_tui.core.session.playback import SPEEDS
from quadfit_tui.core.text.quoting import did_you_mean, quoted
from quadfit_tui.core.training.position import Position, allowed_moments, read_moment

LARGEST_LESSON = 100_000  # bytes
_LONGEST_LINE = 2000  # characters
_MOST_BRACKETS = 2000  # of a file: the parser takes 50 µs for each; a long lesson has 200
_FENCE = "+++"
# Not from the table of the views, which is above this wing; a test compares them.
_OF_ALL = ("#", ".", "run", "at", "view", "speed")
_QUESTION = ("tol", "answer", "transfer")
_ATTRIBUTES = {
    StepKind.SAY: _OF_ALL,
    StepKind.DO: (*_OF_ALL, "until", "solution", "open"),
    StepKind.PREDICT: (*_OF_ALL, *_QUESTION),
    StepKind.OBSERVE: (*_OF_ALL, *_QUESTION),
    StepKind.EXPLAIN: _OF_ALL,
    StepKind.DRAW: ("#", ".", "run", "view"),
}
_FLAGS = ("yes", "no")


def read_lesson(text: str, file_name: str = "") -> Lesson:
    """The lesson in a text. Raises NotationError, with the line and the reason."""
    digest = hashlib.sha256(text.encode(errors="replace")).hexdigest()[:16]
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\xa0", " ").replace("\u202f", " ")
    lines = _checked_lines(text)
    end = next((at for at, line in enumerate(lines) if at and line.rstrip() == _FENCE), None)
    if lines[0].rstrip() != _FENCE or end is None:
        why = "begins a front matter that has no end" if lines[0].rstrip() == _FENCE else "has no front matter"
        raise NotationError(1, f"{why}; allowed: TOML between two lines {_FENCE}")
    front = FrontMatter(lines[:end])
    values = front.values
    runs = front.runs()
    # Empty lines take the place of the front matter, so that lines count as in the file.
    steps = tuple(_Steps(runs).read(sections("\n".join([""] * (end + 1) + lines[end + 1 :]))))
    ids = [step.id for step in steps]
    if values["hold_until"] and values["hold_until"] not in ids:
        named = f"{quoted(values['hold_until'])}{did_you_mean(values['hold_until'], ids)}"
        raise NotationError(front.line("hold_until"), f"holds back until a step that there is not: {named}")
    if not steps:
        raise NotationError(len(lines), "ends a lesson without a step; allowed: a heading ## for each")
    return Lesson(
        id=values["id"],
        version=values["version"],
        title=values["title"],
        minutes=values["minutes"],
        aim=values["aim"],
        misconception=values["misconception"],
        source=values["source"],
        runs=runs,
        steps=steps,
        digest=digest,
        needs=tuple(values["needs"]),
        may_skip=values["skip"],
        language=values["lang"],
        file_name=file_name,
        hold=frozenset(map(Held, values["hold"])),
        hold_until=values["hold_until"],
        summary=tuple(front.prose("summary")),
    )


def _checked_lines(text: str) -> list[str]:
    if len(text.encode(errors="replace")) > LARGEST_LESSON:
        raise NotationError(1, f"begins a text of more than {LARGEST_LESSON} bytes")
    if text.count("[") > _MOST_BRACKETS:
        raise NotationError(1, f"begins a text with more than {_MOST_BRACKETS} brackets")
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if len(line) > _LONGEST_LINE:
            raise NotationError(number, f"has {len(line)} characters; allowed: up to {_LONGEST_LINE}")
        if not line.isprintable():
            wrong = next(char for char in line if not char.isprintable())
            raise NotationError(number, f"has a character that does not print: {wrong!a}")
    return lines


class _Steps:
    """Makes steps of sections."""

    def __init__(self, runs: Mapping[str, RunConfig]) -> None:
        self._runs = runs
        self._ids: set[str] = set()

    def read(self, found: list[Section]) -> Iterator[Step]:
        for section in found:
            yield self._step(section)

    def _step(self, section: Section) -> Step:
        line, given = section.line, section.attributes
        kind = self._kind(section)
        for key in given:
            if key not in _ATTRIBUTES[kind]:
                hint = did_you_mean(key, _ATTRIBUTES[kind])
                raise NotationError(line, f"has {quoted(key)}, which means nothing for .{kind}{hint}")
        self._check_id(given.get("#", ""), line)
        if not 0 < len(section.title) <= LONGEST_TITLE or not section.title.isprintable():
            raise NotationError(line, f"has no title; allowed: 1 to {LONGEST_TITLE} characters")
        words = {
            "view": VIEW_NAMES,
            "speed": tuple(SPEEDS),
            "run": tuple(self._runs),
            "open": _FLAGS,
            "transfer": _FLAGS,
        }
        for key, allowed in words.items():
            if key in given and given[key] not in allowed:
                hint = did_you_mean(given[key], allowed)
                raise NotationError(line, f"names no {key}: {quoted(given[key])}{hint}; allowed: {', '.join(allowed)}")
        try:
            tolerance = read_tolerance(given["tol"]) if "tol" in given else None
        except ValueError as refused:
            raise NotationError(line, f"tol: {refused}") from None
        answers = tuple(self._answer(row, tolerance is None) for row in section.rows if row.mark in ("x", " "))
        self._check_answers(kind, answers, tolerance, given, line)
        prose = [section.text, *(row.prose for row in section.rows)]
        for number in (number for each in prose for number in each.numbers):
            self.check_expression(number.expression, number.line)
        if kind is StepKind.DRAW and "run" not in given:
            raise NotationError(line, "has nothing to draw; allowed: run=…, whose mean loss it is")
        if kind is StepKind.DO:
            for key in ("until", "solution"):
                if key not in given:
                    raise NotationError(line, f"has a task without {key}; allowed: {key}=…")
            self.check_expression(given["until"], line, now=True)
            try:
                changes_of(given["solution"])
            except ValueError as refused:
                raise NotationError(line, str(refused)) from None
            if not Expression.parse(given["until"]).is_condition:
                raise NotationError(line, "has no condition as until; allowed: one with now, as in now.epochs < 90")
        return Step(
            id=given["#"],
            kind=kind,
            title=section.title,
            text=section.text,
            line=line,
            answers=answers,
            hints=tuple(row.prose for row in section.rows if row.mark == "hint"),
            notes=tuple(row.prose for row in section.rows if row.mark == "note"),
            models=self._models(kind, section),
            run=given.get("run"),
            at=self._position(given, line),
            view=given.get("view"),
            speed=given.get("speed"),
            tolerance=tolerance,
            written_answer=given.get("answer"),
            until=given.get("until"),
            solution=given.get("solution"),
            open=given.get("open") == "yes",
            transfer=given.get("transfer") == "yes",
            plain_numbers=section.plain_numbers,
        )

    @staticmethod
    def _models(kind: StepKind, section: Section) -> tuple[Prose, ...]:
        rows = [row for row in section.rows if row.mark == "model"]
        if rows and kind is not StepKind.EXPLAIN:
            raise NotationError(rows[0].line, f"is a model answer, which .{kind} has none of; allowed: in .explain")
        return tuple(row.prose for row in rows)

    @staticmethod
    def _kind(section: Section) -> StepKind:
        word = section.attributes.get(".", "")
        if word not in tuple(StepKind):
            allowed = ", ".join(f".{kind}" for kind in StepKind)
            raise NotationError(section.line, f"is a step of no kind: {quoted(word)}; allowed: {allowed}")
        return StepKind(word)

    def _check_id(self, id: str, line: int) -> None:
        if not is_id(id):
            why = f"has the id {quoted(id)}" if id else "has no id"
            raise NotationError(line, f"{why}; allowed: # and {ALLOWED_IDS}, as in #rate")
        if id in self._ids:
            raise NotationError(line, f"has the id {quoted(id)}, which another step has already")
        self._ids.add(id)

    def _position(self, given: Mapping[str, str], line: int) -> Position | None:
        if "at" not in given:
            return None
        if "run" not in given:
            raise NotationError(line, "has a moment, at, of no run; allowed: run=… beside it")
        return self._moment(given["at"], given["run"], line)

    def _moment(self, text: str, run: str, line: int) -> Position:
        config = self._runs[run]
        bounds = config.epochs, _updates_per_epoch(config)
        try:
            return read_moment(text, *bounds)
        except ValueError as refused:
            raise NotationError(line, f"{refused}; allowed in {run}: {allowed_moments(*bounds)}") from None

    def _answer(self, row: Row, is_choice: bool) -> Answer:
        self.check_expression(row.code, row.line)
        if Expression.parse(row.code).is_condition is not is_choice:
            kinds = ("a number, since the step has tol", "a condition, as in near.epochs > fast.epochs")
            raise NotationError(row.line, f"has another kind of expression; allowed: {kinds[is_choice]}")
        if not row.text:
            raise NotationError(row.line, "has no text; allowed: - [x] text `expression`")
        return Answer(row.text, row.mark == "x", row.code, row.prose, row.line)

    @staticmethod
    def _check_answers(
        kind: StepKind, answers: tuple[Answer, ...], tolerance: Tolerance | None, given: Mapping[str, str], line: int
    ) -> None:
        if kind not in QUESTIONS:
            if answers:
                raise NotationError(answers[0].line, f"is an answer, which .{kind} has none of")
            return
        if sum(answer.is_right for answer in answers) != 1:
            raise NotationError(line, "has no right answer, or several; allowed: one row with [x]")
        if tolerance is None and not 2 <= len(answers) <= len(LETTERS):
            raise NotationError(line, f"has {len(answers)} choices; allowed: 2 to {len(LETTERS)}, or tol for a number")
        if (tolerance is None) == ("answer" in given):
            raise NotationError(line, "has one of tol and answer; allowed: both, for a number, or none, for a choice")
        if tolerance is not None:
            try:
                read_number(given["answer"].lstrip("~"))
            except ValueError as refused:
                raise NotationError(line, f"answer: {quoted(given['answer'])} {refused}") from None

    def check_expression(self, text: str, line: int, now: bool = False) -> None:
        """Raises NotationError where an expression cannot be read, or names what there is not."""
        try:
            expression = Expression.parse(text)
        except ExpressionError as refused:
            raise NotationError(line, f"{quoted(text)} {refused}") from None
        known = (*self._runs, NOW) if now else tuple(self._runs)
        for run in expression.runs():
            if run not in known:
                raise NotationError(line, f"names no run of the lesson: {quoted(run)}{did_you_mean(run, known)}")
        for run, moment, fact in expression.references():
            facts = MOMENT_FACTS if moment else RUN_FACTS
            if fact not in facts:
                of = "a moment" if moment else "a run"
                raise NotationError(line, f"names no fact of {of}: {quoted(fact)}{did_you_mean(fact, facts)}")
            if moment and run == NOW:
                raise NotationError(line, "asks for a moment of now; allowed: of runs of the lesson")
            if moment:
                self._moment(moment, run, line)


def _updates_per_epoch(config: RunConfig) -> int:
    """How many updates an epoch of a run has."""
    if config.batch == "full":
        return 1
    if config.data is None:
        return config.samples // int(config.batch)
    return make_task(config).updates_per_epoch
