"""One's own runs of a task: answered when they have ended, recorded, and kept in a table."""

import pytest
from drops import HEAD, OWN, TRIES, ended, epochs, lesson
from tables import table

from quadfit_tui.core.session.session import RunSession
from quadfit_tui.teaching.course.course import Course
from quadfit_tui.teaching.course.own_runs import _mean_loss, format_changes
from quadfit_tui.teaching.course.script import StepParagraph, initial_paragraphs, prompt
from quadfit_tui.teaching.course.standing import Phase
from quadfit_tui.teaching.course.transcript import Transcript
from quadfit_tui.teaching.course.transcript_entry import Event, format_line, parse_line
from quadfit_tui.teaching.judging.facts import Facts
from quadfit_tui.teaching.judging.trained_run import LessonRun
from quadfit_tui.teaching.notation.lesson import Face, StepKind, parse_solution

ONE, THREE = lesson(OWN), lesson(TRIES)
DROP = ONE.runs["drop"]


def begun(of=ONE, transcript=None, face=Face.SCREEN):
    course = Course(of, Facts(of, face=face), transcript or Transcript(None))
    course.start()
    return course


def plays(course, **changes):
    """What is said to a run that is played to its end."""
    course.watch(RunSession(DROP.with_values(changes), speed=None).snapshot())
    return course.watch(ended(DROP, **changes))


def tries(course):
    return [entry.answer for entry in course.transcript.entries if entry.event is Event.ANSWER]


def cells(course):
    return [row.split("\t") for row in course.own_runs.table.split("\n")]


def test_each_failed_try_is_answered_once_and_recorded():
    course = begun()
    start = RunSession(DROP, speed=None).snapshot()
    assert course.watch(start) == ""
    told = f"Not yet: {epochs(0.5)} epochs, and fewer than 5 are asked."
    once = ended(DROP, lr=0.5)
    assert course.watch(once) == course.feedback == told
    assert course.watch(once) == ""  # as after it was asked where the run stands
    assert course.phase is Phase.DOING
    assert plays(course, lr=0.5) == told  # it was played once more
    assert plays(course, lr=2.5) == "Not yet: it diverged. Beyond 2 the error grows."
    assert tries(course) == ["lr:0.5", "lr:2.5"]
    assert plays(course, lr=0.9) == course.feedback == "Done. The update takes nearly all of the error."
    assert course.phase is Phase.ANSWERED
    assert tries(course) == ["lr:0.5", "lr:2.5", "lr:0.9"]
    assert [entry.kind for entry in course.transcript.entries if entry.event is Event.ANSWER] == ["do"] * 3
    assert {entry.got for entry in course.transcript.entries} == {""}
    assert course.watch(ended(DROP, lr=0.5)) == ""


def test_what_may_not_change_is_refused_before_it_is_played():
    course = begun()
    run = DROP.replace(tol=1e12)
    told = "Only lr may change here: tol 1e-05 → 1000000000000. R: again."
    begins = RunSession(run, speed=None)
    assert course.watch(begins.snapshot()) == told
    assert course.watch(begins.snapshot()) == ""
    assert course.watch(ended(run)) == told
    assert tries(course) == []
    assert course.own_runs is None
    assert course.feedback == told
    course.again()
    assert course.feedback == ""  # nothing is said of a run that is gone
    assert course.watch(RunSession(run, speed=None).snapshot()) == told


def test_hints_and_skipping_are_offered_while_a_task_is_open():
    course, offers = begun(), []
    for rate in (0.1, 0.2, 0.3):
        offers.append(course.offers)
        plays(course, lr=rate)
    assert [*offers, course.offers] == ["", "", "hint", "skip"]
    course.skip()
    assert course.skip() == "One way to do it: lr 0.9. The update takes nearly all of the error."
    assert course.offers == ""


def test_the_table_is_in_order_of_values():
    course = begun()
    assert course.own_runs is None
    for rate in (0.5, 2.5, 0.3, 0.5, 0.05):
        plays(course, lr=rate)
    assert cells(course) == [
        ["lr", "0.05", "0.3", "0.5", "2.5"],
        ["epochs", ">50", str(epochs(0.3)), str(epochs(0.5)), "grew"],
    ]
    assert course.own_runs.spoken == (
        f"So far, epochs: lr 0.05, over 50; lr 0.3, {epochs(0.3)}; lr 0.5, {epochs(0.5)}; lr 2.5, grew."
    )


def test_of_more_than_ten_the_oldest_go():
    course = begun()
    rates = [0.5, *(rate / 100 for rate in range(60, 50, -1))]
    for rate in rates:
        plays(course, lr=rate)
    assert cells(course)[0] == ["lr", *(f"{rate:g}" for rate in sorted(rates[1:]))]


@table(
    ("until", "result"),
    [
        ("now.mean_loss < 1e-9", ["mean loss", f"{64 * 0.25 ** epochs(0.5):.3g}"]),
        ("now.epochs < 1", ["epochs", str(epochs(0.5))]),
        ("now.a > 3 and now.epochs > 99", ["epochs", str(epochs(0.5))]),
    ],
)
def test_the_table_is_of_what_is_asked(until, result):
    text = OWN.replace("now.status == 'converged' and now.epochs < 5", until)
    course = begun(lesson(text))
    plays(course, lr=0.5)
    assert cells(course)[1] == result
    forever = begun(lesson(text, head=HEAD.replace("epochs = 50", 'epochs = 50\nstop_on = "never"')))
    forever.watch(ended(DROP, lr=0.5, stop_on="never"))
    assert cells(forever)[1][0] == "mean loss"


@pytest.mark.parametrize("face", Face)
def test_the_table_is_said_with_the_step(face):
    course = begun(face=face)
    before = initial_paragraphs(course)
    plays(course, lr=0.5)
    said = (
        StepParagraph(course.own_runs.table, "table") if face is Face.SCREEN else StepParagraph(course.own_runs.spoken)
    )
    assert initial_paragraphs(course) == [*before, said]


def test_a_student_who_comes_back_finds_the_table(monkeypatch):
    course = begun()
    for rate in (0.5, 2.5):
        plays(course, lr=rate)
    lines = [format_line(entry, number, None) for number, entry in enumerate(course.transcript.entries)]
    transcript = Transcript(None)
    for line in lines:
        transcript.write(parse_line(line))
    again = begun(transcript=transcript)
    again.precompute(again.step)  # beside the event loop, which is not to train
    monkeypatch.setattr(LessonRun, "_work", None)
    assert again.own_runs == course.own_runs
    assert again.tries == 2


def test_what_cannot_be_run_any_more_is_left_out():
    course = begun()
    for answer in ("lr:x", "rate:3", "epochs:7", "lr:0.5", "data:lesson:a;lr:0.7", "lr"):
        course.transcript.record(ONE, Event.ANSWER, step="own", kind=StepKind.DO, answer=answer)
    assert cells(course)[0] == ["lr", "0.5"]


def test_exploring_ends_with_so_many_different_runs():
    course = begun(THREE)
    assert plays(course, lr=0.5) == "1 of 3 different runs so far."
    assert plays(course, lr=0.5) == "This one was tried before: 1 of 3 different runs so far."
    assert plays(course, lr=2.5) == "2 of 3 different runs so far. It leaps."
    assert plays(course, lr=0.7, tol=1.0) == "Only lr may change here: tol 1e-05 → 1. R: again."
    assert course.offers == ""
    assert course.phase is Phase.DOING
    assert plays(course) == "Done. Nearer to 1 it takes fewer epochs."
    assert course.phase is Phase.ANSWERED
    assert tries(course) == ["lr:0.5", "lr:2.5", "lr:0.1"]
    assert cells(course) == [["lr", "0.1", "0.5", "2.5"], ["epochs", ">50", str(epochs(0.5)), "grew"]]
    skipped = begun(THREE)
    skipped.skip()
    assert skipped.skip() == "Skipped. Nearer to 1 it takes fewer epochs."


def test_a_run_begun_anew_is_answered_where_nothing_rested_before_its_end():
    course = begun(THREE)
    first, second = ended(DROP, lr=0.5), ended(DROP, lr=0.5)
    assert course.watch(first) == "1 of 3 different runs so far."
    assert course.watch(first) == ""
    assert course.watch(second) == "This one was tried before: 1 of 3 different runs so far."
    assert course.watch(second) == ""


def test_runs_that_are_asked_for_are_no_wrong_tries():
    course = begun(lesson(TRIES.replace("tries=3", "tries=5")))
    for rate in (0.2, 0.3, 0.4, 0.5):
        plays(course, lr=rate)
        assert course.offers == ""


def test_runs_that_never_converge_are_explored_by_their_mean_loss():
    course = begun(THREE)
    plays(course, lr=0.01)
    assert cells(course)[1] == ["mean loss", f"{64 * 0.99**100:.3g}"]
    plays(course, lr=0.5)
    assert cells(course)[1] == ["epochs", ">50", str(epochs(0.5))]


@table(
    ("only", "changes", "answer"),
    [
        ("lr", {"lr": 1.4}, "lr:1.4"),
        ("lr", {}, "lr:0.1"),
        ("lr,batch", {"batch": 2}, "batch:2"),
        ("", {"lr": 0.25, "init": (1.0, 2.0, 3.0)}, "init:1, 2, 3;lr:0.25"),
        ("", {}, ""),
    ],
)
def test_what_a_run_has_changed_is_written_as_a_solution_is(only, changes, answer):
    text = OWN.replace("only=lr", f"only={only}" if only else "")
    step = lesson(text).steps[0]
    assert format_changes(step, Facts(ONE), DROP.with_values(changes)) == answer
    assert not answer or DROP.with_values(parse_solution(answer)) == DROP.with_values(changes)


def test_what_is_too_long_is_cut():
    course = begun(lesson(OWN.replace("only=lr ", "")))
    plays(course, init=(1.23456789, 2.3456789, 3.456789), lr=0.2)
    (answer,) = tries(course)
    assert len(answer) == 40
    assert answer.endswith("…")
    assert course.own_runs is None


def test_own_runs_are_own_answers():
    course = begun()
    for rate in (0.5, 0.9):
        plays(course, lr=rate)
    (own,) = course.own_answers()
    assert (own.answers, own.right, own.is_skipped) == (("lr 0.5", "lr 0.9"), "", False)
    assert course.progress.records["own"].mark == "right"


@table(
    ("only", "told"),
    [
        ("lr", "Here you type rate and a value, then go; help lists all commands."),
        (
            "momentum,lr",
            "Here you type set momentum and a value, then rate and a value, then go; help lists all commands.",
        ),
        ("", "Here you type step or go, or before that set, a name and a value; help lists all commands."),
    ],
)
def test_what_can_be_typed_follows_from_what_may_change(only, told):
    course = begun(lesson(OWN.replace("only=lr", f"only={only}" if only else "")))
    assert prompt(course) == told


def test_a_run_that_diverged_grew_in_the_table():
    diverged, higher = ended(DROP, lr=2.5), ended(DROP, lr=2.01)
    assert (diverged.overflowed, _mean_loss(diverged)) == (False, "grew")
    assert float(_mean_loss(higher)) > higher.task.loss_at_start


def test_a_large_mean_loss_has_more_digits_in_the_table():
    far = ended(DROP.replace(init=(0.0, 0.0, 1e4), epochs=1), lr=0.01)
    assert _mean_loss(far) == "97971000"  # 9998² × 0.99² is 97970799.9
    assert _mean_loss(ended(DROP, lr=0.01)) == f"{64 * 0.99**100:.3g}"


def test_the_setting_of_a_task_that_is_done_can_be_changed_on():
    course = begun()
    assert course.first_setting == "lr"
    plays(course, lr=0.9)
    assert (course.phase, course.first_setting) == (Phase.ANSWERED, "lr")
