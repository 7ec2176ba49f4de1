"""What is false in a lesson, or does not work, is found with its line and told in a sentence."""

from lesson_warnings import warnings
from tables import table

from quadfit_tui.teaching.judging.check import ROWS, LessonFault, check, count_of_facts, differences, wrap_rows
from quadfit_tui.teaching.judging.facts import Facts
from quadfit_tui.teaching.notation.lesson import Face

SAY = "## Read {#read .say run=four}\nlr is [0.5](=four.lr)."
NUMBER = """## What is a? {#a .observe run=four tol=digits:2 answer=4.5}
What?
- [x] after `four[0:1].a`
- [ ] before `four[start].a`
  No."""
CHOICE = """## Which way? {#way .predict run=four}
Up?
- [x] up `way(four[start].a, four[0:1].a) == "up"`
- [ ] down `four[0:1].a < 0`
  No."""
DO = '## Do {#do .do run=four until="now.updates >= 3" solution="epochs:1"}\nDo.'
OK = (SAY, NUMBER, CHOICE, DO)


def faults(make_lesson, old="", new=""):
    text = "\n\n".join(OK)
    assert old in text
    return check(make_lesson(text.replace(old, new, 1)))


def test_a_true_lesson_has_no_faults(make_lesson):
    assert faults(make_lesson) == []
    assert count_of_facts(make_lesson(*OK)) == 1 + 3 + 2 + 1


@table(
    ("old", "new", "where", "text"),
    [
        ("[0.5]", "[0.4]", "lr is", "four.lr is 0.5; the lesson says 0.4"),
        ("[0.5]", "[half]", "lr is", "'half' is not a number"),
        ("[0.5](=four.lr)", "[0.5](=four.needed)", "lr is", "four.needed has no value"),
        ("[0.5](=four.lr)", "[0.5](=four.status)", "lr is", "four.status is finished, which is no number"),
        ("answer=4.5", "answer=4.6", "## What", "four[0:1].a is 4.5; the lesson says 4.6"),
        (
            "answer=4.5",
            "answer=4",
            "## What",
            "the right answer, typed as 4, would be told: More digits, please: at least 2.",
        ),
        ("tol=digits:2", "tol=exact", "", ""),
        ("tol=digits:2", "tol=abs:5", "- [ ] before", "four[start].a, typed as 0.000000000e+00, would be told: right"),
        ("`four[start].a`\n", "`four[start].a`\n  No.\n- [ ] zero `0`\n", "- [ ] zero", "0 is 0, as another answer is"),
        ("`four[start].a`\n  No.", "`four[start].a`", "- [ ] before", "the wrong answer 'before' has no feedback"),
        (
            "four[0:1].a < 0",
            "four[0:1].a > 0",
            "- [ ] down",
            "four[0:1].a > 0 is true, since four[0:1].a is 4.5; the lesson says 'down' is wrong",
        ),
        (
            '== "up"',
            '== "down"',
            "- [x] up",
            'way(four[start].a, four[0:1].a) == "down" is false, since four[start].a is 0 and four[0:1].a is 4.5; '
            "the lesson says 'up' is right",
        ),
        (
            "four[0:1].a < 0",
            "four[0:1].a < 4.5",
            "- [ ] down",
            "four[0:1].a < 4.5 is decided by rounding; leave more room",
        ),
        (
            "now.updates >= 3",
            "now.updates >= 0",
            "## Do",
            "the task is done on arrival: now.updates >= 0 is true at once",
        ),
        (
            "now.updates >= 3",
            "now.updates >= 9",
            "## Do",
            "the task is not done by its solution epochs:1: now.updates >= 9",
        ),
        (
            "epochs:1",
            "batch:5",
            "## Do",
            "solution=batch:5: '5' exceeds the number of samples; allowed: 1 to 4, or full",
        ),
        ("now.updates >= 3", "now.mean_loss < 30.625", "## Do", "is decided by rounding"),
        ("Up?", "Up? " * 77, "## Which", "the step takes 7 lines; allowed: 5 of 76 columns"),
        ("Do.", "Do.\n\n" * 4, "## Do", "the step takes 7 lines"),
        (
            "  No.\n\n## Do",
            "  No. " + "No. " * 99 + "\n\n## Do",
            "- [ ] down",
            "what is said to this answer takes 6 lines",
        ),
        ("  No.\n\n## Which", "  No.\n- hint: " + "No. " * 99 + "\n\n## Which", "## What", "a hint takes 6 lines"),
        ("run=four tol", "run=four at=1:3 tol", "", ""),
        (".do run=four", ".do", "## Do", "a task has no run; allowed: run=…"),
    ],
)
def test_false_statement_reported_with_line(make_text, make_lesson, old, new, where, text):
    found = faults(make_lesson, old, new)
    lines = make_text("\n\n".join(OK).replace(old, new, 1)).split("\n")
    if not text:
        assert found == []
        return
    assert any(lines[fault.line - 1].startswith(where) and text in fault.text for fault in found), found
    assert all(fault.text.isprintable() for fault in found)


SENTENCES = """## Why? {#why .explain}
Why?
- [x] It goes up.
- [ ] It goes down.
  No."""


def test_sentences_have_feedback_and_fit(make_lesson):
    assert check(make_lesson(SENTENCES)) == []
    assert count_of_facts(make_lesson(SENTENCES)) == 0
    (fault,) = check(make_lesson(SENTENCES.replace("\n  No.", "")))
    assert fault == LessonFault(
        19, "the wrong answer 'It goes down.' has no feedback; write below it, indented, what is said"
    )
    (fault,) = check(make_lesson(SENTENCES.replace("It goes up", "It goes up" + " and up" * 70)))
    assert fault.text.startswith("what there is to choose from takes 8 lines; allowed: 5")
    (fault,) = check(make_lesson(SENTENCES.replace("No.", "No. " * 99)))
    assert fault.text.startswith("what is said to this answer takes 6 lines")


def test_position_beyond_run_end_reported(make_lesson):
    head = '+++\nformat = 1\nid = "made"\ntitle = "T"\n[runs.all]\npreset = "article"\n+++\n'
    lesson = make_lesson("## A {#a .say run=all at=60}", head=head)
    assert check(lesson) == [LessonFault(9, "at=all: the run ends after 25 epochs")]


def test_overlong_runs_reported_without_training(make_lesson):
    head = '+++\nformat = 1\nid = "made"\ntitle = "T"\n[runs.all]\nepochs = 2_000_000\n+++\n'
    assert check(make_lesson("## A {#a .say run=all}", head=head)) == [
        LessonFault(5, "its runs have more than 1e+09 samples times epochs together; all has 1.6e+09")
    ]


def test_warning_for_uncomputed_plain_numbers(make_lesson):
    lesson = make_lesson("## A {#a .say}\nOf 4 samples, `17` and 0.9, 18 is none, nor -3.5; x² and 2024-01-01 neither.")
    assert [(fault.line, fault.text.partition(";")[0]) for fault in warnings(lesson) if fault.line > 1] == [
        (17, "nothing computes -3.5"),
        (17, "nothing computes 18"),
        (17, "nothing computes 2024"),
    ]


def test_text_size_measured_as_on_screen(make_lesson):
    # In five rows there, in six as it is said.
    lesson = make_lesson("## A {#a .say}\n" + "[g](show:go) " * 34)
    spoken = Facts(lesson, face=Face.SPOKEN)
    assert len(wrap_rows(spoken.render_prose(lesson.steps[0].text))) > ROWS
    assert check(lesson) == check(lesson, spoken) == []


def test_text_wrapped_as_in_pane():
    assert wrap_rows("word " * 15 + "\n\nnext") == [("word " * 15).strip(), "", "next"]
    assert wrap_rows("") == []
    assert len(wrap_rows("x " * 38 * ROWS)) == ROWS


def test_a_translation_differs_in_prose_only(make_text, make_lesson):
    original = make_lesson(*OK)
    translated = "\n\n".join(OK).replace("What?", "Was?").replace("Up?", "Hinauf?").replace("[0.5]", "[0,5]")
    assert differences(make_lesson(translated.replace("No.", "Nein.")), original) == []
    for old, new, where, text in (
        ("four.lr)", "fast.lr)", "## Read", "the stated numbers or the hints differ from line 16 of made.md"),
        ("tol=digits:2", "tol=exact", "## What", "the attributes differ from line 19"),
        ("`four[start].a`", "`four[0:2].a`", "## What", "the answers differ"),
        ("#way", "#weg", "## Which", "the step 'weg' is not in made.md"),
        ("#way", "#weg", "+++", "the step 'way' of made.md is missing"),
        ("- [ ] down", "- hint: x\n- [ ] down", "## Which", "the stated numbers or the hints differ"),
        (".do run=four", ".do run=four only=epochs", "## Do", "the attributes differ"),
        ("Do.", "Do.\n- [ ] many `now.epochs > 1`\n  Many.", "## Do", "the answers differ"),
    ):
        changed = translated.replace(old, new, 1)
        lines = make_text(changed).split("\n")
        found = differences(make_lesson(changed), original)
        assert any(lines[fault.line - 1].startswith(where) and text in fault.text for fault in found), (found, old)
    swapped = make_lesson(SAY, CHOICE, NUMBER, DO)
    assert [fault.text for fault in differences(swapped, original)] == ["the steps have another order than in made.md"]
