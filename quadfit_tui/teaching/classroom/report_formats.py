"""A report as lines: a table to read, CSV for programs, and a student's own answers."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Container, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from quadfit_tui.core.text.document import LINE_WIDTH
from quadfit_tui.core.text.language import (
    N_,
    _,
    clauses,
    comma_separated,
    in_english,
    join_then,
    labeled,
    ngettext,
    ngettext_noop,
    with_remark,
)
from quadfit_tui.core.text.quoting import printable
from quadfit_tui.core.text.width import cell_width, ellipsize, ljust, rjust, wrapped
from quadfit_tui.teaching.classroom.report import FirstAnswers, Judged, LessonResult, Report, notes_of
from quadfit_tui.teaching.classroom.transcript_reader import ALWAYS, Answers, Period
from quadfit_tui.teaching.course.answers import OwnAnswer
from quadfit_tui.teaching.course.course import Course
from quadfit_tui.teaching.course.drawn_curve import DrawnCurve, Points, sparkline
from quadfit_tui.teaching.course.progress import DISCUSSED
from quadfit_tui.teaching.course.transcript import Transcript
from quadfit_tui.teaching.judging.facts import Facts
from quadfit_tui.teaching.notation.catalog import current_id
from quadfit_tui.teaching.notation.lesson import QUESTIONS, Lesson, Step, StepKind, kind_name

MOST_WRONG = 3  # maximum number of wrong answers named beside the share of right ones
_LONGEST_WRONG = 32  # maximum width of one of them, in columns
_HEADS = (
    *(N_("student"), N_("lesson"), N_("done"), N_("predicted"), N_("observed"), N_("hints")),
    *(N_("skipped"), N_("last seen, UTC"), N_("notes")),
)
_RIGHTS = range(2, 7)  # the indices of the columns of numbers, aligned to the right
_RUN = N_("the run")  # label of its curve
_DONE = ngettext_noop("{done} of {n} step done", "{done} of {n} steps done")
COLUMNS = (  # the columns of CSV, which never change; new ones go to the end
    *("student", "lesson", "step", "kind", "done", "first_answer", "right", "tries", "hints", "skipped", "seconds"),
    *("words", "notes", "second_vote", "name", "answered_utc", "second_vote_utc", "points", "identity"),
    "first_vote",
)


def report_table(report: Report, with_words: bool = False, ascii: bool = False) -> list[str]:
    """Renders the report as text for a teacher: a line for each student and lesson, first answers, and drawn curves.

    `with_words` adds the explanations; `ascii` draws small curves in ASCII.
    """
    results = [result for lesson in report.lessons for result in report.of(lesson)]
    rows, listed = [_row(result) for result in results], {result.answers.student for result in results}
    for answers in report.students:  # students without results are listed with their notes
        if answers.student not in listed and (notes := report.notes(answers)):
            rows.append((answers.displayed_name, *[""] * (len(_HEADS) - 2), comma_separated(notes)))
    lines = _only(report.period)
    if named := [answers.displayed_name for answers in report.students if answers.has_token]:
        head = _("Tokens tell the students apart: whoever has one answers in its name.")
        if len(named) < len(report.students):
            head = _("Tokens tell these apart, not accounts: {names}; whoever has one answers in its name.")
        lines += _folded(head.format(names=comma_separated(named)))
    lines += ["", *_aligned([tuple(map(_, _HEADS)), *rows], _RIGHTS)] if rows else []
    for lesson in report.lessons:
        lines += ["", *_summary(report, lesson), *_drawn(report, lesson, ascii)]
        if with_words:
            lines += _words(report, lesson)
    if not report.lessons and (nobody := report.not_begun()):
        head = _("have not begun any lesson: {names}")
        if report.period != ALWAYS:
            head = _("have done nothing then: {names}")
        lines += ["", *_folded(head.format(names=comma_separated(nobody)))]
    return _stripped(lines)


def _only(period: Period) -> list[str]:
    """Returns the line on the period of a report; none if it covers all time."""
    since, until = _moment(period.since), _moment(period.until)
    if since and until:
        return [_("Only what was done since {since} and before {until}, UTC.").format(since=since, until=until)]
    if since:
        return [_("Only what was done since {since}, UTC.").format(since=since)]
    return [_("Only what was done before {until}, UTC.").format(until=until)] if until else []


def _moment(time: datetime | None) -> str:
    """Formats a time as --since and --until accept it; empty if there is none."""
    return f"{time:%Y-%m-%d %H:%M:%S}".removesuffix(":00").removesuffix(" 00:00") if time else ""


def _row(result: LessonResult) -> tuple[str, ...]:
    """Returns the cells of a student and lesson."""
    records = [step.record for step in result.steps]
    done, hints = sum(record.is_done for record in records), sum(record.hints for record in records)
    skipped = sum(record.is_skipped for record in records)
    shares = [_share(*result.count(kind)) for kind in QUESTIONS]
    last = f"{result.last:%Y-%m-%d %H:%M}" if result.last else ""
    notes = comma_separated(result.notes)
    return (
        *(result.answers.displayed_name, result.lesson.id, _share(done, len(result.steps)), *shares),
        *(str(hints), str(skipped), last, notes),
    )


def _share(part: int, whole: int) -> str:
    return f"{part}/{whole}" if whole else "–"


def _aligned(rows: list[tuple[str, ...]], rights: Container[int] = ()) -> list[str]:
    """Joins cells to lines of aligned columns; those of the indices `rights` are aligned to the right."""
    widths = [max(map(cell_width, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            (rjust if index in rights else ljust)(cell, width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _summary(report: Report, lesson: Lesson) -> list[str]:
    """Renders how many have begun a lesson, and the first answers to its questions."""
    idle, begun = report.not_begun(lesson), len(report.of(lesson))
    if report.period == ALWAYS:
        of_some = _("{lesson}: {begun} of {all} have begun; not yet: {names}")
        of_all = _("{lesson}: {begun} of {all} have begun")
    else:
        of_some = _("{lesson}: {begun} of {all} have worked on it then; the others: {names}")
        of_all = _("{lesson}: {begun} of {all} have worked on it then")
    template = of_some if idle else of_all
    lines = _folded(template.format(lesson=lesson.id, begun=begun, all=begun + len(idle), names=comma_separated(idle)))
    questions = report.first_answers(lesson)
    if questions:
        lines.append(_("{lesson}: what was answered first, worst first").format(lesson=lesson.id))
        lines += _aligned([_first(question) for question in questions])
    return lines


def _first(answers: FirstAnswers) -> tuple[str, ...]:
    """Returns the cells on the first answers to a question."""
    wrong = clauses([f"{count}× {ellipsize(text, _LONGEST_WRONG)}" for text, count in answers.wrong[:MOST_WRONG]])
    # xgettext: no-python-format
    share = _("{percent} % of {n}").format(percent=f"{100 * answers.share:5.0f}", n=answers.answered)
    return share, answers.step.id, kind_name(answers.step.kind), wrong


def _words(report: Report, lesson: Lesson) -> list[str]:
    """Renders the explanations that were written in a lesson, by steps."""
    lines = []
    for index, step in enumerate(lesson.steps):
        explanations = [
            (result.answers.displayed_name, text)
            for result in report.of(lesson)
            if (text := result.steps[index].record.said)
        ]
        if explanations:
            template = _("{lesson}: what was written in {step}: {title}")
            lines += _folded(template.format(lesson=lesson.id, step=step.id, title=step.title))
            lines += [line for name, words in explanations for line in _folded(labeled(name, words), "  ")]
    return lines


def _drawn(report: Report, lesson: Lesson, ascii: bool) -> Iterator[str]:
    """Renders the curves that a class has drawn in a lesson, a line each, below that of the run."""
    of_run = _(_RUN)
    for step, run, drawn in report.drawn(lesson):
        room = max(map(cell_width, (of_run, *(name for name, _points in drawn))))
        yield _("{lesson}: what was drawn in {step}").format(lesson=lesson.id, step=step.id)
        yield f"  {ljust(of_run, room)}  {sparkline(run.places, ascii=ascii)}  {run.sentence}"
        for name, points in drawn:
            yield f"  {ljust(name, room)}  {_curve(points, ascii, lesson, step)}"


def _curve(points: Points, ascii: bool, lesson: Lesson, step: Step) -> str:
    """Renders a drawn curve as a small picture and a phrase."""
    curve = DrawnCurve(points)
    return f"{sparkline(curve.places, ascii=ascii)}  {_(curve.shape_in(lesson, step))}"


def own_page(
    lessons: Iterable[Lesson],
    answers: Answers,
    only: str | None = None,
    period: Period = ALWAYS,
    ascii: bool = False,
) -> list[str]:
    """Renders a student's own answers, with the right ones of finished questions.

    `only` is the id of the only lesson to render; `period` and `ascii` are as for `report_table`.
    """
    transcript, lessons = Transcript(None), [*lessons]
    ids, unknown = [lesson.id for lesson in lessons], 0
    for entry in answers.within(period).entries:
        transcript.write(entry)
        unknown += current_id(entry.lesson, ids) not in ids
    lines = []
    for lesson in lessons:
        if only is not None and lesson.id != only:
            continue
        course = Course(lesson, Facts(lesson), transcript)
        own = course.own_answers()
        if own or course.progress.is_begun:  # a student who only votes has not begun the lesson
            done = ngettext(*_DONE, len(lesson.steps), done=course.progress.done)
            lines += ["", *_folded(labeled(with_remark(lesson.title, lesson.id), done))]
            records = course.progress.records
            for answer in own:
                text = _answer_text(answer, records[answer.step.id].points, ascii, lesson)
                lines += _folded(labeled(answer.step.title, text), "  ")
    nothing = _("no lesson has been begun") if period == ALWAYS else _("nothing was done then")
    return [*_only(period), *(_stripped([*lines, "", *notes_of(answers, unknown)]) or [nothing])]


def _answer_text(own: OwnAnswer, points: Points, ascii: bool, lesson: Lesson) -> str:
    """Formats what a student answered at a step, and the right answer."""
    if own.explanation or not own.answers:
        return own.explanation or _("skipped")
    if points:
        return _("you drew {curve}").format(curve=_curve(points, ascii, lesson, own.step))
    if own.is_right:
        template = _("you answered {answers}, which is right")
    elif own.right:
        template = _("you answered {answers}; the answer is {right}")
    else:
        template = _("you answered {answers}")
    answers = join_then([" ".join(answer.split()) for answer in own.answers])
    return template.format(answers=answers, right=" ".join(own.right.split()))


def csv_lines(report: Report) -> list[str]:
    """Formats the report as CSV: a heading, and a row for each student and step.

    No cell is a formula for a spreadsheet.
    """
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(COLUMNS)
    with in_english():  # whatever language is in use: programs read it
        for row in records(report):
            writer.writerow([_cell(row[name]) for name in COLUMNS])
    return written.getvalue().splitlines()


def records(report: Report) -> Iterator[Mapping[str, Any]]:
    """Yields the values of COLUMNS, by name, for each student and step."""
    for result in report.results:
        for step_result in result.steps:
            step, record, first = step_result.step, step_result.record, step_result.first
            is_question = step.is_votable
            yield {
                "student": result.answers.student,
                "lesson": result.lesson.id,
                "step": step.id,
                "kind": step.kind.value,
                "done": record.is_done,
                "first_answer": _shown(first) if is_question else None,
                "right": None if first is None or first.points else first.is_right,
                "tries": sum(entry.round != DISCUSSED for entry in record.counted)
                if is_question or record.answers
                else None,
                "hints": record.hints,
                "skipped": record.is_skipped,
                "seconds": step_result.seconds,
                "words": record.said if step.kind is StepKind.EXPLAIN else None,
                "notes": ", ".join(result.notes),
                "second_vote": _shown(step_result.second_vote) if is_question else None,
                "name": result.answers.name,
                "answered_utc": _second(step_result.answered),
                "second_vote_utc": _second(step_result.second_voted),
                "points": None if first is None or not first.points else DrawnCurve(first.points).as_text,
                "identity": "token" if result.answers.has_token else "account",
                "first_vote": _shown(step_result.first_vote) if is_question else None,
            }


def _shown(answer: Judged | None) -> str:
    """Returns the text of an answer; empty if there is none."""
    return answer.shown if answer else ""


def _second(time: datetime | None) -> str | None:
    """Formats a time as spreadsheets read it, or returns None."""
    return None if time is None else f"{time:%Y-%m-%d %H:%M:%S}"


_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)
_BEGINS_FORMULA = tuple("=+-@＝＋－＠")  # signs that begin a formula in spreadsheets; the wide ones in Asian settings


def _cell(value: object) -> str:
    """Formats a value as a cell of CSV: booleans as 1 and 0; a text that would be a formula is quoted."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return str(int(value)) if isinstance(value, bool) else str(value)
    is_formula = value.lstrip().startswith(_BEGINS_FORMULA) and not _NUMBER.fullmatch(value)
    return f"'{value}" if is_formula else value


def _folded(text: str, indent: str = "") -> list[str]:
    """Wraps a text to the width of a terminal, with a hanging indent."""
    return wrapped(text, LINE_WIDTH, indent, f"{indent}  ")


def _stripped(lines: list[str]) -> list[str]:
    """Removes empty lines at both ends, and replaces characters that would not print."""
    text = "\n".join(map(printable, lines))
    return text.strip("\n").splitlines()
