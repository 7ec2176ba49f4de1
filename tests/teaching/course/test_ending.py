"""The end of a lesson: each prediction beside what happened, and the first wrong one asked once more."""

from lessons_taken import OF_SMALL, SMALL, TEXT, Student, check_lines, take_step
from tables import table

from quadfit_tui.teaching.classroom.report import Report
from quadfit_tui.teaching.classroom.transcript_reader import answers_of
from quadfit_tui.teaching.course.course import Course
from quadfit_tui.teaching.course.script import prompt
from quadfit_tui.teaching.course.standing import Phase
from quadfit_tui.teaching.course.transcript import Transcript, TranscriptLocation
from quadfit_tui.teaching.judging.facts import Facts
from quadfit_tui.teaching.notation.reading.notation import read_lesson

MORE = """
## Which {#which .predict run=one}
Where does a end?
- [x] above zero `one.a > 0`
  It goes up.
- [ ] below zero `one.a < 0`
  It goes up.
- hint: Up.

## Draw {#draw .draw run=long}
What does it do?
"""
LESSON = read_lesson(TEXT.replace("+++\n\n", '[runs.long]\nfrom = "one"\nepochs = 30\n+++\n\n', 1) + MORE)
FACTS = Facts(LESSON, OF_SMALL)
UP, DOWN = (LESSON.letter(LESSON.by_id["which"], answer) for answer in LESSON.by_id["which"].answers)


def ended(place=None, **typed):
    """A course at its end, with what was typed to some steps; with nothing one is skipped, all others are right."""
    course = Course(LESSON, FACTS, Transcript(place))
    course.start()
    while course.phase is not Phase.ENDED:
        if typed.get(course.step.id):
            course.answer(typed[course.step.id])
        elif course.step.id in typed:
            course.skip()
            course.skip()
        else:
            take_step(course)
        course.confirm()
    return course


def met(course):
    return [(each.sentence, each.mark) for each in course.predictions_met()]


def test_each_prediction_is_met():
    guess, which, draw = met(ended(guess="3", which=UP, draw="rises"))
    assert guess == ("Guess: you said 3; it was 12.", "wrong")
    assert which == (f"Which: you said {UP.upper()}: above zero, and so it was.", "right")
    assert draw == ("Draw: you drew that it rises; it falls fast, then flat.", "")
    guess, which, draw = met(ended(guess="13", which=DOWN, draw="falls fast then flat"))
    assert guess == ("Guess: you said 13; it was 12.", "right")  # within the factor that is asked for
    told = f"Which: you said {DOWN.upper()}: below zero; it was {UP.upper()}: above zero."
    assert which == (told, "wrong")
    assert draw == ("Draw: you drew that it falls fast, then flat, and so it does.", "")
    assert met(ended(guess="", draw=""))[::2] == [
        ("Guess: you skipped it; it was 12.", ""),
        ("Draw: you skipped it; it falls fast, then flat.", ""),
    ]


def test_the_first_wrong_one_is_asked_once_more():
    course = ended(guess="3", which=DOWN)
    before = met(course)
    assert course.wrong_prediction is LESSON.by_id["guess"]
    assert prompt(course).startswith("Press Enter to answer one of them once more")
    assert course.confirm()
    assert (course.step.id, course.phase, course.where) == ("guess", Phase.ASKED, "once more")
    assert course.hides_outcome
    assert not course.can_go_back
    assert not course.confirm()
    assert course.own_answer == ""
    assert course.answer("x") == "'x' is not a number."
    assert course.answer("12") == course.feedback == "Right: it is 12. Three times four."
    assert (course.phase, course.own_answer, course.mark, course.verdict) == (Phase.ANSWERED, "12", "right", "")
    assert course.confirm()
    assert (course.phase, course.wrong_prediction, course.is_again) == (Phase.ENDED, None, False)
    assert met(course) == before
    assert not course.confirm()
    assert prompt(course) == "Type answers to hear yours, list for other lessons, or quit."


@table("typed", ["5", ""])
def test_once_more_is_once(typed):
    course = ended(guess="3")
    course.confirm()
    if typed:
        assert course.answer(typed) == "It is more than that. The answer is 12. Three times four."
        assert (course.own_answer, course.mark, course.verdict) == ("5", "wrong", "Not right.")
    else:
        course.hint()
        course.skip()
        assert course.skip() == "The answer is 12. Three times four."
        assert (course.own_answer, course.mark) == ("", "")
    course.confirm()
    assert (course.phase, course.wrong_prediction) == (Phase.ENDED, None)


def test_the_second_answer_counts_nowhere(tmp_path):
    path = tmp_path / "transcript.jsonl"
    place = TranscriptLocation(str(path), 0o600)
    course = ended(place, guess="3")
    score, counted = course.progress.score, course.progress.records["guess"].counted
    course.confirm()
    course.answer("12")
    course.leave()
    assert (course.progress.score, course.progress.records["guess"].counted) == (score, counted)
    given = [entry.answer for entry in course.transcript.entries if entry.step == "guess" and entry.answer]
    assert given == ["3", "12"]
    (result,) = Report([LESSON], (answers_of(path.read_bytes(), "anna"),)).results
    guess = next(each for each in result.steps if each.step.id == "guess")
    assert (guess.first.shown, guess.first.is_right, len(guess.record.counted)) == ("3", False, 1)
    again = Course(LESSON, FACTS, Transcript(place))
    again.start()
    assert again.phase is Phase.ENDED
    assert met(again)[0] == ("Guess: you said 3; it was 12.", "wrong")


def test_nothing_is_asked_where_none_was_wrong():
    for typed in ({}, {"guess": ""}, {"draw": "rises"}):
        course = ended(**typed)
        assert course.wrong_prediction is None
        assert not course.confirm()


def test_the_end_by_lines():
    student = Student(SMALL)
    for line in ("", "3", "", "skip", "skip", "", "skip", "skip", "", "So it is."):
        student.types(line)
    heard = student.types("")
    check_lines(heard)
    assert heard[:3] == [
        "The lesson is done.",
        "Guess: you said 3; it was 12.",
        "You did 3 of 5 steps without skipping.",
    ]
    assert student.types("")[:2] == ["Once more, to predict: Guess.", "How many updates are there?"]
    assert student.types("go")[0] == "Answer the question first."
    heard = student.types("5")
    assert heard[:3] == ["You answered 5.", "Not right.", "Now the run."]
    assert heard[-4:] == [
        *("It is more than that.", "The answer is 12.", "Three times four."),
        "Press Enter to go on.",
    ]
    assert student.types("")[0] == "The lesson is done."
