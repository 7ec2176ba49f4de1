"""Answers are judged: verdict, what is said, how they are recorded."""

import pytest
from lesson_numbers import TYPED
from tables import table

from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.text.numbers import format_comparison, format_in_width, format_short, format_trimmed, rounded_down
from quadfit_tui.teaching.judging.facts import Facts, is_limit
from quadfit_tui.teaching.judging.judge import LONGEST_ANSWER, Verdict, judge, judge_recorded, right_answer
from quadfit_tui.teaching.judging.tasks import is_done

RIGHT, CLOSE, WRONG, UNREADABLE = Verdict


def asked(packaged_lesson, name, id):
    lesson, facts = packaged_lesson(name)
    return lesson, lesson.by_id[id], facts


@table(
    ("typed", "verdict", "begins"),
    [
        ("205", RIGHT, "Right: it is 205. Each epoch takes twice the share"),
        ("200", RIGHT, "Right: it is 205."),
        ("290", CLOSE, "Close. It is less than that. The answer is 205. Each epoch"),
        ("150", CLOSE, "Close. It is more than that."),
        ("20", WRONG, "It is more than that. The answer is 205. Each epoch"),
        ("413", WRONG, "An update goes lr times the slope"),
        ("400", WRONG, "An update goes lr times the slope"),  # within the factor of it, too
        ("826", WRONG, "The other way round"),
        ("0", WRONG, "It is more than that."),
        ("many", UNREADABLE, "'many' is not a number."),
        ("", UNREADABLE, "Type a number."),
        ("1" * (LONGEST_ANSWER + 1), UNREADABLE, "Your answer is too long"),
        ("1" * 1000, UNREADABLE, "Your answer is too long"),
    ],
)
def test_a_number_that_is_predicted(packaged_lesson, typed, verdict, begins):
    judged = judge(*asked(packaged_lesson, "02-update.md", "twice"), typed)
    assert (judged.verdict, judged.feedback[: len(begins)]) == (verdict, begins)
    assert judged.canonical == ("" if verdict is UNREADABLE else typed)
    if verdict is WRONG:
        assert "The answer is 205." in judged.feedback


def test_more_and_less_for_negative_numbers(make_lesson):
    lesson = make_lesson(
        "## A {#a .observe run=four tol=exact answer=-9}\nr?\n- [x] r `four[0:1].r`\n- [ ] y `four[0:1].y`\n  No."
    )
    said = [judge(lesson, lesson.steps[0], Facts(lesson), typed).feedback for typed in ("-20", "-8.5")]
    assert said == ["It is more than that.", "It is less than that."]


@pytest.mark.parametrize("question", TYPED, ids="/".join)
def test_verdicts_of_typed_numbers(packaged_lesson, question):
    lesson, step, facts = asked(packaged_lesson, *question)
    judged = {typed: judge(lesson, step, facts, typed) for each in TYPED[question].values() for typed in each}
    assert {typed: found.verdict for typed, found in judged.items()} == {
        typed: verdict for verdict, each in TYPED[question].items() for typed in each
    }
    for found in judged.values():  # a report judges what was recorded
        if found.verdict is not UNREADABLE:
            assert judge_recorded(lesson, step, facts, found.canonical) == found


def test_with_right_the_value_is_said(packaged_lesson):
    for name, id, typed, said in (
        ("02-update.md", "twice", "200", "Right: it is 205. Each epoch"),
        ("02-update.md", "first", "9/2", "Right: it is 4.5. r·x² is -9"),
        ("04-batches.md", "recall", "-6/2", "Right: it is -3. It multiplies"),
        ("08-scaling.md", "needed", "2e7", "Right: it is 19094728. c's steps"),
        ("09-momentum.md", "transfer", "0.5951", "Right: it is 0.595. It is 1.5 times"),  # a limit is rounded down
    ):
        assert judge(*asked(packaged_lesson, name, id), typed).feedback.startswith(said)


def test_known_wrong_number_explained_without_answer(packaged_lesson):
    lesson, step, facts = asked(packaged_lesson, "02-update.md", "first")
    for typed, row, said in (("-4,5", 1, "You added"), ("9", 2, "You took the whole gradient"), ("-9", 3, "That is")):
        judged = judge(lesson, step, facts, typed)
        assert (judged.verdict, judged.answer) == (WRONG, step.answers[row])
        assert judged.feedback.startswith(said)
        assert "The answer is" not in judged.feedback  # there is another try
    judged = judge(lesson, step, facts, "5")
    assert (judged.verdict, judged.feedback, judged.answer) == (WRONG, "It is less than that.", None)


def test_digits_that_are_missing_are_no_attempt(make_lesson):
    lesson = make_lesson(
        "## A {#a .observe run=four tol=digits:3 answer=7.91}\nThe mean loss?\n- [x] a `four[0:1].mean_loss`\n"
        "- [ ] none `0`\n  It is 0 at the end.\n- [ ] the start `four.start`\n  That is the start."
    )
    typed = {
        each: judge(lesson, lesson.steps[0], Facts(lesson), each) for each in ("7.91", "7.9141", "7.9", "8", "7.92")
    }
    assert [judged.verdict for judged in typed.values()] == [RIGHT, RIGHT, UNREADABLE, UNREADABLE, WRONG]
    assert typed["7.9"].feedback == "More digits, please: at least 3."
    # Of what is a wrong answer to the last digit it is told why that is wrong.
    assert judge(lesson, lesson.steps[0], Facts(lesson), "0").answer is lesson.steps[0].answers[1]


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("02-update.md", "twice"),
        ("05-noise.md", "transfer"),
        ("07-decay.md", "recall"),
        ("08-scaling.md", "full"),
        ("08-scaling.md", "needed"),
        ("09-momentum.md", "transfer"),
        ("10-own-data.md", "eighth"),
    ],
)
def test_what_the_screen_shows_is_accepted(packaged_lesson, name, id):
    lesson, step, facts = asked(packaged_lesson, name, id)
    value = facts.number(step.right_answer.expression)
    shown = [format_short(value), format_in_width(value, 8), format_in_width(value, 9), format_trimmed(value)]
    if is_limit(step.right_answer.expression):
        shown += [rounded_down(value), format_comparison(0.5, value)[1]]
    judged = {typed: judge(lesson, step, facts, typed).verdict for typed in shown}
    assert judged == dict.fromkeys(judged, RIGHT)
    assert judge(lesson, step, facts, right_answer(lesson, step, facts)).verdict is RIGHT


def test_choice_by_letter_in_shown_order(packaged_lesson):
    lesson, step, facts = asked(packaged_lesson, "01-rate.md", "near")
    for letter, choice in zip("abc", lesson.choices(step), strict=True):
        words = choice.text
        for typed in (
            letter,
            letter.upper(),
            f" {letter})",
            f"{letter}.",
            words,
            f"{words.upper()}.",
            f"{letter}, {words}",
        ):
            judged = judge(lesson, step, facts, typed)
            assert judged.answer is choice
            assert judged.verdict is (RIGHT if choice.is_right else WRONG)
            assert judged.canonical == "abc"[step.answers.index(choice)]
        again = judge_recorded(lesson, step, facts, judged.canonical)
        assert again == judged
    for typed in ("d", "", "ab", "1", "é", "a b", "I don't know", "a, or b", f"a, {lesson.choices(step)[1].text}"):
        judged = judge(lesson, step, facts, typed)
        assert (judged.verdict, judged.feedback) == (UNREADABLE, "Type A, B or C.")
    assert judge_recorded(lesson, step, facts, "f").verdict is UNREADABLE
    assert judge_recorded(lesson, step, facts, "").verdict is UNREADABLE


def test_wrong_prediction_reveals_right_choice(packaged_lesson):
    lesson, step, facts = asked(packaged_lesson, "01-rate.md", "near")
    right = "ABC"[lesson.choices(step).index(step.right_answer)]
    wrong = "abc"[lesson.choices(step).index(step.answers[1])]
    assert judge(lesson, step, facts, wrong).feedback.endswith(f"The answer is {right}: more epochs.")
    assert right_answer(lesson, step, facts) == f"{right}  more epochs"


def test_task_done_when_condition_is_met(packaged_lesson):
    lesson, step, facts = asked(packaged_lesson, "01-rate.md", "own")
    session = RunSession(lesson.runs["slow"], speed=None)
    assert not is_done(step, facts, session.snapshot())
    for rate, done in ((1.4, False), (1.6, True)):
        session.restart(lesson.runs["slow"].replace(lr=rate))
        session.play()
        while session.is_busy:
            assert not is_done(step, facts, session.snapshot())
            session.advance(1)
        assert is_done(step, facts, session.snapshot()) is done
    assert right_answer(lesson, step, facts) == "lr 1.6"


def test_what_could_have_been_done_is_told(packaged_lesson, make_lesson):
    assert right_answer(*asked(packaged_lesson, "10-own-data.md", "goal")) == "scale features yes, lr 0.7"
    assert right_answer(*asked(packaged_lesson, "01-rate.md", "why"))[:14] == "B  It costs te"
    lesson = make_lesson(
        '## Do {#do .do run=four until="now.updates > 0" solution="epochs:2"}\nPlay.', "## Why {#why .explain}\nWhy?"
    )
    said = [right_answer(lesson, step, Facts(lesson)) for step in lesson.steps]
    assert said == ["play the run to its end", ""]


def test_feedback_fills_in_run_numbers(make_lesson):
    lesson = make_lesson(
        "## A {#a .observe run=four tol=exact answer=4.5}\nWhat?\n- [x] a `four[0:1].a`\n"
        "- [ ] b `four[0:1].b`\n  It is [?](=four[0:1].a), and [-4.5](=four[0:1].b) is b."
    )
    judged = judge(lesson, lesson.steps[0], Facts(lesson), "-4.5")
    assert judged.feedback == "It is 4.5, and -4.5 is b."
    typed = ("4.5", "4,50", "9/2", "4.51", "5", "4")
    assert [judge(lesson, lesson.steps[0], Facts(lesson), each).verdict for each in typed] == [RIGHT] * 3 + [WRONG] * 3
