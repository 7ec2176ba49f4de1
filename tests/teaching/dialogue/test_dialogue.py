"""The dialogue: whole lessons by lines of text, left and come back to, with all that they hold back."""

import re

import pytest
from languages import speaking
from lessons_taken import OF_SMALL, PACKAGED, RIGHT, SMALL, TEXT, Student, check_lines, typed, wrong
from tables import table
from trials import cases

from quadfit_tui.core.explain.diagnosis_page import REST_HELD_BACK
from quadfit_tui.core.text.ascii import ascii_of
from quadfit_tui.core.text.numbers import rounded_down
from quadfit_tui.core.text.pronunciation import speak_result
from quadfit_tui.core.text.sentences import lines_to_hear
from quadfit_tui.teaching.course.progress import LessonProgress, Score
from quadfit_tui.teaching.course.standing import GIVES_AWAY
from quadfit_tui.teaching.course.transcript import Transcript
from quadfit_tui.teaching.course.transcript_entry import Event
from quadfit_tui.teaching.dialogue.commands import COMMANDS, WORDS
from quadfit_tui.teaching.dialogue.dialogue import Dialogue
from quadfit_tui.teaching.judging.facts import Facts
from quadfit_tui.teaching.notation.catalog import Catalog
from quadfit_tui.teaching.notation.lesson import StepKind
from quadfit_tui.teaching.notation.places import LINK_TARGETS
from quadfit_tui.teaching.notation.reading.notation import read_lesson

WRONG = wrong(SMALL, SMALL.by_id["look"], OF_SMALL)


@pytest.mark.parametrize(
    ("lesson", "knows"),
    [(lesson, False) for lesson in cases(PACKAGED.lessons)]
    + [(lesson, True) for lesson in cases(PACKAGED.lessons[:4])],
    ids=lambda of: "right" if of is True else "wrong first" if of is False else of.id,
)
def test_every_lesson_completes(lesson, knows):
    student = Student(lesson, known=frozenset({lesson.digest}))
    facts = student.dialogue.lesson.course.facts
    lines, answers, worked = [*student.first], 0, facts.seconds
    for line in typed(lesson, facts, knows=knows):
        heard = student.types(line)
        assert heard, line
        if line:  # what the answer needs was worked out when the step was said
            assert facts.seconds == worked, line
        worked = facts.seconds
        if line and not line.startswith(("set ", "go")):
            answers += 1
            given = [entry for entry in student.transcript.entries if entry.kind is not StepKind.DO]
            events = [entry.event for entry in given]
            assert events.count(Event.ANSWER) + events.count(Event.SAID) == answers, (line, heard)
            last = [entry for entry in given if entry.event in (Event.ANSWER, Event.SAID)][-1]
            assert ("Not right." in heard) is (last.got == "wrong"), (line, heard)
            assert any(
                said not in ("Press Enter to go on.", "Type hint for a hint.", "Type skip to hear the answer.")
                for said in heard
            )
        lines += heard
    check_lines(lines)
    check_lines([text for line in lines for text in lines_to_hear(line, ascii_of)])
    assert all(ascii_of(line).isascii() for line in lines)
    observed = [step for step in lesson.steps if step.kind is StepKind.OBSERVE]
    steps = len(lesson.steps)
    assert f"You did {steps} of {steps} steps without skipping." in lines
    progress = LessonProgress(lesson, student.transcript.of_lesson(lesson.id))
    assert progress.is_ended
    assert progress.score == Score(steps, steps, len(observed) if knows else 0, len(observed))


def test_chinese_lesson_counts_as_english():
    english = PACKAGED.find("rate")
    with speaking():
        catalog = Catalog.packaged("zh_CN")
        lesson = catalog.find("rate")
        student = Student(lesson, catalog, frozenset({lesson.digest}))
        lines = [*student.first]
        for line in typed(lesson, student.dialogue.lesson.course.facts, knows=True):
            lines += student.types(line)
        assert "第 1 步，共 9 步" in " ".join(lines)
    assert [line for line in lines if re.search("[a-z]{3,} [a-z]{3,} [a-z]{3,}", line)] == []
    progress = LessonProgress(english, student.transcript.of_lesson(english.id))
    assert progress.is_ended
    assert progress.score == Score(9, 9, progress.score.observed, progress.score.observed)


LOOKS = "Type where to hear a, b, c and the losses, or update to hear the last update."


def test_a_lesson_as_it_is_heard():
    student = Student()
    assert student.first == [
        "Lesson: A small lesson.",
        "It has 5 steps, and takes about 15 minutes.",
        "Your answers are not recorded.",
        "Predictions are not graded.",
        "Type help for the commands.",
        "Step 1 of 5, to read: Read.",
        "The run is set up: 4 samples, batch 1, lr 0.5, at most 3 epochs.",
        "It stands at its end, after 3 epochs.",
        "There are 4 samples.",
        LOOKS,
        "Press Enter to go on.",
    ]
    assert student.types("") == [
        "Step 2 of 5, to predict: Guess.",
        "The run is at its start again.",
        "How many updates are there?",
        "Type a number; within a factor of 1.5 is right.",
    ]
    heard = student.types("3")
    assert heard[:4] == ["You answered 3.", "Not right.", "Now the run.", "Finished all 3 epochs."]
    assert heard[5:] == [
        "Type more to hear all of it.",
        "An epoch has four of them.",
        "The answer is 12.",
        "Press Enter to go on.",
    ]
    told = student.types("more")
    assert told[0] == "At the start b is farthest off: 0, its best value is minus 4."
    assert set(heard[3:5]) < set(told)
    heard = student.types("")
    assert heard[:2] == ["Step 3 of 5, to answer: Look.", "The run stands at its end, after 3 epochs."]
    assert sorted(line[3:] for line in heard[-5:-2]) == ["above zero.", "at zero.", "below zero."]
    assert heard[-2:] == [LOOKS, "Type A, B or C."]
    assert student.types("I don't know") == student.types("more of it") == ["Type A, B or C."]  # no `why`, no `more`
    assert student.types(WRONG) == ["Not right.", "It goes up."]
    assert student.types(f"answer {WRONG.upper()}.") == ["Not right.", "It goes up.", "Type hint for a hint."]
    assert student.types(WRONG) == ["Not right.", "It goes up.", "Type skip to hear the answer."]
    assert student.types(RIGHT) == ["Right.", "Press Enter to go on."]
    assert student.types("", "go 2") == [
        *student.types("where")[:2],
        "Type more to hear all of it.",
        "Done.",
        "Press Enter to go on.",
    ]
    assert student.types("more") == [
        "At the start b is farthest off: 0, its best value is minus 4.",
        "Half of the mean loss is gone after 1 epoch: 30.6 to 1.04.",
        "After 2 epochs less than a hundredth of the mean loss is left: 0.111.",
        *student.types("where"),
    ]
    assert student.types("", "go or not, it is so") == ["Thank you.", "Press Enter to go on."]
    assert student.types("") == [
        "The lesson is done.",
        "Guess: you said 3; it was 12.",
        "You did 5 of 5 steps without skipping.",
        "Press Enter to answer one of them once more, or type list for other lessons,",
        "or quit.",
    ]
    assert student.types("")[0] == "Once more, to predict: Guess."
    assert student.types("quit") == ["Goodbye."]


def test_giveaway_commands_blocked_until_prediction():
    student = Student()
    student.types("")
    assert {"go", "step", "to", "rate", "set", "preset", "restart", "why"} == {*GIVES_AWAY}
    words = [(word, name.split()[0]) for name, words in WORDS.items() for word in words.split()]
    for word, name in words:
        for rest in ("", " 1"):
            if name in GIVES_AWAY and (not rest or COMMANDS[name].takes):
                assert student.types(word + rest)[0] == "Answer the question first.", word
    assert student.types("where")[0].startswith("Start: ")
    assert student.types("update") == ["No update has been made yet; step makes one."]
    assert Event.ANSWER not in student.events
    assert student.types("foo") == ["'foo' is not a number."]  # and gives nothing away
    student.types("12")
    assert any(line.startswith("Learning rate 0.5 is ") for line in student.types("why"))


def test_skipping_and_hints():
    student = Student()
    student.types("", "12", "")
    assert student.types("hint") == ["Hint: Look at the first update."]
    assert student.types("skip") == ["To skip this step and see its answer, skip once more."]
    assert student.types("skip") == [f"The answer is {RIGHT.upper()}: above zero.", "Press Enter to go on."]
    assert student.types("", "skip", "skip", "", "skip") == ["To skip this step, skip once more."]  # it has no answer
    assert "Look: skipped." in student.types("answers")
    assert f"The right answer is {RIGHT}, above zero." in student.types("answers")


def test_it_is_left_and_come_back_to():
    student = Student()
    assert student.types("", "3", "previous", "q") == ["You left at step 2; come back at any time."]
    student.dialogue = Dialogue(PACKAGED, student.transcript)
    heard = student.heard(student.dialogue.begin(SMALL))
    assert heard[1] == "You are back: 2 of 5 steps done."
    assert "You answered 3." in heard
    assert heard[-3:] == ["An epoch has four of them.", "The answer is 12.", "Press Enter to go on."]


def test_resuming_step_without_run_restores_previous_run():
    student = Student()
    for line in ("", "12", "", RIGHT, "", "set epochs 2", "go"):
        student.types(line)
    assert student.types("")[1] == "Why?"  # the run stays as the student left it
    student.dialogue = Dialogue(PACKAGED, student.transcript)
    assert student.heard(student.dialogue.begin(SMALL))[4:7] == [
        "Step 5 of 5, to explain: Write.",
        "The run is set up: 4 samples, batch 1, lr 0.5, at most 3 epochs.",
        "Why?",
    ]


def test_false_lesson_refused(tmp_path):
    path = tmp_path / "false.md"
    path.write_text(TEXT.replace("[4](=one.samples)", "[5](=one.samples)"))
    student = Student(None)
    heard = student.types(str(path))
    assert heard[:2] == ["A small lesson.", "This lesson states what is not true, and cannot be taken."]
    assert heard[2].startswith("Line 14: ")
    assert student.events == []
    path.write_text(TEXT)
    assert student.types(str(path))[0] == "Lesson: A small lesson."


def test_notes_are_for_teachers(tmp_path):
    path = tmp_path / "noted.md"
    path.write_text(TEXT.replace("samples.\n", "samples.\n\n- note: Ask [4](=one.samples) of them.\n", 1))
    for shows in (True, False):
        dialogue = Dialogue(PACKAGED, Transcript(None), shows_notes=shows)
        words = [*dialogue.begin(), *dialogue.handle_line(str(path))]
        assert ("Note for the teacher: Ask 4 of them." in words) == shows


DRAWN = """+++
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
What will the mean loss do?
- hint: a rate below the limit.

## Say {#say .say run=one}
So.
"""
CHOICES = [
    "A, falls fast, then flat.",
    "B, falls evenly.",
    "C, falls slowly, then fast.",
    "D, rises.",
    "E, falls, then rises.",
    "F, swings.",
]
TOLD = "The run is below tol after 90 epochs."


@table(
    ("typed", "own", "said"),
    [
        ("b", "Your curve falls evenly.", "You said so: it falls evenly."),
        ("answer B", "Your curve falls evenly.", "You said so: it falls evenly."),
        ("Rises.", "Your curve rises.", "You said that it rises; it falls evenly."),
        (
            "falls fast then flat",
            "Your curve falls fast, then flat.",
            "You said that it falls fast, then flat; it falls evenly.",
        ),
        ("s", None, None),
    ],
)
def test_drawing_answered_in_words(typed, own, said):
    lesson = read_lesson(DRAWN, "drawn.md")
    student = Student(lesson, known=frozenset({lesson.digest}))
    check_lines(student.first)
    assert [line for line in student.first if line[1:3] == ", "] == CHOICES
    assert "Evenly means by the same share in each epoch: the scale is logarithmic." in student.first
    assert student.first[-1] == "Type A, B, C, D, E or F, or the words."
    assert student.types("go") == ["Answer the question first.", "Type A, B, C, D, E or F, or the words."]
    assert student.types("hint") == ["Hint: a rate below the limit."]
    assert student.types("what", "higher")[0] == "'higher' is none of them."
    heard = student.types(typed)
    check_lines(heard)
    if own is None:  # to give it up, twice
        heard = student.types(typed)
        assert TOLD in heard
    else:
        assert heard[:2] == [own, "Now the run."]
        assert heard[-3:] == [said, TOLD, "Press Enter to go on."]
        assert student.types("answers")[0] == f"Draw: {own.removeprefix('Your curve ')}"
    assert [event for event in student.events if event in (Event.ANSWER, Event.SKIP, Event.DONE)] == [
        Event.SKIP if own is None else Event.ANSWER,
        Event.DONE,
    ]


def test_drawn_answer_repeated_on_return():
    lesson = read_lesson(DRAWN, "drawn.md")
    student = Student(lesson, known=frozenset({lesson.digest}))
    student.types("0:80 50:20")
    again = Dialogue(PACKAGED, student.transcript, known=frozenset({lesson.digest}))
    heard = student.heard(again.begin(lesson))
    assert "Your curve falls fast, then flat." in heard
    assert "The run is below tol after 90 epochs; your curve does not get there." in heard


HOLDING = """+++
format = 1
id = "holding"
title = "Holds back"
hold = ["limit", "forecast", "remedy", "optimum"]
hold_until = "free"
[runs.fast]
preset = "noisy"
samples = 20
batch = "full"
lr = 2.5
schedule = "constant"
epochs = 40
[runs.good]
from = "fast"
lr = 1.5
epochs = 400
+++

## Held {#held .say run=fast at=start}
Ask.

## Free {#free .say}
Ask again.
"""


def test_withheld_facts_hidden_until_their_step():
    lesson = read_lesson(HOLDING)
    student, facts = Student(lesson), Facts(lesson)
    asked = ("why", "go", "why", "where", "set epochs 400", "rate 1.5", "why", "go", "why", "where")
    held = " ".join(line for word in asked for line in student.types(word))
    limit, least = rounded_down(facts.number("fast.limit")), facts.number("fast.least")
    words = ("diverges", "the mean loss will be", "Tested", "optimum", "too high", "cannot go below")
    secrets = (limit, speak_result(least), *words)
    assert student.types("why")[-1] == REST_HELD_BACK
    shown = {secret for secret in secrets if secret in held.replace(f"Mean loss {speak_result(least)}", "")}
    assert not shown
    student.types("next", "rate 2.5")
    told = " ".join(line for word in asked for line in student.types(word))
    assert {secret for secret in secrets if secret in told} == {*secrets}
    assert REST_HELD_BACK not in told


def test_previous_repeats_step_and_enter_returns():
    student = Student()
    student.types("", "3", "")
    written = len(student.events)
    assert student.types("previous") == [
        "Step 2 of 5, to predict: Guess.",
        "The run stands at its end, after 3 epochs.",
        "How many updates are there?",
        "You answered 3.",
        "Not right.",
        "An epoch has four of them.",
        "The answer is 12.",
        "Press Enter to go on from where you were.",
    ]
    assert student.types("prev")[0] == "Step 1 of 5, to read: Read."
    assert student.types("previous") == [
        "There is no step before this one.",
        "Press Enter to go on from where you were.",
    ]
    assert student.types("")[0] == "Step 3 of 5, to answer: Look."
    assert len(student.events) == written
    assert student.types(RIGHT)[0] == "Right."


def test_looking_back_keeps_giveaways_blocked():
    student = Student()
    assert student.types("", "previous", "go") == [
        "Answer the question first.",
        "Press Enter to go on from where you were.",
    ]
    assert student.types("", "go")[0] == "Answer the question first."


def test_model_answer_and_final_summary():
    lesson = read_lesson(
        TEXT.replace("[runs.one]", 'summary = ["There are [4](=one.samples) samples."]\n[runs.one]')
        + "- model: Since [the line](show:w) goes up.\n"
    )
    student = Student(lesson, known=frozenset({lesson.digest}))
    for line in ("", "12", "", RIGHT, "", "skip", "skip", ""):
        student.types(line)
    model = f"Compare your answer with this one: Since the line ({LINK_TARGETS['w'].spoken}) goes up."
    assert student.types("it is so") == ["Thank you.", model, "Press Enter to go on."]
    assert student.types("")[:2] == ["The lesson is done.", "There are 4 samples."]
    said = ["You wrote: it is so.", "Thank you.", model, "Press Enter to go on from where you were."]
    assert student.types("previous")[-4:] == said
