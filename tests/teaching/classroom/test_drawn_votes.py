"""Drawn curves in a class: the report has them small, a vote has them as a cloud, and no line is believed."""

from datetime import UTC, datetime

from accounts import name_users, own_files
from tables import table

from quadfit_tui.core.files.class_records import TOKENS, format_tokens
from quadfit_tui.teaching.classroom.classroom import Question, VoteState, now
from quadfit_tui.teaching.classroom.report import Report
from quadfit_tui.teaching.classroom.report_formats import csv_lines, own_page, records
from quadfit_tui.teaching.classroom.report_formats import report_table as report_table
from quadfit_tui.teaching.classroom.tally import Tally, bar_lines
from quadfit_tui.teaching.classroom.transcript_reader import FILE_NAME, answers_of, read_transcripts
from quadfit_tui.teaching.classroom.vote import COUNTED, Vote
from quadfit_tui.teaching.course.course import Course
from quadfit_tui.teaching.course.progress import LessonProgress
from quadfit_tui.teaching.course.transcript import Transcript, TranscriptLocation, location_in
from quadfit_tui.teaching.course.transcript_entry import Entry, Event, format_line, parse_line
from quadfit_tui.teaching.judging.facts import Facts
from quadfit_tui.teaching.notation.lesson import StepKind
from quadfit_tui.teaching.notation.reading.notation import read_lesson

TEXT = """+++
format = 1
id = "drawn"
title = "Drawn"
[runs.one]
samples = 20
batch = "full"
schedule = "constant"
lr = 1.5
epochs = 200
+++

## Draw {#draw .draw run=one}
Draw it.

## Choose {#choose .predict run=one}
Does it end?
- [x] yes `one.epochs < 200`
- [ ] no `one.epochs == 200`
  It does.
"""
LESSON = read_lesson(TEXT, "drawn.md")
FACTS = Facts(LESSON)
DRAW = LESSON.by_id["draw"]
TOLD = "The run is below tol after 90 epochs."


def taken(path, *answers):
    """The transcript of a student who has given these answers."""
    course = Course(LESSON, FACTS, Transcript(TranscriptLocation(str(path), 0o600)))
    course.start()
    for answer in answers:
        course.answer(answer)
        course.confirm()
    return path.read_bytes()


def test_report_has_small_curves(tmp_path):
    contents = [taken(tmp_path / "a", "0:80 50:10"), taken(tmp_path / "b", "d", "a"), taken(tmp_path / "c")]
    names = ("anna", "ben", "carla")
    report = Report([LESSON], [answers_of(content, name) for content, name in zip(contents, names, strict=True)])
    text = report_table(report)
    at = text.index("drawn: what was drawn in draw")
    assert text[at + 1 :] == [
        f"  the run  {'▆▅▄▄▃▂▂':16}  {TOLD}",
        f"  anna     {'▇▆▅▄▄▃▂▂▁▁▁▁▁▁▁▁':16}  falls evenly",
        f"  ben      {'▇▇▇▇▇▇██████████':16}  rises",
    ]
    assert [found.step.id for found in report.first_answers(LESSON)] == ["choose"]  # a curve is not right or wrong
    assert all(line.isascii() for line in report_table(report, ascii=True)[at + 1 :])
    rows = {(row["student"], row["step"]): row for row in records(report)}
    anna, carla = rows["anna", "draw"], rows["carla", "draw"]
    assert (anna["first_answer"], anna["right"], anna["done"], anna["points"]) == (
        "falls evenly",
        None,
        True,
        "0:80 50:10",
    )
    assert (carla["first_answer"], carla["right"], carla["done"], carla["points"]) == ("", None, False, None)
    assert rows["ben", "choose"]["points"] is None
    assert len({line.count(",") for line in csv_lines(report) if '"' not in line}) == 1
    own = own_page([LESSON], answers_of(contents[0], "anna"))
    assert "  Draw: you drew ▇▆▅▄▄▃▂▂▁▁▁▁▁▁▁▁  falls evenly" in own


@table(
    ("step", "kind", "given", "is_done"),
    [
        ("draw", StepKind.DRAW, {"points": ((0, 80), (5, 5))}, True),
        ("draw", StepKind.PREDICT, {"points": ((0, 80), (5, 5))}, True),  # the own copy of the lesson tells its kind
        ("draw", StepKind.DRAW, {"answer": "0:80 5:5"}, False),
        ("draw", StepKind.DRAW, {"choice": "a"}, False),
        ("choose", StepKind.PREDICT, {"points": ((0, 80), (5, 5))}, False),
        ("choose", StepKind.PREDICT, {"points": ((0, 80), (5, 5)), "choice": "a"}, False),
    ],
)
def test_curve_answers_only_draw_steps(step, kind, given, is_done):
    time = datetime(2026, 9, 21, tzinfo=UTC)
    about = ("drawn", 1, LESSON.digest)
    begin = format_line(Entry(Event.BEGIN, time, *about), 0, None)
    answer = format_line(Entry(Event.ANSWER, time, *about, step=step, kind=kind, **given), 1, begin)
    done = format_line(Entry(Event.DONE, time, *about, step=step, kind=kind), 2, answer)
    entries = [parse_line(line) for line in (begin, answer)]
    assert None not in entries
    assert LessonProgress(LESSON, entries).records[step].is_done is is_done
    report = Report([LESSON], [answers_of(b"\n".join([begin, answer, done, b""]), "anna")])
    (row,) = [row for row in records(report) if row["step"] == step]
    assert row["done"] is is_done
    transcript = Transcript(None)
    for entry in entries:
        transcript.write(entry)
    course = Course(LESSON, FACTS, transcript)
    course.start()
    assert (course.step.id == step and course.is_asked) is (not is_done and step == "draw")


def test_class_draws_twice_anonymously(tmp_path, monkeypatch):
    question = Question("drawn", "draw", 1, VoteState.OPEN, now())
    votes, transcripts = [], []
    for number in range(3):
        (tmp_path / str(number)).mkdir()
        transcripts.append(Transcript(TranscriptLocation(str(tmp_path / str(number) / FILE_NAME), 0o640)))
        votes.append(Vote(LESSON, question, FACTS, transcripts[-1]))
        votes[-1].start()
    owners = {str(tmp_path / str(number)): 70000 + number for number in range(3)}
    own_files(monkeypatch, owners.__getitem__)
    name_users(monkeypatch, lambda user: f"student{user}")
    tally = Tally([*owners], LESSON, DRAW, FACTS)
    tally.refresh(question)
    assert votes[0].hides_outcome
    assert votes[0].answer("nonsense").startswith("'nonsense' is none of them")
    for vote, typed in zip(votes, ("0:80 50:10", "d", "0:80 100:10"), strict=True):
        assert vote.answer(typed) in (COUNTED, "This vote does not count, since you alone can read it.")
    votes[0].answer("0:80 20:10")  # changed before it is closed
    tally.refresh(question)
    assert (tally.answered(1), tally.curves) == (3, (((0, 80), (20, 10)), ((0, 80), (99, 100)), ((0, 80), (100, 10))))
    assert sorted(bar.text for bar in tally.bars([1])) == ["falls evenly", "rises"]
    assert "✓" not in "".join(bar_lines(tally, [1], 80, marks=True))
    closed = question.ended(VoteState.CLOSED)
    assert tally.advice(1) == "Let them compare their curves, then show the run."
    votes[0].follow(closed)
    told = "Your curve: falls evenly. The vote is closed. Compare your curve with your neighbor's."
    assert (votes[0].vote_text, votes[0].pause) == (told, "Compare your curve with your neighbor's.")
    second = closed.opened(2)
    for vote in votes:
        vote.follow(second)
    votes[1].answer("0:80 40:10")
    tally.refresh(second)
    assert tally.curves == (((0, 80), (40, 10)),)
    shown = second.ended(VoteState.SHOWN)
    for vote in votes:
        vote.follow(shown)
    assert votes[1].feedback == "Both get below tol: the run after 90 epochs, your curve after about 80 epochs."
    assert votes[2].feedback == "Both get below tol: the run after 90 epochs, your curve after about 200 epochs."
    assert tally.run_curve.sentence == TOLD


def test_missing_drawing_describes_run():
    question = Question("drawn", "draw", 1, VoteState.OPEN, now())
    vote = Vote(LESSON, question, FACTS, Transcript(None))
    vote.start()
    vote.follow(question.ended(VoteState.SHOWN))
    assert vote.feedback == TOLD


def test_token_class_draws_like_accounts(tmp_path):
    question = Question("drawn", "draw", 1, VoteState.OPEN, now())
    names = {"Anna": "0:80 50:10", "Ben": "d"}
    (tmp_path / TOKENS).write_bytes(format_tokens(dict.fromkeys([*names, "Carla"], "a token of 22 letters")))
    (tmp_path / "Carla").mkdir()
    for name, typed in names.items():
        (tmp_path / name).mkdir()
        vote = Vote(LESSON, question, FACTS, Transcript(location_in(str(tmp_path / name))))
        vote.start()
        assert vote.answer(typed) == COUNTED
    tally = Tally([str(tmp_path)], LESSON, DRAW, FACTS)
    assert tally.refresh(question)
    assert tally.curves == (((0, 80), (50, 10)), ((0, 80), (99, 100)))
    assert tally.silent(1) == ["Carla"]
    ((step, _, drawn),) = Report([LESSON], read_transcripts([str(tmp_path)]).answers).drawn(LESSON)
    assert (step, [name for name, _points in drawn]) == (DRAW, [*names])
