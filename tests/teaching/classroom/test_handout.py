"""A lesson on paper: no answer is on it, the key has them all, and Markdown shows each text as it is."""

import re

import pytest
from drops import OWN, TRIES, lesson
from lessons_taken import OF_SMALL, SMALL
from made_lessons import HEAD, TEXTS

from quadfit_tui.core.text.document import document_lines
from quadfit_tui.teaching.classroom.handout import handout
from quadfit_tui.teaching.course.curve_comparison import run_curve
from quadfit_tui.teaching.judging.facts import Facts
from quadfit_tui.teaching.notation.lesson import QUESTIONS


def test_page_has_questions_without_answers():
    blank, line = "_" * 24, "_" * 60
    look = [f"- **{letter}** {answer.text}" for letter, answer in zip("ABC", choices("look"), strict=True)]
    assert handout(SMALL, OF_SMALL) == [
        "# A small lesson", "",
        f"Name: {'_' * 32}  Date: {'_' * 16}", "",
        "## 1. Read", "", "There are 4 samples.", "",
        "## 2. Guess", "", "How many updates are there?", "", f"Your prediction: {blank}", "",
        "## 3. Look", "", "Where is a?", "", *look, "", f"Your answer: {blank}", "",
        "## 4. Work", "", "Make two epochs.", "", line, "",
        "## 5. Write", "", "Why?", "", line, "", line, "", line,
    ]  # fmt: skip


def choices(step):
    return SMALL.choices(SMALL.by_id[step])


def test_key_has_answers_and_feedback():
    key = handout(SMALL, OF_SMALL, has_key=True)
    assert key[2] == "The key, for teachers."
    at = key.index("**Right: 12.**")
    said = ["- 12 (three epochs): Three times four.", "- 3 (one for each epoch): An epoch has four of them.", ""]
    assert key[at + 2 : at + 5] == said
    letters = {answer.text: letter for letter, answer in zip("ABC", choices("look"), strict=True)}
    at = key.index(f"**Right: {letters['above zero']}.**")
    said = {"below zero": "It goes up.", "at zero": "It moves."}
    assert sorted(key[at + 2 : at + 4]) == sorted(f"- {letters[text]}: {why}" for text, why in said.items())
    assert "One way to do it: epochs 2." in key
    assert not any("____" in line for line in key)


def test_tasks_and_sentences_on_paper():
    made = lesson(OWN, TRIES, "## Why {#why .explain}\nWhy?\n- [x] It is.\n  Yes.\n- [ ] It is not.\n  It is.\n")
    line, choices = "_" * 60, made.choices(made.by_id["why"])
    letters = {answer.text: letter for letter, answer in zip("AB", choices, strict=True)}
    rows = [f"- **{letter}** {answer.text}" for letter, answer in zip("AB", choices, strict=True)]
    page, key = (handout(made, Facts(made), has_key) for has_key in (False, True))
    at = page.index("## 2. Try")
    assert page[at + 2 :] == [
        "Try three rates.", "", *[line, ""] * 3,
        "## 3. Why", "", "Why?", "", *[line, ""] * 3, "Which says what you mean?", "", *rows,
    ]  # fmt: skip
    at = key.index("One way to do it: lr 0.9.")
    assert key[at + 2 : at + 4] == [
        "- near one: The update takes nearly all of the error.",
        "- beyond the limit: Beyond 2 the error grows.",
    ]
    assert "- the bottom: Nearer to 1 it takes fewer epochs." in key
    at = key.index(rows[0])
    assert key[at : at + 7] == [
        *rows, "", f"**Right: {letters['It is.']}.**", "",
        *(f"- {letters[answer.text]}: {answer.feedback.text()}" for answer in choices),
    ]  # fmt: skip


def test_asked_number_is_blank_later(make_lesson):
    lesson = make_lesson(
        "## Ask {#ask .predict run=four tol=exact answer=8}\nOf [2](=four.epochs) epochs?\n"
        "- [x] all `four.updates`\n- [ ] none `0`\n  No.",
        "## Tell {#tell .say run=four}\nThese were [8](=four.updates), each of [2](=four.epochs); [8](=four.epochs*4).",
        "## Loss {#loss .observe run=four tol=digits:3 answer=7.91}\nWhat is the mean loss?\n"
        "- [x] this `four[0:1].mean_loss`\n- [ ] no `0`\n  No.",
        "## Told {#told .say run=four}\nIt was [7.91](=four[0:1].mean_loss).",
    )
    page, key = (" ".join(handout(lesson, Facts(lesson), has_key)) for has_key in (False, True))
    assert "Of 2 epochs?" in page
    assert "These were ________, each of 2; 8." in page
    assert "It was ________." in page
    assert "These were 8, each of 2; 8." in key
    assert "It was 7.91." in key


def test_markdown_shows_each_text_as_it_is(make_lesson):
    text = r"\# a\*b\*c and \_x\_ \[1\]\(y\) \<b\> \| \\ `2*3*4`, $5 ~ 6$, 7^8"
    lesson = make_lesson(
        f"## A *{{#one .say run=four}}\n{text}",
        "## Is it {#is .predict run=four}\nSo?\n- [x] a\\*b `four.epochs == 2`\n- [ ] c `four.epochs == 3`\n  No.",
        "## Words {#words .explain}\nWhy?\n- model: Since \\*it\\* is.\n- note: Look.",
    )
    lines = document_lines("\n".join(handout(lesson, Facts(lesson), has_key=True)), 200)
    shown = [line.text for line in lines]
    assert "# a*b*c and _x_ [1](y) <b> | \\ 2*3*4, $5 ~ 6$, 7^8" in shown
    assert any(line.endswith("a*b") for line in shown)
    assert "A possible answer: Since *it* is." in shown
    assert "Note: Look." in shown


@pytest.mark.parametrize("name", TEXTS)
def test_packaged_lessons_have_page_and_key(packaged_lesson, name):
    lesson, facts = packaged_lesson(name)
    page, key = handout(lesson, facts), handout(lesson, facts, has_key=True)
    assert [line for line in page if line.startswith("#")] == [line for line in key if line.startswith("#")]
    assert len([line for line in page if line.startswith("## ")]) == len(lesson.steps)
    questions = [step for step in lesson.steps if step.kind in QUESTIONS]
    assert len([line for line in page if re.match("Your (prediction|answer): _", line)]) == len(questions)
    assert len([line for line in key if line.startswith("**Right: ")]) == len(questions) + 1  # and the explanation
    assert all(line.isprintable() for line in (*page, *key))
    assert not any("Right" in line for line in page)


STEEP = HEAD.replace(
    "[runs.fast]", '[runs.steep]\nfrom = "four"\nlr = 0.9\nepochs = 5000\nstop_on = "dataset"\n[runs.fast]'
)


def test_empty_grid_and_curve_in_key(make_lesson):
    lesson = make_lesson("## Draw {#draw .draw run=fast}\nWhat does the mean loss do?\n- hint: Think.")
    page, key = (handout(lesson, Facts(lesson), has_key) for has_key in (False, True))
    grid, drawn = (lines[lines.index("```") + 1 : -lines[::-1].index("```") - 1] for lines in (page, key))
    asked = [line for line in page if line.startswith("Draw the mean loss that you expect")]
    assert [line.endswith("always the same share.") for line in asked] == [True]
    assert [line.split("┤")[0].strip() for line in grid if "┤" in line] == ["30.62"]  # it never stops: there is no tol
    assert grid[-1].endswith("3 epochs")
    assert not any("*" in line for line in grid)
    stars = ["".join(line.partition("│")[2] or line.partition("┤")[2]) for line in drawn]
    assert {at for line in stars for at, sign in enumerate(line) if sign == "*"} == {*range(61)}
    assert key[-1] == run_curve(Facts(lesson), lesson.steps[0]).sentence
    steep = make_lesson("## Draw {#draw .draw run=steep}\nHow?\n- hint: No.", head=STEEP)
    key = handout(steep, Facts(steep), has_key=True)
    assert [line.split("┤")[0].strip() for line in key if "┤" in line] == ["30.62", "tol 1e-05"]
    rows = [at for at, line in enumerate(key) if "*" in line]
    assert rows == [*range(rows[0], rows[-1] + 1)]  # no row is left out where it falls steeply
    assert len(rows) > 12
