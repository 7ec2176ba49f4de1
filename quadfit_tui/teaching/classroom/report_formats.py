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
    in_turn,
    labeled,
    ngettext,
    ngettext_noop,
    with_remark,
)
from quadfit_tui.core.text.quoting import printable
from quadfit_tui.core.text.width import cell_width, ljust, rjust, shortened, wrapped
from quadfit_tui.teaching.classroom.report import FirstAnswers, Judged, LessonResult, Report, notes_of
from quadfit_tui.teaching.classroom.transcript_reader import ALWAYS, Answers, Period
from quadfit_tui.teaching.course.answers import OwnAnswer
from quadfit_tui.teaching.course.course import Course
from quadfit_tui.teaching.course.drawn_curve import DrawnCurve, Points, sparkline
from quadfit_tui.teaching.course.transcript import Transcript
from quadfit_tui.teaching.judging.facts import Facts
from quadfit_tui.teaching.notation.lesson import QUESTIONS, Lesson, Step, StepKind, kind_name

MOST_WRONG = 3  # answers that are named beside the share that was right
_LONGEST_WRONG = 32  # columns of one of them
_HEADS = (
    *(N_("student"), N_("lesson"), N_("done"), N_("predicted"), N_("observed"), N_("hints")),
    *(N_("skipped"), N_("last seen, UTC"), N_("notes")),
)
_RIGHTS = range(2, 7)  # the columns of numbers
_RUN = N_("the run")  # beside its curve
_DONE = ngettext_noop("{done} of {n} step done", "{done} of {n} steps done")
COLUMNS = (  # of CSV, which never change; new ones at the end
    *("student", "lesson", "step", "kind", "done", "first_answer", "right", "tries", "hints", "skipped", "seconds"),
    *("words", "notes", "second_vote", "name", "answered_utc", "second_vote_utc", "points", "identity"),
    "first_vote",
)


def table(report: Report, with_words: bool = False, ascii: bool = False) -> list[str]:
    """The report for a teacher: a line for each student and lesson, what was answered first, and what was drawn.

    With `ascii` small curves are drawn in that.
    """
    results = [result for lesson in report.lessons for result in report.of(lesson)]
    rows, told = [_row(result) for result in results], {result.answers.student for result in results}
    for answers in report.students:  # of whom nothing else can be said
        if answers.student not in told and (notes := report.notes(answers)):
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
    """What is told first of a report that is not of all times."""
    since, until = _moment(period.since), _moment(period.until)
    if since and until:
        return [_("Only what was done since {since} and before {until}, UTC.").format(since=since, until=until)]
    if since:
        return [_("Only what was done since {since}, UTC.").format(since=since)]
    return [_("Only what was done before {until}, UTC.").format(until=until)] if until else []


def _moment(time: datetime | None) -> str:
    """A time as it may be given to --since and --until; empty where there is none."""
    return f"{time:%Y-%m-%d %H:%M:%S}".removesuffix(":00").removesuffix(" 00:00") if time else ""


def _row(result: LessonResult) -> tuple[str, ...]:
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
    """Rows as lines, with the columns `rights` set to the right."""
    widths = [max(map(cell_width, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            (rjust if index in rights else ljust)(cell, width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _summary(report: Report, lesson: Lesson) -> list[str]:
    idle, begun = report.not_begun(lesson), len(report.of(lesson))
    if report.period == ALWAYS:
        told = _("{lesson}: {begun} of {all} have begun; not yet: {names}")
        of_all = _("{lesson}: {begun} of {all} have begun")
    else:
        told = _("{lesson}: {begun} of {all} have worked on it then; the others: {names}")
        of_all = _("{lesson}: {begun} of {all} have worked on it then")
    said = (told if idle else of_all).format(
        lesson=lesson.id, begun=begun, all=begun + len(idle), names=comma_separated(idle)
    )
    lines = _folded(said)
    found = report.first_answers(lesson)
    if found:
        lines.append(_("{lesson}: what was answered first, worst first").format(lesson=lesson.id))
        lines += _aligned([_first(each) for each in found])
    return lines


def _first(found: FirstAnswers) -> tuple[str, ...]:
    wrong = clauses([f"{count}× {shortened(text, _LONGEST_WRONG)}" for text, count in found.wrong[:MOST_WRONG]])
    # xgettext: no-python-format
    share = _("{percent} % of {n}").format(percent=f"{100 * found.share:5.0f}", n=found.answered)
    return share, found.step.id, kind_name(found.step.kind), wrong


def _words(report: Report, lesson: Lesson) -> list[str]:
    lines = []
    for index, step in enumerate(lesson.steps):
        said = [
            (each.answers.displayed_name, text) for each in report.of(lesson) if (text := each.steps[index].record.said)
        ]
        if said:
            told = _("{lesson}: what was written in {step}: {title}")
            lines += _folded(told.format(lesson=lesson.id, step=step.id, title=step.title))
            lines += [line for name, words in said for line in _folded(labeled(name, words), "  ")]
    return lines


def _drawn(report: Report, lesson: Lesson, ascii: bool) -> Iterator[str]:
    """A line for each curve that a class has drawn in a lesson, by its steps, each below that of its run."""
    of_run = _(_RUN)
    for step, run, drawn in report.drawn(lesson):
        room = max(map(cell_width, (of_run, *(name for name, _points in drawn))))
        yield _("{lesson}: what was drawn in {step}").format(lesson=lesson.id, step=step.id)
        yield f"  {ljust(of_run, room)}  {sparkline(run.places, ascii=ascii)}  {run.sentence}"
        for name, points in drawn:
            yield f"  {ljust(name, room)}  {_curve(points, ascii, lesson, step)}"


def _curve(points: Points, ascii: bool, lesson: Lesson, step: Step) -> str:
    """A drawn curve in a row, and in words."""
    curve = DrawnCurve(points)
    return f"{sparkline(curve.places, ascii=ascii)}  {_(curve.shape_in(lesson, step))}"


def own_page(
    lessons: Iterable[Lesson],
    answers: Answers,
    only: str | None = None,
    period: Period = ALWAYS,
    ascii: bool = False,
) -> list[str]:
    """The page of a student's own answers, beside the right ones of the questions that are done."""
    transcript = Transcript(None)
    for entry in answers.within(period).entries:
        transcript.write(entry)
    lines = []
    for lesson in lessons if only is None else [each for each in lessons if each.id == only]:
        course = Course(lesson, Facts(lesson), transcript)
        own = course.own_answers()
        if own or course.progress.is_begun:  # who only votes has not begun the lesson
            done = ngettext(*_DONE, len(lesson.steps), done=course.progress.done)
            lines += ["", *_folded(labeled(with_remark(lesson.title, lesson.id), done))]
            records = course.progress.records
            for each in own:
                told = _told(each, records[each.step.id].points, ascii, lesson)
                lines += _folded(labeled(each.step.title, told), "  ")
    nothing = _("no lesson has been begun") if period == ALWAYS else _("nothing was done then")
    return [*_only(period), *(_stripped([*lines, "", *notes_of(answers)]) or [nothing])]


def _told(own: OwnAnswer, points: Points, ascii: bool, lesson: Lesson) -> str:
    if own.said or not own.given:
        return own.said or _("skipped")
    if points:
        return _("you drew {curve}").format(curve=_curve(points, ascii, lesson, own.step))
    if own.is_right:
        told = _("you answered {answers}, which is right")
    elif own.right:
        told = _("you answered {answers}; the answer is {right}")
    else:
        told = _("you answered {answers}")
    answers = in_turn([" ".join(each.split()) for each in own.given])
    return told.format(answers=answers, right=" ".join(own.right.split()))


def csv_lines(report: Report) -> list[str]:
    """A heading, and a row for each student and step; nothing in a cell is taken for a formula by a spreadsheet."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(COLUMNS)
    with in_english():  # whatever language is in use: programs read it
        for row in records(report):
            writer.writerow([_cell(row[name]) for name in COLUMNS])
    return written.getvalue().splitlines()


def records(report: Report) -> Iterator[Mapping[str, Any]]:
    """Returns the values of COLUMNS for each student and step."""
    for result in report.results:
        for step, record, first, first_vote, second_vote, seconds, answered, second_voted in result.steps:
            is_question = step.is_votable
            tries = len(record.counted) if is_question or record.answers else None
            values = (
                *(result.answers.student, result.lesson.id, step.id, step.kind.value, record.is_done),
                *(_shown(first) if is_question else None, None if first is None or first.points else first.is_right),
                *(tries, record.hints, record.is_skipped, seconds),
                *(record.said if step.kind is StepKind.EXPLAIN else None, ", ".join(result.notes)),
                *(_shown(second_vote) if is_question else None, result.answers.name),
                *(_second(answered), _second(second_voted)),
                None if first is None or not first.points else DrawnCurve(first.points).written,
                "token" if result.answers.has_token else "account",
                _shown(first_vote) if is_question else None,
            )
            yield dict(zip(COLUMNS, values, strict=True))


def _shown(answer: Judged | None) -> str:
    return answer.shown if answer else ""


def _second(time: datetime | None) -> str | None:
    """A time as spreadsheets read it."""
    return None if time is None else f"{time:%Y-%m-%d %H:%M:%S}"


_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)
_BEGINS_FORMULA = tuple("=+-@＝＋－＠")  # what programs take as the beginning of one; the wide ones in Asian settings


def _cell(value: object) -> str:
    """A value as a cell: yes and no as 1 and 0; a text that would be a formula is quoted, but for a plain number."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return str(int(value)) if isinstance(value, bool) else str(value)
    is_formula = value.lstrip().startswith(_BEGINS_FORMULA) and not _NUMBER.fullmatch(value)
    return f"'{value}" if is_formula else value


def _folded(text: str, indent: str = "") -> list[str]:
    return wrapped(text, LINE_WIDTH, indent, f"{indent}  ")


def _stripped(lines: list[str]) -> list[str]:
    """The lines without empty ones at the beginning and the end, and with nothing that would not print."""
    text = "\n".join(map(printable, lines))
    return text.strip("\n").splitlines()
