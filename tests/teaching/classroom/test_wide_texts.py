"""What is told of a class is set by the columns of a terminal: reports, pages of own answers, bars of votes."""

import re
from dataclasses import replace

import pytest
from diary import RATE, Diary
from lessons_taken import SMALL
from pseudo_locale import narrowed, starts, widened, widest
from rich.cells import cell_len

from quadfit_tui.core.text.document import LINE_WIDTH
from quadfit_tui.teaching.classroom.report import Report
from quadfit_tui.teaching.classroom.report_formats import own_page, report_table
from quadfit_tui.teaching.classroom.tally import Bar, Tally, bar_lines
from quadfit_tui.teaching.classroom.transcript_reader import answers_of

WIDE_RATE = replace(
    RATE, title=widened(RATE.title), steps=tuple(replace(step, title=widened(step.title)) for step in RATE.steps)
)
ANSWERS = (("start",), ("ten", "1406"), ("near", "b"), ("factor", "5"), ("own",), ("why", widened("It is " * 20)))


def report_of(*students):
    answers = [answers_of(Diary(WIDE_RATE).tell("begin").take(*ANSWERS).content, name) for name in students]
    return Report((WIDE_RATE,), answers)


def test_report_columns_align_for_wide_names():
    names = "anna", "李小龙", "Ame\u0301lie", widened("ben")
    heads, *rows = report_table(report_of(*names), with_words=True)
    below = rows[: len(names)]
    assert {narrowed(row).split()[0] for row in below} == {*map(narrowed, names)}
    assert {starts(row, " rate ") for row in below} == {starts(heads, " lesson ")}
    assert {starts(row, "5/6") + 3 for row in below} == {starts(heads, "done") + 4}
    assert widest(rows[len(names) :]) <= LINE_WIDTH
    assert narrowed("".join("".join(rows).split())).count("Itis" * 20) == len(names)


def test_wrong_answer_is_cut_by_columns():
    long = widened("the longest answer that there is")
    near = RATE.by_id["near"]
    wrong = replace(near, answers=(near.answers[0], replace(near.answers[1], text=long), near.answers[2]))
    lesson = replace(RATE, steps=tuple(wrong if step is near else step for step in RATE.steps))
    answers = [answers_of(Diary(lesson).tell("begin").take(*ANSWERS[:3]).content, "anna")]
    (row,) = (row for row in report_table(Report((lesson,), answers)) if " near " in row)
    told = row.partition("1× ")[2]
    assert long.startswith(told.removesuffix("…"))
    assert cell_len(told) == 31  # of 32: a half of a character is none


def test_own_answers_fit_the_line():
    lesson = replace(WIDE_RATE, title=widened("a title that is as long as the longest one can be: sixty"))
    lines = own_page([lesson], answers_of(Diary(lesson).tell("begin").take(*ANSWERS).content, "anna"))
    assert widest(lines) <= LINE_WIDTH
    assert narrowed(" ".join(lines[:2])).split()[-5:] == ["6", "of", "6", "steps", "done"]


@pytest.mark.parametrize("width", [78, 60])
@pytest.mark.parametrize("rounds", [[1], [1, 2]])
def test_vote_bars_align(width, rounds, monkeypatch):
    texts = "up", "下降了，只是很慢", widened("it goes on like that for good, and never ends"), "e\u0301te\u0301"
    bars = [Bar("ABCD"[at], text, (at, 9 - at)[: len(rounds)], at == 1) for at, text in enumerate(texts)]
    monkeypatch.setattr(Tally, "bars", lambda *_: bars)
    rows = bar_lines(Tally([], SMALL, SMALL.by_id["look"]), rounds, width, marks=True)
    assert widest(rows) <= width
    rows = rows[len(rounds) - 1 :]
    counts = [re.search(r"(?<= {2})\d(?: █|\s*$| {3})", row) for row in rows]
    assert len({cell_len(row[: found.start()]) for row, found in zip(rows, counts, strict=True)}) == 1
    assert len({starts(row, f"  {9 - at} █") for at, row in enumerate(rows) if len(rounds) == 2}) == len(rounds) - 1
