"""Courses: what a student can do at each kind of step, and what is recorded of it before it is told."""

from dataclasses import replace

import pytest
from lessons_taken import OF_SMALL, SMALL, TEXT, done, right, take_step, wrong
from tables import table

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.files.readers import ReadAccess
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.teaching.course.course import Course
from quadfit_tui.teaching.course.progress import Score
from quadfit_tui.teaching.course.standing import Phase
from quadfit_tui.teaching.course.transcript import Transcript, TranscriptLocation
from quadfit_tui.teaching.course.transcript_entry import Event
from quadfit_tui.teaching.judging.facts import Facts
from quadfit_tui.teaching.notation.lesson import Face, WithheldFact
from quadfit_tui.teaching.notation.reading.notation import read_lesson


def begun(lesson=SMALL, facts=OF_SMALL, at=None, place=None, **options):
    """A course at its first step, or at the one of an id, the steps before it done."""
    course = Course(lesson, facts, Transcript(place), **options)
    course.start()
    while at is not None and course.step.id != at:
        take_step(course)
        assert course.confirm()
    return course


def events(course, step=None):
    return [entry.event for entry in course.transcript.entries if step in (None, entry.step)]


def last(course):
    return course.transcript.entries[-1]


def test_all_steps_in_their_order():
    course, seen = begun(), []
    while course.phase is not Phase.ENDED:
        seen.append((course.number, course.step.id, course.phase))
        take_step(course)
        assert course.phase in (Phase.READING, Phase.ANSWERED)
        assert course.confirm()
    assert seen == [
        (1, "read", Phase.READING),
        (2, "guess", Phase.ASKED),
        (3, "look", Phase.ASKED),
        (4, "work", Phase.DOING),
        (5, "write", Phase.ASKED),
    ]
    assert course.step is None
    assert course.progress.score == Score(5, 5, 1, 1)
    assert not course.confirm()
    assert events(course) == [
        Event.BEGIN,
        *(Event.SEEN, Event.DONE),
        *(Event.SEEN, Event.ANSWER, Event.DONE),
        *(Event.SEEN, Event.ANSWER, Event.DONE),
        *(Event.SEEN, Event.ANSWER, Event.DONE),
        *(Event.SEEN, Event.SAID, Event.DONE),
        Event.END,
    ]


def test_what_stands_in_the_lines():
    facts = Facts(SMALL, OF_SMALL, Face.SPOKEN)
    course = begun(facts=facts, at="look")
    begin, *_, answer, _, _ = course.transcript.entries
    assert (begin.lesson, begin.version, begin.digest) == ("small", 1, SMALL.digest)
    assert (begin.attempt, begin.face, begin.language) == (1, "spoken", "en")
    assert (answer.step, answer.kind, answer.answer, answer.choice) == ("guess", "predict", "12", "")
    assert (answer.got, answer.round) == ("right", 0)
    course.hint()
    assert (last(course).event, last(course).hint) == (Event.HINT, 1)
    course.answer(wrong(SMALL, course.step, OF_SMALL))
    course.answer(right(SMALL, course.step, OF_SMALL))
    *_, first, second, end = course.transcript.entries
    assert (first.answer, first.choice, first.got) == ("", "b", "wrong")
    assert (second.choice, second.got) == ("a", "right")  # by the order of the file
    assert (end.event, end.step) == (Event.DONE, "look")


def test_prediction_single_attempt_unscored():
    course = begun(at="guess")
    assert course.hides_outcome
    assert not course.confirm()
    said = course.answer("3")
    assert said == course.feedback == "An epoch has four of them. The answer is 12."
    assert (course.phase, course.hides_outcome) == (Phase.ANSWERED, False)
    assert course.answer("12") == "No question is open."
    assert events(course, "guess") == [Event.SEEN, Event.ANSWER, Event.DONE]
    assert course.progress.score == Score(2, 5, 0, 1)


@table("step", ["guess", "look"])
@table("typed", ["", "foo", "z", "1" * 41, "1\x1b[2J"])
def test_what_cannot_be_read_is_no_attempt(step, typed):
    course = begun(at=step)
    before = events(course)
    assert course.answer(typed)
    assert course.phase is Phase.ASKED
    assert events(course) == before


def test_observation_free_tries_and_offers():
    course = begun(at="look")
    offers = []
    for _ in range(4):
        offers.append(course.offers)
        assert course.answer(wrong(SMALL, course.step, OF_SMALL)) == "It goes up."
        assert course.phase is Phase.ASKED
    assert offers == ["", "", "hint", "skip"]
    course.answer(right(SMALL, course.step, OF_SMALL))
    assert (course.phase, course.offers, course.feedback) == (Phase.ANSWERED, "", "Right.")
    assert course.progress.score == Score(3, 5, 0, 1)


def test_hints_in_order_and_repeatable():
    course = begun(at="look")
    assert course.hints == []
    assert course.hint() == "Hint: Look at the first update."
    for _ in range(2):
        course.answer(wrong(SMALL, course.step, OF_SMALL))
    assert course.offers == "hint"
    assert course.hint() == "Hint: It is not at zero."
    assert course.offers == ""
    before = events(course)
    assert course.hint() == "Hint: Look at the first update. Hint: It is not at zero."
    assert course.hints == ["Hint: Look at the first update.", "Hint: It is not at zero."]
    assert events(course) == before
    assert begun(at="write").hint() == begun().hint() == "There is no hint for this step."


def test_excess_hints_from_older_version():
    course = begun(at="look")
    course.transcript.record(SMALL, Event.HINT, step="look", hint=5)
    assert course.hint() == "Hint: Look at the first update. Hint: It is not at zero."
    assert last(course).hint == 5


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("guess", "The answer is 12. Three times four."),
        ("look", "The answer is {}: above zero."),
        ("work", "One way to do it: epochs 2."),
        ("write", "Skipped."),
    ],
)
def test_skip_needs_confirmation_shows_answer(step, told):
    course = begun(at=step)
    score = course.progress.score
    asked = course.skip()
    assert "once more" in asked
    for other in (course.hint, course.again, course.confirm, lambda: course.answer("")):
        other()
        assert course.skip() == asked
    assert course.phase is not Phase.ANSWERED
    letter = right(SMALL, SMALL.by_id["look"], OF_SMALL)
    assert course.skip() == course.feedback == told.format(letter)
    assert course.phase is Phase.ANSWERED
    assert events(course, step)[-2:] == [Event.SKIP, Event.DONE]
    assert course.progress.score == score
    assert course.skip() == "There is nothing to skip here."
    assert course.confirm()


@pytest.mark.parametrize("step", ["guess", "look"])
def test_reveal_is_not_a_skip(step):
    course = begun(at=step)
    done = course.progress.score.done
    course.reveal()
    assert course.feedback.startswith("The answer is ")
    assert (course.phase, course.progress.score.done) == (Phase.ANSWERED, done + 1)
    assert Event.SKIP not in events(course)
    assert step not in [own.step.id for own in course.own_answers()]
    again = Course(SMALL, OF_SMALL, course.transcript)
    again.start()
    assert (again.step.id, again.feedback) == (step, course.feedback)


def test_a_lesson_may_allow_no_skipping():
    graded = read_lesson(TEXT.replace('title = "A', 'skip = false\ntitle = "A'))
    course = begun(graded, Facts(graded), at="look")
    for _ in range(4):
        course.answer(wrong(graded, course.step, course.facts))
    assert course.offers == "hint"
    assert {course.skip(), course.skip()} == {"No step of this lesson can be skipped."}
    assert course.phase is Phase.ASKED


def test_task_done_at_matching_run():
    course = begun(at="work")
    session = RunSession(SMALL.runs["one"], speed=None)
    assert not course.watch(session.snapshot())
    assert not course.confirm()
    session.seek(1)
    while session.is_busy:
        session.advance(1)
    assert not course.watch(session.snapshot())
    assert course.watch(done(SMALL, course.step).snapshot())
    assert course.phase is Phase.ANSWERED
    before = events(course)
    assert not course.watch(done(SMALL, course.step).snapshot())  # it was before
    assert events(course) == before


def test_task_on_missing_value_not_done(tmp_path):
    unknown = read_lesson(TEXT.replace('until="now.epochs == 2"', 'until="now.truth_loss < 999"'))
    course = begun(unknown, Facts(unknown), at="work")
    own = tmp_path / "own.csv"  # whose truth nobody knows
    own.write_text("0,1\n1,2\n2,4\n3,8\n")
    assert not course.watch(RunSession(RunConfig(data=str(own)), speed=None).snapshot())
    assert course.watch(RunSession(SMALL.runs["one"], speed=None).snapshot())


def test_explanation_recorded_as_printable_line():
    course = begun(at="write")
    for refused in ("", " \n", "x" * 301):
        assert course.answer(refused)
        assert course.phase is Phase.ASKED
    course.answer("Because \x1b[2J it\n  goes up ξ.")
    assert [entry.text for entry in course.transcript.entries if entry.text] == ["Because [2J it goes up ξ."]
    assert course.phase is Phase.ANSWERED


def test_own_answers_beside_right_ones():
    course = begun(at="guess")
    course.answer("3")
    course.confirm()
    course.answer(wrong(SMALL, course.step, OF_SMALL))
    guess, look = course.own_answers()
    assert (guess.step.id, guess.answers, guess.right, guess.is_right) == ("guess", ("3",), "12", False)
    below = look.answers[0]
    assert below.endswith("  below zero")
    assert (look.right, look.is_right) == ("", False)
    course.answer(right(SMALL, course.step, OF_SMALL))
    look = course.own_answers()[1]
    assert look.answers == (below, look.right)
    assert look.is_right
    course = begun(at="work")
    course.skip()
    course.skip()
    course.confirm()
    course.answer("So it is.")
    *_, work, write = course.own_answers()
    assert (work.answers, work.is_skipped, work.right) == ((), True, "")
    assert (write.explanation, write.is_skipped) == ("So it is.", False)


def test_new_attempt_and_forgetting():
    course = begun(at="write")
    assert course.start(anew=True) is False
    assert (course.number, last(course).event) == (1, Event.SEEN)
    assert course.progress.score == Score(0, 5, 0, 1)
    assert course.progress.attempt == 2
    course.transcript.record(SMALL, Event.FORGET)
    assert not course.progress.is_begun
    assert course.start() is False
    assert course.progress.attempt == 3
    assert [entry.attempt for entry in course.transcript.entries if entry.event is Event.BEGIN] == [1, 2, 3]


def test_notice_names_readers(tmp_path, monkeypatch):
    for readers, told, thanks in (
        (ReadAccess.GIVEN, "recorded for your teacher", "Recorded for your teacher."),
        (ReadAccess.NOBODY, "recorded for you alone", "Thank you."),
        (ReadAccess.SOMEBODY, "recorded", "Thank you."),
    ):
        monkeypatch.setattr(Transcript, "readers", readers)
        recorded = begun(at="write", place=TranscriptLocation(str(tmp_path / readers), 0o640))
        assert recorded.notice == f"Your answers are {told}. Predictions are not graded."
        assert recorded.answer("Since it is so.") == thanks
    monkeypatch.undo()
    private = begun(place=TranscriptLocation(str(tmp_path / "private"), 0o600))
    assert private.notice == "Your answers are recorded for you alone. Predictions are not graded."
    assert begun().notice == "Your answers are not recorded. Predictions are not graded."


def test_facts_withheld_by_lesson_and_prediction():
    lesson = replace(SMALL, hold=frozenset({WithheldFact.LIMIT, WithheldFact.OPTIMUM}), hold_until="work")
    course, by_lesson, held = begun(lesson), {"limit", "optimum"}, {}
    while course.phase is not Phase.ENDED:
        before = course.withheld
        take_step(course)
        held[course.step.id] = (before, course.withheld)
        course.confirm()
    assert held == {
        "read": (by_lesson, by_lesson),
        "guess": ({*by_lesson, "forecast", "remedy", "map", "gradient"}, by_lesson),
        "look": (by_lesson, by_lesson),
        "work": (set(), set()),
        "write": (set(), set()),
    }
    assert course.withheld == set()
    # What a run is to come to is no secret of a prediction, unless the lesson makes it one.
    assert begun(at="guess").withheld == {"limit", "forecast", "remedy", "map", "gradient"}


def test_back_shows_answer_then_returns():
    course = begun(at="look")
    wrongly = course.answer(wrong(SMALL, course.step, OF_SMALL))
    written = len(course.transcript.entries)
    assert course.back()
    assert (course.step.id, course.phase, course.is_back) == ("guess", Phase.ANSWERED, True)
    assert (course.own_answer, course.feedback) == ("12", "Right: it is 12. Three times four.")
    assert course.answer("3") == "No question is open."
    assert course.back()
    assert (course.step.id, course.phase) == ("read", Phase.READING)
    assert not course.back()
    assert course.is_back
    assert course.confirm()
    assert (course.step.id, course.phase, course.is_back) == ("look", Phase.ASKED, False)
    assert wrongly
    assert course.tries == 1
    assert len(course.transcript.entries) == written


def test_prediction_stays_open_while_back():
    course = begun(at="guess")
    assert course.back()
    assert (course.step.id, course.hides_outcome) == ("read", True)
    assert course.confirm()
    course.answer("3")
    course.back()
    assert not course.hides_outcome


def test_back_from_the_end():
    course = begun(at="write")
    course.answer("Since it is so.")
    course.confirm()
    written = len(course.transcript.entries)
    assert course.phase is Phase.ENDED
    assert course.back()
    assert (course.step.id, course.own_words, course.feedback) == ("write", "Since it is so.", "Thank you.")
    for ends in (course.confirm, course.leave):
        assert course.is_back or course.back()
        ends()
        assert (course.phase, course.step) == (Phase.ENDED, None)
    assert len(course.transcript.entries) == written


WITH_MODELS = read_lesson(
    TEXT.replace("[runs.one]", 'summary = ["There are [?](=one.updates) updates.", "So it is."]\n[runs.one]')
    + "- model: There are [?](=one.samples) of them.\n- model: Since it goes up.\n"
)


@table(
    ("does", "first"),
    [(lambda course: course.answer("So."), "Thank you."), (lambda course: course.skip() and course.skip(), "Skipped.")],
)
def test_model_answers_and_summary(does, first):
    course = begun(WITH_MODELS, Facts(WITH_MODELS), at="write")
    models = "Compare your answer with this one: There are 4 of them. Or with this one: Since it goes up."
    assert does(course) == f"{first} {models}"
    assert course.summary == ["There are 12 updates.", "So it is."]
    assert course.skip() == "There is nothing to skip here."
    again = Course(WITH_MODELS, course.facts, course.transcript)
    again.start()
    assert again.feedback == course.feedback


def test_ending_facts_computed_with_last_step():
    facts = Facts(WITH_MODELS)
    asked, value = set(), facts.outcome
    facts.outcome = lambda expression, now=None: asked.add(expression) or value(expression, now)
    course = Course(WITH_MODELS, facts, Transcript(None))
    course.precompute(WITH_MODELS.steps[-1])
    assert asked == {"one.samples", "one.updates"}
