"""The report of a class: what was worked out by hand, and that no word of a student's file is believed."""

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from diary import NOON, RATE, Diary
from hypothesis import given
from hypothesis import strategies as st
from trials import CHARACTERS, trials

from quadfit_tui.teaching.classroom import report as report_module
from quadfit_tui.teaching.classroom.report import Report
from quadfit_tui.teaching.classroom.report_formats import COLUMNS, csv_lines, own_page, records, report_table
from quadfit_tui.teaching.classroom.transcript_reader import ALWAYS, Period, answers_of
from quadfit_tui.teaching.judging import facts
from quadfit_tui.teaching.notation.catalog import Catalog

ANNA = (
    Diary()
    .tell("begin", attempt=1)
    .take(("start",), ("ten", "140"), ("near", "a"), ("factor", "2"), ("own",), ("why", "It is just below."))
)
ANNA.tell("end")
BEN = Diary().tell("begin").take(("start",), ("ten", "1406"), ("near", "b"), ("factor", "0,5", "3", "2"))
BEN.tell("hint", "factor", hint=1).tell("hint", "factor", hint=2).tell("skip", "own").tell("done", "own")
CARLA = (
    Diary(time=datetime(2026, 9, 22, 8, 59, 10, tzinfo=UTC))
    .tell("begin")
    .take(("start",), ("ten", "1406"), ("near", "b"))
)
DORA = Diary().tell("begin").tell("seen", "start")


def read(**diaries):
    return [answers_of(diary.content, name) for name, diary in diaries.items()]


def report_of(*lessons, only=None, period=ALWAYS, **diaries):
    return Report(lessons or (RATE,), read(**diaries), only, period)


CLASS = {"anna": ANNA, "ben": BEN, "carla": CARLA, "dora": DORA, "emil": Diary()}

TABLE = """\
student  lesson  done  predicted  observed  hints  skipped  last seen, UTC    notes
anna     rate     6/6        2/2       1/1      0        0  2026-09-21 12:03
ben      rate     5/6        0/2       0/1      2        1  2026-09-21 12:03
carla    rate     3/6        0/2       0/1      0        0  2026-09-22 09:00
dora     rate     0/6        0/2       0/1      0        0  2026-09-21 12:00

rate: 4 of 5 have begun; not yet: emil
rate: what was answered first, worst first
   33 % of 3  ten     predict  2× 1406
   33 % of 3  near    predict  2× fewer still
   50 % of 2  factor  observe  1× 0,5"""


def test_class_table_as_by_hand():
    assert "\n".join(report_table(report_of(**CLASS))) == TABLE


def test_a_class_in_two_languages_is_one():
    english, chinese = (Catalog.packaged(code).find("update") for code in ("en", "zh_CN"))
    anna = Diary(english).tell("begin").take(("twice", "200"), ("first", "4.5"))
    ben = Diary(chinese).tell("begin").take(("twice", "14000"), ("first", "4.5"))
    rows, same = (list(records(report_of(each, anna=anna, ben=ben))) for each in (english, chinese))
    assert rows == same
    assert [row["right"] for row in rows if row["step"] == "twice"] == [True, False]


def test_explanations_included_on_request():
    lines = report_table(report_of(**CLASS), with_words=True)
    assert lines[-2:] == ["rate: what was written in why: In your words", "  anna: It is just below."]
    long = Diary().take(("why", "word " * 60))
    folded = report_table(report_of(anna=long), with_words=True)
    assert folded[-5].startswith("  anna: word")
    assert folded[-1].startswith("    word")
    assert max(map(len, folded)) <= 78 + 6  # the table's heading


def test_one_row_per_student_and_step():
    rows = [*records(report_of(**CLASS))]
    assert len(rows) == 5 * 6
    assert all(tuple(row) == COLUMNS for row in rows)
    factor = rows[6 + 3]
    assert factor == dict(
        zip(
            COLUMNS,
            (
                *("ben", "rate", "factor", "observe", True, "0,5", False, 3, 2, False, 10, None, "", "", ""),
                "2026-09-21 12:01:50",
                None,
                None,
                "account",
                "",
            ),
            strict=True,
        )
    )
    assert rows[5]["words"] == "It is just below."
    assert (rows[6 + 4]["done"], rows[6 + 4]["skipped"]) == (True, True)
    assert {(row["done"], row["first_answer"], row["right"]) for row in rows[24:]} == {
        (False, None, None),
        (False, "", None),
    }
    found = list(csv.DictReader(io.StringIO("\n".join(csv_lines(report_of(**CLASS))))))
    assert [tuple(row) for row in found] == [COLUMNS] * 30
    assert list(found[9].values()) == [
        "ben", "rate", "factor", "observe", "1", "0,5", "0", "3", "2", "0", "10", "", "", "", "",
        "2026-09-21 12:01:50", "", "", "account", "",
    ]  # fmt: skip


def test_recorded_verdicts_are_rejudged():
    forged = Diary().tell("answer", "ten", answer="5", got="right", tries=0).tell("done", "ten")
    forged.tell("done", "factor").tell("done", "near").tell("end")
    (result,) = report_of(mallory=forged).results
    assert [step.record.is_done for step in result.steps] == [False, True, False, False, False, False]
    assert not result.steps[1].first.is_right
    wrongly = Diary().tell("answer", "ten", answer="136", got="wrong")
    assert report_of(anna=wrongly).results[0].steps[1].first.is_right


def test_invalid_answers_ignored():
    odd = (
        Diary()
        .tell("answer", "ten", answer="what?")
        .tell("answer", "ten", answer="140")
        .tell("answer", "start", answer="1")
    )
    odd.tell("answer", "near", answer="f", choice="f").tell("answer", "near", answer="c").tell(
        "answer", "gone", answer="1"
    )
    odd.tell("said", "near", text="no explanation")
    (result,) = report_of(anna=odd).results
    given = [(step.first and step.first.shown, len(step.record.counted), step.record.said) for step in result.steps[:3]]
    assert given == [(None, 0, ""), ("140", 1, ""), (None, 0, "")]
    assert not result.steps[2].record.is_done


def test_the_first_answer_counts_over_all_attempts():
    again = Diary().tell("begin").take(("ten", "1406")).tell("begin").take(("ten", "136")).tell("forget").tell("begin")
    (result,) = report_of(anna=again).results
    _, record, first, *_ = result.steps[1]
    assert (first.shown, first.is_right, record.is_done) == ("1406", False, True)


def test_last_vote_counts_second_vote_separate():
    voted = Diary().tell("answer", "near", choice="b", round=1, tries=1).tell("answer", "near", choice="a", round=1)
    voted.tell("answer", "near", choice="c", round=2)
    report = report_of(anna=voted)
    row = [*records(report)][2]
    given = [row[name] for name in ("done", "first_answer", "right", "tries", "first_vote", "second_vote")]
    assert given == [True, "more epochs", True, 1, "more epochs", "=it diverges"]
    assert report.first_answers(RATE)[0].share == 1


def test_votes_reported_beside_earlier_answer():
    alone = Diary().tell("answer", "near", choice="b", tries=1)
    voted = Diary().tell("answer", "near", choice="b", tries=1).tell("answer", "near", choice="c", round=1, tries=1)
    voted.tell("answer", "near", choice="a", round=1).tell("answer", "near", choice="c", round=2)
    rows = [row for row in records(report_of(anna=alone, ben=voted)) if row["step"] == "near"]
    assert [[row[name] for name in ("first_answer", "first_vote", "second_vote")] for row in rows] == [
        ["fewer still", "", ""],
        ["fewer still", "more epochs", "=it diverges"],
    ]


def test_who_comes_to_the_second_vote_has_no_first_answer():
    late = Diary().tell("answer", "near", choice="a", round=2, tries=1).tell("answer", "near", choice="b", round=2)
    report = report_of(anna=late)
    row = [*records(report)][2]
    given = [row[name] for name in ("done", "first_answer", "right", "tries", "first_vote", "second_vote")]
    assert given == [True, "", None, 0, "", "fewer still"]
    assert report.first_answers(RATE) == []


def test_hints_ignored_equal_numbers_merged():
    hinted = Diary().tell("seen", "ten").tell("hint", "ten", hint=1).tell("answer", "ten", answer="1406", after=30)
    report = report_of(anna=hinted, ben=Diary().take(("ten", "1406,0")), carla=Diary().take(("ten", "1.406e3")))
    assert report.results[0].steps[1].seconds == 40
    assert report.first_answers(RATE)[0].wrong == (("1406", 3),)


def test_answers_to_another_version_do_not_count():
    old = Diary().tell("answer", "ten", answer="136", version=1)
    assert "\n".join(report_table(report_of(anna=old))).splitlines()[1].endswith("1 answer to another version")
    assert report_of(anna=old).results[0].steps[1].first is None


def test_period_limits_what_counts():
    since = NOON + timedelta(hours=12)
    report = report_of(period=Period(since), **CLASS)
    assert [result.answers.student for result in report.of(RATE)] == ["carla"]
    assert report.not_begun(RATE) == ["anna", "ben", "dora", "emil"]
    assert report_of(period=Period(since + timedelta(days=1)), **CLASS).lessons == []
    before = report_of(period=Period(until=since), **CLASS)
    assert [result.answers.student for result in before.of(RATE)] == ["anna", "ben", "dora"]
    begun = NOON + timedelta(seconds=10)  # when the first line was written
    assert report_of(period=Period(begun, begun), **CLASS).lessons == []
    assert len(report_of(period=Period(begun, begun + timedelta(seconds=1)), **CLASS).of(RATE)) == 3


def test_answer_and_vote_times():
    voted = Diary().tell("answer", "near", choice="b", round=1, tries=1).tell("answer", "near", choice="a", round=1)
    voted.tell("answer", "near", choice="c", round=2).tell("said", "why", text="So.").tell("done", "start")
    rows = [*records(report_of(anna=voted))]
    assert [(row["answered_utc"], row["second_vote_utc"]) for row in rows] == [
        (None, None),
        (None, None),
        ("2026-09-21 12:00:20", "2026-09-21 12:00:30"),
        (None, None),
        (None, None),
        ("2026-09-21 12:00:40", None),
    ]


def test_names_replace_accounts_in_table():
    students = [replace(each, name="Zoë" if each.student == "anna" else "") for each in read(anna=ANNA, ben=BEN)]
    report = Report([RATE], [*students, replace(*read(emil=Diary()), name="Émile")])
    assert [line.split()[0] for line in report_table(report)[1:3]] == ["Zoë", "ben"]
    assert "rate: 2 of 3 have begun; not yet: Émile" in report_table(report)
    assert "  Zoë: It is just below." in report_table(report, with_words=True)
    rows = [*records(report)]
    assert {(row["student"], row["name"]) for row in rows} == {("anna", "Zoë"), ("ben", ""), ("emil", "Émile")}


def test_report_of_single_lesson():
    other = replace(RATE, id="other")
    assert "\n".join(report_table(report_of(RATE, other, only="rate", **CLASS))) == TABLE
    assert report_table(report_of(RATE, other, only="other", **CLASS)) == [
        "other: 0 of 5 have begun; not yet: anna, ben, carla, dora, emil"
    ]
    assert report_table(report_of(anna=Diary(), ben=Diary())) == ["have not begun any lesson: anna, ben"]


def test_damaged_files_are_noted():
    unknown = Diary(RATE).tell("seen", "ten", lesson="own-one").tell("seen", "ten", lesson="own-one").content
    students = [
        answers_of(ANNA.content[:-10], "anna"),
        answers_of(b'{"x":1}\n{"y":"\x1b[2J"}\n', "mallory"),
        answers_of(unknown, "zoe"),
        answers_of(b"epoch,lr\n" + ANNA.content, "zora"),
    ]
    lines = report_table(Report([RATE], students))
    assert [line.split("  ")[-1].strip() for line in lines[1:5]] == [
        "1 line cut",
        "broken: no valid first line, 1 line cut",
        "broken: no valid first line, 2 lines unreadable",
        "2 lines of lessons that are not here (see --lessons)",
    ]
    assert [line.split()[0] for line in lines[1:5]] == ["anna", "zora", "mallory", "zoe"]


def test_identical_transcripts_are_noted():
    just_begun = Diary().tell("begin").tell("seen", "start")  # in the same second, which happens in a class
    found = read(anna=ANNA, ben=BEN, carl=ANNA, dora=just_begun, emil=just_begun, fay=ANNA)
    report = Report([RATE], [replace(each, name="Anna A" * (each.student == "anna")) for each in found])
    notes = {answers.student: report.notes(answers) for answers in report.students}
    assert notes == {
        "anna": ["the same, byte for byte, as of carl and fay"],
        "ben": [],
        "carl": ["the same, byte for byte, as of Anna A and fay"],
        "dora": [],
        "emil": [],
        "fay": ["the same, byte for byte, as of Anna A and carl"],
    }
    assert any(line.endswith("as of carl and fay") for line in report_table(report))
    rows = csv.DictReader(io.StringIO("\n".join(csv_lines(report))))
    assert {row["notes"] for row in rows if row["student"] == "fay"} == {*notes["fay"]}


FORMULAS = ["=1+1", "+1+1", "-1+cmd|' /C calc'!A0", "@SUM(A1)", " =1", "＝1", "-11/6"]


@pytest.mark.parametrize("text", FORMULAS)
def test_nothing_in_a_cell_begins_a_formula(text):
    diary = Diary().take(("why", text))
    report = report_of(anna=diary)
    cells = [row["words"] for row in csv.DictReader(io.StringIO("\n".join(csv_lines(report))))]
    assert cells[-1] == f"'{text}"
    assert [*records(report)][-1]["words"] == text


def test_numbers_stay_choices_escaped_in_cells():
    diary = Diary().take(("ten", "-9"), ("near", "c"))
    cells = [row["first_answer"] for row in csv.DictReader(io.StringIO("\n".join(csv_lines(report_of(anna=diary)))))]
    assert cells[1:3] == ["-9", "'=it diverges"]


def test_own_page_shows_right_answers():
    taken = Diary().tell("begin").tell("done", "start").tell("answer", "ten", answer="1406", got="wrong")
    taken.tell("answer", "near", choice="b", got="wrong").tell("answer", "factor", answer="0,5", got="wrong")
    taken.tell("answer", "factor", answer="3", got="wrong").tell("answer", "factor", answer="2", got="right")
    assert own_page([RATE], *read(ben=taken.tell("skip", "own"))) == [
        "The learning rate (rate): 5 of 6 steps done",
        "  Ten times the rate: you answered 1406; the answer is 136",
        "  Just below: you answered C fewer still; the answer is B more epochs",
        "  How much more: you answered 0,5, then 3, then 2, which is right",
        "  Your own: skipped",
    ]
    unfinished = Diary().tell("begin").take(("why", "So.")).tell("answer", "factor", answer="3", got="wrong")
    cut = answers_of(unfinished.content[:-10], "ben")
    assert own_page([RATE, replace(RATE, id="other")], cut, "rate") == [
        "The learning rate (rate): 1 of 6 steps done",
        "  In your words: So.",
        "",
        "1 line cut",
    ]
    assert own_page([RATE], cut, "other") == ["1 line cut"]
    assert own_page([RATE], *read(ben=Diary())) == ["no lesson has been begun"]
    assert own_page([], *read(dora=DORA)) == ["2 lines of lessons that are not here (see --lessons)"]


def test_own_page_of_votes_only():
    voted = Diary().tell("answer", "near", choice="a", round=1, got="right", tries=1)
    expected = [
        "The learning rate (rate): 1 of 6 steps done",
        "  Just below: you answered B more epochs, which is right",
    ]
    assert own_page([RATE], *read(anna=voted)) == expected
    assert own_page([RATE], *read(anna=voted.tell("begin", attempt=1))) == expected
    assert own_page([RATE], *read(anna=voted.tell("forget"))) == ["no lesson has been begun"]


# Properties: whatever a file holds, what comes out prints.

EVENTS = st.sampled_from(["begin", "seen", "hint", "answer", "skip", "done", "said", "aside", "end", "forget"])
STEPS = st.sampled_from([*RATE.by_id, "gone", ""])
CHANGES = st.fixed_dictionaries(
    {"event": EVENTS, "step": STEPS},
    optional={
        "answer": st.text(CHARACTERS, max_size=45) | st.sampled_from(["136", "1e999", "nan", "=1"]),
        "text": st.text(CHARACTERS, max_size=310),
        "choice": st.sampled_from([*"abcdefg", "A", "\x1b"]),
        "lesson": st.sampled_from(["rate", "other", "\x1b"]),
        "lv": st.integers(-1, 3),
        "t": st.datetimes().map(lambda time: f"{time:%Y-%m-%dT%H:%M:%S}+00:00") | st.text(CHARACTERS, max_size=26),
        "nr": st.integers(-1, 10**10),
    },
)
WHOLE = json.loads(ANNA.lines[3])
FILES = st.lists(CHANGES.map(lambda new: json.dumps({**WHOLE, **new}).encode()) | st.binary(max_size=40), max_size=12)


@trials(300)
@given(FILES.map(b"\n".join), FILES.map(b"\n".join))
def test_hostile_input_gives_printable_report(first, second):
    report = Report([RATE], [answers_of(first, "anna"), answers_of(second, "ben")])
    for lines in (
        report_table(report, with_words=True),
        own_page([RATE], answers_of(first, "anna")),
        csv_lines(report),
    ):
        assert all(line.isprintable() for line in lines)
    rows = list(csv.reader(io.StringIO("\n".join(csv_lines(report)))))
    assert {len(row) for row in rows} == {len(COLUMNS)}
    for cell in (cell for row in rows for cell in row):
        assert not cell.lstrip().startswith(("=", "+", "-", "@")) or float(cell) == float(cell)


def test_choices_alone_need_no_training(monkeypatch):
    monkeypatch.setattr(facts, "LessonRun", None)
    assert len(report_table(report_of(anna=Diary().take(("near", "a"))))) == 6


def test_identical_answers_judged_once(monkeypatch):
    asked = []
    judge = report_module.judge_recorded
    monkeypatch.setattr(report_module, "judge_recorded", lambda *given: asked.append(given[-1]) or judge(*given))
    report = report_of(**{f"s{number}": ANNA for number in range(30)})
    assert report_table(report)[-3].startswith("  100 % of 30  ten")
    assert sorted(asked) == ["140", "2", "a"]
