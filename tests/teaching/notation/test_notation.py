"""Lesson files are read to plain data, and what is wrong with one is told with its line."""

import hashlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tables import table
from trials import CHARACTERS, cases

from quadfit_tui.core.model.task import make_task
from quadfit_tui.core.text.quoting import quoted
from quadfit_tui.teaching.judging.facts import Facts
from quadfit_tui.teaching.notation.lesson import Position, StepKind, Tolerance
from quadfit_tui.teaching.notation.reading.notation import LARGEST_LESSON, read_lesson
from quadfit_tui.teaching.notation.reading.notation_error import NotationError

SAY = "## Read {#read .say}\nText."
NUMBER = """## What is a? {#a .observe run=four at=0:1 view=fit speed=10 tol=digits:2 answer=4.5}
It was 0 with lr = [0.5](=four.lr), and `7` is *code* here.
Now {braces}, and a [sum](<=four.lr + 1>).

A second paragraph.
- [x] after `it`, it is `four[0:1].a`
  Yes, [?](=four[0:1].a).
- [ ] before `four[start].a`
  Look again.

  And again.
- hint: one
- note: for the teacher, 44
"""
CHOICE = """## Which way? {#way .predict run=four}
Up or down?
- [x] up `way(four[start].a, four[0:1].a) == "up"`
- [ ] down `four[0:1].a < 0`
  No.
"""
DO = """## Do it {#do .do run=four until="now.updates >= 1 and now.lr < 1" solution="lr:0.5;shuffle:no"}
Do."""


def test_lesson_is_parsed(make_lesson):
    lesson = make_lesson(SAY, NUMBER, CHOICE, DO, "## Why? {#why .explain}")
    assert (lesson.id, lesson.title, lesson.version, lesson.file_name) == ("made", "Made by a test", 1, "made.md")
    assert [step.kind for step in lesson.steps] == [*map(StepKind, ("say", "observe", "predict", "do", "explain"))]
    assert [*lesson.by_id] == ["read", "a", "way", "do", "why"]
    assert {name: (run.samples, run.lr, run.epochs) for name, run in lesson.runs.items()} == {
        "four": (4, 0.5, 2),
        "fast": (4, 0.9, 3),
    }
    step = lesson.by_id["a"]
    assert (step.title, step.run, step.at, step.view, step.speed) == ("What is a?", "four", Position(0, 1), "fit", "10")
    assert (step.tolerance, step.written_answer) == (Tolerance("digits", 2), "4.5")
    assert step.text.text() == (
        "It was 0 with lr = 0.5, and 7 is code here. Now {braces}, and a sum.\n\nA second paragraph."
    )
    assert [number.expression for number in step.text.numbers] == ["four.lr", "four.lr + 1"]
    assert [(answer.text, answer.is_right, answer.expression) for answer in step.answers] == [
        ("after it, it is", True, "four[0:1].a"),
        ("before", False, "four[start].a"),
    ]
    assert step.answers[1].feedback.text() == "Look again.\n\nAnd again."
    assert [hint.text() for hint in step.hints] == ["one"]
    assert [note.text() for note in step.notes] == ["for the teacher, 44"]
    assert [text for text, _ in step.plain_texts][:3] == ["It was 0 with lr = ", ", and ", " is "]
    assert not any("for the teacher" in text for text, _ in step.plain_texts)
    assert lesson.by_id["do"].until == "now.updates >= 1 and now.lr < 1"
    assert not lesson.by_id["a"].is_choice
    assert lesson.by_id["way"].is_choice


@table(
    ("old", "new", "at", "written", "plain"),
    [
        ("## What is a?", "＃＃ What is a?", "What is", "＃＃", "##"),
        ("## What is a?", "#＃What is a?", "What is", "#＃", "##"),
        ("{#a .observe", "｛#a .observe", "What is", "｛", "{"),
        ("{#a .observe", "{＃a .observe", "What is", "＃a", "#a"),
        (" .observe", " ．observe", "What is", "．observe", ".observe"),
        ("run=four at", "run＝four at", "What is", "run＝", "run="),
        ("answer=4.5}", "answer=4.5｝", "What is", "｝", "}"),
        ("[0.5](=four.lr)", "[0.5]（=four.lr)", "It was", "]（=", "](="),
        ("[0.5](=four.lr)", "［0.5](=four.lr)", "It was", "［", "["),
        ("[0.5](=four.lr)", "[0.5](＝four.lr)", "It was", "](＝", "](="),
        ("[0.5](=four.lr)", "[0.5](=four.lr）", "It was", "=four.lr）", "=four.lr)"),
        ("A second", "See [w]（show:w).", "See", "]（show:", "](show:"),
        ("- [x] after", "- ［x］ after", "after", "［x］", "[x]"),
        ("- [x] after", "- 【ｘ】 after", "after", "【ｘ】", "[x]"),
        ("- [ ] before", "- ［ ］ before", "before", "［ ］", "[ ]"),
        ("- [ ] before", "－ [ ] before", "before", "－", "-"),
        ("- hint: one", "- hint：one", "one", "hint：", "hint:"),
        ("`four[start].a`", "`four[start].a｀", "before", "｀", "`"),
    ],
)
def test_full_width_sign_reported_with_line(make_text, old, new, at, written, plain):
    text = make_text(SAY, NUMBER)
    assert read_lesson(text)
    changed = text.replace(old, new, 1)
    line = next(number for number, each in enumerate(changed.split("\n"), 1) if at in each)
    with pytest.raises(NotationError) as caught:
        read_lesson(changed)
    assert str(caught.value) == f"line {line} has {quoted(written)} in full-width characters; write {quoted(plain)}"
    assert not caught.value.others


def test_other_full_width_characters_accepted(make_lesson):
    plain = make_lesson(SAY, NUMBER)
    text = "学习率（lr = [０.５](=four.lr)）是［注］：＃１。"
    lesson = make_lesson(SAY.replace("Text.", text), NUMBER.replace("answer=4.5", "answer=４.５"))
    assert lesson.steps[0].text.text() == "学习率（lr = ０.５）是［注］：＃１。"
    assert lesson.steps[1].answers == plain.steps[1].answers


@table(
    ("old", "new", "line", "written", "plain"),
    [("format = 1", "format = １", 2, "= １", "= 1"), ("format = 1", "format ＝ 1", 2, "＝ 1", "= 1")],
)
def test_full_width_front_matter_reported(make_text, old, new, line, written, plain):
    with pytest.raises(NotationError) as caught:
        read_lesson(make_text(SAY).replace(old, new, 1))
    assert str(caught.value) == f"line {line} has '{written}' in full-width characters; write '{plain}'"


def test_full_width_summary_sign_reported(make_text):
    text = make_text(SAY).replace('id = "made"', 'id = "made"\nsummary = ["It is [0.5]（=four.lr)."]')
    with pytest.raises(NotationError, match=r"line 4 has '\]（=' in full-width characters; write '\]\(='"):
        read_lesson(text)


def test_lines_are_those_of_the_file(make_text):
    text = make_text(SAY, NUMBER)
    lines = text.split("\n")
    step = read_lesson(text).steps[1]
    assert lines[step.line - 1].startswith("## What is a?")
    assert [lines[number.line - 1].count("=four.lr") for number in step.text.numbers] == [1, 1]
    assert "- [ ] before" in lines[step.answers[1].line - 1]
    assert "[?](=four[0:1].a)" in lines[step.answers[0].feedback.numbers[0].line - 1]


def test_the_digest_is_that_of_the_file(make_text):
    text = make_text(SAY)
    assert read_lesson(text).digest == hashlib.sha256(text.encode()).hexdigest()[:16]
    assert read_lesson(text.replace("\n", "\r\n")).steps == read_lesson(text).steps


def test_choice_order_is_fixed(make_lesson):
    lesson = make_lesson(CHOICE)
    step = lesson.steps[0]
    assert {*lesson.choices(step)} == {*step.answers}
    assert lesson.choices(step) == make_lesson(CHOICE).choices(step)
    assert [lesson.file_letter(step, answer) for answer in step.answers] == ["a", "b"]


@table(
    ("old", "new", "why"),
    [
        ("+++\nformat", "format", "line 1 has no front matter"),
        ("format = 1", "format = 2", "line 2 sets format to 2; allowed: 1"),
        ("format = 1\n", "", "without format"),
        ('id = "made"', 'id = "Made it"', "line 3 sets id to 'Made it'; allowed: a-z, 0-9 and -, up to 40"),
        ('id = "made"', 'id = "made"\nminutes = -3', "line 4 sets minutes to -3; allowed: 1 to 9999"),
        ('id = "made"', 'id = "made"\nminutes = "ten"', "line 4 sets minutes to 'ten'; allowed: a whole number"),
        ('id = "made"', 'id = "made"\nneeds = ["rate", 3]', "line 4 needs '3', which is no id of a lesson"),
        ('id = "made"', 'id = "made"\nname = 3', "line 4 has an unknown key 'name'"),
        ('id = "made"', "id = 3", "line 3 sets id to 3; allowed: text in quotes"),
        ('title = "Made by a test"', 'title = "\\u001b[2J"', "line 4 has a character that does not print in title"),
        ('title = "Made by a test"', f'title = "{"x" * 61}"', "line 4 has a title of 61 characters; allowed: 1 to 60"),
        ("samples = 4", "samples 4", "line 6 is not valid TOML"),
        ("samples = 4", "samples = 0", "line 6 samples: '0' is too small"),
        ("samples = 4", "sample = 4", r"line 6 has an unknown parameter 'sample' \(did you mean 'samples'\?\)"),
        (
            "samples = 4",
            "learning_rate = 4",
            r"line 6 has an .* 'learning_rate' \(did you mean 'lr'\?\)",
        ),
        ("samples = 4", "momentum = 0.5", "line 6 sets momentum, which has no effect"),
        ('from = "four"', 'from = "five"', "line 11 follows 'five', which is no run above it"),
        ('from = "four"', 'preset = "artcle"', r"line 11 names no preset: 'artcle' \(did you mean 'article'\?\)"),
        ('from = "four"', 'from = "four"\npreset = "article"', "line 11 follows a run and a preset"),
        ('from = "four"', "from = []", r"line 11 follows '\[\]', which is no run above it"),
        ('from = "four"', "preset = {}", r"line 11 names no preset: '\{\}'"),
        ("[runs.fast]", "[runs.now]", "line 10 has no name of a run"),
        ("[runs.fast]", "[runs.Fast]", "line 10 has no name of a run"),
        ("lr = 0.9", 'data = "/etc/passwd"', "line 12 takes '/etc/passwd' as data; allowed: \"lesson:NAME\""),
        ("lr = 0.9", 'data = "lesson:ball"', "line 12 takes 'lesson:ball' as data"),
        ("lr = 0.9", 'data = "example:ball"', "line 12 takes 'example:ball' as data"),
        ("## What", "# What", "line 19 has a heading of another level"),
        (" {#a .observe", " {#a .look", "line 19 is a step of no kind: 'look'"),
        ("{#a .", "{#a #b .", "line 19 has '#' twice"),
        ("{#a .", "{.", "line 19 has no id"),
        ("{#a .", "{#Fast .", "line 19 has the id 'Fast'; allowed: # and a-z, 0-9 and -, up to 40 characters"),
        ("{#a .", "{#read .", "line 19 has the id 'read', which the step in line 16 has already"),
        ("view=fit", "view=fits", r"names no view: 'fits' \(did you mean 'fit'\?\)"),
        ("speed=10", "speed=11", "names no speed: '11'"),
        ("run=four at", "run=five at", "names no run: 'five'"),
        ("run=four at=0:1", "at=0:1", "has a moment, at, of no run"),
        ("at=0:1", "at=2", "line 19 '2' is too large; allowed in four: start, 0 to 1, or 0:1 to 1:4"),
        ("view=fit", "until=now.lr", r"has 'until', which means nothing for \.observe"),
        ("tol=digits:2", "tol=digits", "tol: 'digits' is no tolerance"),
        ("tol=digits:2", "tol=factor:1", "'factor:1' is out of bounds; allowed for factor: 1.0001 to 1000"),
        ("tol=digits:2 ", "", "line 19 has answer without tol=digits:3; allowed: both, for a number, or none"),
        ("answer=4.5", "answer=four", "answer: 'four' is not a number"),
        (" answer=4.5", "", "line 19 has tol without answer=136; allowed: both"),
        ("answer=4.5", 'answer="4.5', "has a quote without its end"),
        ("answer=4.5}", "answer=4.5", "has no } behind its attributes"),
        ("(=four.lr)", "(http://example.org)", "line 20 has a link that leads elsewhere"),
        ("(=four.lr)", "(=four.rate)", "line 20 names no fact of a run: 'rate'"),
        ("(=four.lr)", "(=four[0].lrs)", "line 20 names no fact of a moment: 'lrs'"),
        ("(=four.lr)", "(=four[9].lr)", "line 20 '9' is too large"),
        ("(=four.lr)", "(=five.lr)", r"line 20 names no run of the lesson: 'five'"),
        ("(=four.lr)", "(=now.lr)", "line 20 names no run of the lesson: 'now'"),
        ("It was 0", "It was ![0](x.png)", "line 20 has an image"),
        ("It was 0", "It was &#x202e; 0", r"line 20 has a character that does not print"),
        ("Now {", "\x1b[2J Now {", r"line 21 has a character that does not print: '\\x1b'"),
        ("Now {", "\u202e Now {", r"line 21 has a character that does not print"),
        ("A second", "> A second", "line 23 has a quotation"),
        ("A second", "    A second", "line 23 has code that is indented"),
        ("A second", "1. A second", "line 23 has a numbered list"),
        ("A second paragraph.", "***", "line 23 has a line across"),
        ("\nA second paragraph.", "| A second |\n\n---", "line 24 has a line across"),
        ("- [x] after", "- after", "line 24 is a row of no kind"),
        (" `four[0:1].a`\n", "\n", "line 24 has the|has another kind|line 24 has no expression"),
        ("`four[0:1].a`", "`four[0:1].a >`", r"line 24 'four\[0:1\].a >' is not an expression"),
        ("`four[start].a`", "`four[start].a < 1`", "line 26 has another kind of expression; allowed: a number"),
        ("- [ ] before", "- [x] before", "line 19 has right answers in lines 24 and 26"),
        ("- [ ] before", "- [ ] ", "line 26 has no text"),
        ("- [ ] before", "- [ ] [9](=four.lr)", "line 26 has a stated number in an answer"),
        ("- hint: one", "- hint: one\n  - two", "line 31 has text that belongs to no step in a row of a list"),
        ("- note: for", "Text.\n\n- note: for", ""),
    ],
)
def test_errors_name_their_line(make_text, old, new, why):
    text = make_text(SAY, NUMBER)
    assert old in text
    if not why:
        read_lesson(text.replace(old, new, 1))
        return
    with pytest.raises(NotationError, match=why) as refused:
        read_lesson(text.replace(old, new, 1))
    assert refused.value.reason.isprintable()


def test_carriage_return_within_row_refused():
    text = '+++\nformat = 1\nid = "a"\ntitle = "A"\n+++\n## B {#b .explain}\n- hint: one\rtwo\rthree\n'
    with pytest.raises(NotationError, match=r"line 7 has a character that does not print: '\\r'"):
        read_lesson(text)


def test_undefined_run_without_any_runs_refused():
    text = '+++\nformat = 1\nid = "a"\ntitle = "A"\n+++\n## B {#b .say}\n[1](=four.lr)\n'
    with pytest.raises(NotationError, match=r"line 7 names no run of the lesson: 'four'; allowed: a table") as refused:
        read_lesson(text)
    assert refused.value.others == ()


@table(
    ("step", "why"),
    [
        (CHOICE.replace("- [ ] down `four[0:1].a < 0`\n  No.\n", ""), "has 1 choice; allowed: 2 to 6"),
        (CHOICE + "".join(f"- [ ] {at} `four.lr > {at}`\n" for at in range(5)), "has 7 choices"),
        (CHOICE.replace(".predict", ".say"), "is an answer, which .say has none of"),
        (DO.replace(' solution="lr:0.5;shuffle:no"', ""), "has a task without solution"),
        (DO.replace("lr:0.5", "rate:0.5"), "solution: 'rate:0.5' is no setting .did you mean 'lr'"),
        (DO.replace("lr:0.5", "lr:x"), "'x'|is not a number"),
        (DO.replace("now.updates >= 1 and now.lr < 1", "now.updates"), "has no condition as until"),
        (DO.replace("now.updates >= 1", "now[0].a >= 1"), "asks for a moment of now"),
    ],
)
def test_steps_and_their_attributes_fit_together(make_text, step, why):
    with pytest.raises(NotationError, match=why):
        read_lesson(make_text(step))


def test_example_data_allowed(make_text):
    head = '+++\nformat = 1\nid = "own"\ntitle = "T"\n[runs.wrong]\ndata = "example:outlier"\n+++\n'
    config = read_lesson(make_text(SAY, head=head)).runs["wrong"]
    assert (config.data, config.scale_features) == ("example:outlier", True)  # as of the preset for a file
    assert max(make_task(config).problem.y) == 42.6


def test_a_lesson_brings_its_own_samples(make_text):
    head = """+++
format = 1
id = "own"
title = "T"
[data.ball]
csv = "1;33\\n2;130\\n3;298"
[runs.all]
data = "lesson:ball"
batch = 2
+++
"""
    lesson = read_lesson(make_text(SAY, head=head))
    task = make_task(lesson.runs["all"])
    assert (task.problem.x.tolist(), task.problem.y.tolist()) == ([1, 2, 3], [33, 130, 298])
    assert task.updates_per_epoch == 1
    assert Facts(lesson).value("all[start].mean_loss") == pytest.approx((33**2 + 130**2 + 298**2) / 3)
    with pytest.raises(NotationError, match="line 9 batch: '4' exceeds the number of samples; allowed: 1 to 3"):
        read_lesson(make_text(SAY, head=head.replace("batch = 2", "batch = 4")))
    for csv, why in (("1,2,3", "3 columns"), ("", "no samples")):
        with pytest.raises(NotationError, match=f"line 6 has samples that cannot be used.*{why}"):
            read_lesson(make_text(SAY, head=head.replace("1;33\\n2;130\\n3;298", csv)))


@pytest.mark.parametrize("text", cases(["[", "**a", "> ", "`a``", "](", "<", "&", "- ", "![[]("]))
def test_no_text_takes_long(make_text, text):
    # What parsers are slow with, a third of a file of it, or as much as may be.
    count = 1900 // text.count("[") if "[" in text else LARGEST_LESSON // 3 // len(text)
    line = text * (1900 // len(text))
    lines = [line[:1900]] * (count * len(text) // 1900)
    began = time.process_time()
    with pytest.raises(NotationError):
        read_lesson(make_text("## A {#a .nothing}", "\n".join(lines)))
    assert time.process_time() - began < 5


def test_size_is_bounded(make_text):
    with pytest.raises(NotationError, match="more than 100000 bytes"):
        read_lesson(make_text("x" * LARGEST_LESSON))
    with pytest.raises(NotationError, match="line 16 has 2001 characters"):
        read_lesson(make_text("x" * 2001))
    with pytest.raises(NotationError, match="more than 2000 brackets"):
        read_lesson(make_text(*["[" * 1000] * 3))
    with pytest.raises(NotationError, match="one step more than 50"):
        read_lesson(make_text(*(f"## A {{#a{at} .say}}" for at in range(51))))
    many = "".join(f"[runs.r{at}]\n" for at in range(51))
    with pytest.raises(NotationError, match="one run more than 50"):
        read_lesson(make_text(SAY, head=f'+++\nformat = 1\nid = "a"\ntitle = "T"\n{many}+++\n'))


@given(st.text(CHARACTERS, max_size=300), st.integers(0, 4000))
def test_no_text_does_more_than_be_refused(texts, inserted, at):
    text = texts["02-update.md"]
    try:
        lesson = read_lesson(text[:at] + inserted + text[at:])
    except NotationError as refused:
        said = [refused.reason]
    else:
        said = [lesson.title, lesson.aim, lesson.source]
        for step in lesson.steps:
            prose = [step.text, *step.hints, *step.notes, *(answer.feedback for answer in step.answers)]
            said += [
                step.title,
                *(each.text().replace("\n", "") for each in prose),
                *(row.text for row in step.answers),
            ]
    assert [text for text in said if not text.isprintable()] == []
