"""Each text that a user reads of lessons and classes is looked up: none is without its mark."""

import re
from datetime import UTC, datetime

import pytest
from looked_up import left_over
from pseudo_locale import pseudo_locale

from quadfit_tui.core.text.language import _
from quadfit_tui.teaching.classroom.handout import handout
from quadfit_tui.teaching.classroom.report import Report
from quadfit_tui.teaching.classroom.report_formats import COLUMNS, csv_lines, own_page, report_table
from quadfit_tui.teaching.classroom.transcript_reader import Answers, Period
from quadfit_tui.teaching.course.course import Course
from quadfit_tui.teaching.course.script import STEP_TASKS, initial_paragraphs, prompt
from quadfit_tui.teaching.course.standing import Phase
from quadfit_tui.teaching.course.transcript import Transcript
from quadfit_tui.teaching.judging.check import check
from quadfit_tui.teaching.judging.facts import Facts
from quadfit_tui.teaching.judging.slips import slips
from quadfit_tui.teaching.notation.lesson import Face, StepKind
from quadfit_tui.teaching.notation.places import LINK_TARGETS
from quadfit_tui.teaching.notation.reading.notation import read_lesson
from quadfit_tui.teaching.notation.reading.notation_error import NotationError
from quadfit_tui.teaching.notation.vocabulary import MOMENT_FACTS, RUN_FACTS


@pytest.fixture(autouse=True)
def _marked():
    with pseudo_locale():
        yield


LESSON = """+++
format = 1
id = "ball"
title = "球"
aim = "看"
summary = ["一 [4](=four.samples)", "二"]
[runs.four]
samples = 4
init = [0, 0, 0]
lr = 0.1
epochs = 2
stop_on = "never"
[runs.long]
from = "four"
epochs = 30
+++

## 读 {#read .say run=four}
有 [4](=four.samples) 个样本；看 [w](show:w)。

## 猜 {#guess .predict run=four tol=digits:2 answer=8}
几次更新？
- [x] 是 `four.updates`
  四乘二。
- [ ] 否 `four.epochs`
  不是。
- hint: 想一想。
- note: 问。

## 选 {#choose .observe run=four}
升还是降？
- [x] 降 `four.mean_loss < four.start`
- [ ] 升 `four.mean_loss > four.start`
  不是。
- hint: 看一看。

## 画 {#curve .draw run=long}
画。

## 做 {#work .do run=four until="now.epochs > 2" solution="epochs:5"}
训练。

## 写 {#write .explain}
为什么？
- model: 因为。
"""
BROKEN = {
    "format = 1": "format = 2",
    'id = "ball"': 'id = "The Ball"',
    'title = "球"': 'tilte = "球"',
    "球": "球" * 61,
    "samples = 4": "samples = 4,5",
    "epochs = 30": "epochs = 30\nbatch = 9",
    "+++": "---",
    "## 读": "# 读",
    "#read .say": "#read say",
    ".predict": ".perdict",
    "run=four tol": "run=fuor tol",
    "digits:2": "5%",
    "show:w": "show:ww",
    "(=four.samples)": "(=four.bacth)",
    "`four.updates`": "`four.update = 1`",
    "`four.epochs`": "`four.epochs ** 2`",
    "- note:": "- not:",
    "- [x] 降": "- [ ] 降",
    "> 2": "> now[3].a",
    "epochs:5": "epoch:5",
    "## 写": "1. 写\n\n## 写",
}
OF_NOTATION = (
    *(*StepKind, *LINK_TARGETS, *RUN_FACTS, *MOMENT_FACTS, "mean-loss"),
    *("four", "long", "fuor", "now", "ball", "the-ball"),  # the lesson's own
    *(
        "format",
        "title",
        "run",
        "runs",
        "tol",
        "digits",
        "rel",
        "abs",
        "factor",
        "exact",
        "hint",
        "note",
        "Title",
        "kind",
        "name",
    ),
)


def test_what_is_wrong_with_a_lesson():
    for old, new in BROKEN.items():
        with pytest.raises(NotationError) as refused:
            read_lesson(LESSON.replace(old, new, 1))
        for each in (refused.value, *refused.value.others):
            assert left_over(each.reason, *OF_NOTATION) == [], each.reason


def test_a_lesson_is_checked():
    false = LESSON.replace("[4](=four.samples) 个", "[5](=four.samples) 个").replace("answer=8", "answer=9")
    false = false.replace("< four.start", "> four.start").replace("now.epochs > 2", "now.epochs >= 0")
    lesson = read_lesson(false.replace("有", "有 7 " + "很" * 600))
    facts = Facts(lesson)
    told = [*check(lesson, facts), *slips(lesson)]
    assert len(told) >= 4
    names = ("four", "samples", "updates", "mean_loss", "start", "now", "epochs", "view", "run", "status", "and")
    assert [each.text for each in told if left_over(each.text, *names)] == []


@pytest.mark.parametrize("face", Face)
def test_a_lesson_is_taken_and_reported(face):
    lesson = read_lesson(LESSON)
    facts = Facts(lesson, face=face)
    transcript = Transcript(None)
    course = Course(lesson, facts, transcript, shows_notes=True)
    course.start()
    told = [course.notice, transcript.status_sentence]
    while course.phase is not Phase.ENDED:
        told += [
            course.where,
            _(STEP_TASKS[course.step.kind]),
            prompt(course),
            *(each.text for each in initial_paragraphs(course)),
        ]
        told += [course.hint(), course.answer("?"), course.answer("7"), course.answer("b"), course.answer("a")]
        told += [course.skip(), course.skip(), course.feedback]
        if course.phase is Phase.DOING:
            course.finish_task()
        course.confirm()
    told += [prompt(course), *course.progress.score.lines, *course.summary]
    told += [*handout(lesson, facts), *handout(lesson, facts, has_key=True)]
    answers = Answers("anna", tuple(transcript.entries), cut=1)
    period = Period(datetime(2026, 1, 1, tzinfo=UTC))
    for report in (
        Report([lesson], [answers, Answers("ben")]),
        Report([lesson], [answers, Answers("ben")], period=period),
    ):
        told += report_table(report, with_words=True)
        for line in csv_lines(report)[1:]:  # which programs read
            assert not re.search("[⟦⟧]", line)
        assert csv_lines(report)[0] == ",".join(COLUMNS)
    told += own_page([lesson], answers)
    names = ("anna", "ben", "ball", "set", "epochs", "guess", "choose", "curve", "write", "work")
    assert [text for text in told if left_over(text, *names)] == []
