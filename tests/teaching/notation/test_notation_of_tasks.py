"""What tasks, explanations and recalled questions are written with."""

import pytest
from tables import table

from quadfit_tui.teaching.notation.reading.notation import read_lesson
from quadfit_tui.teaching.notation.reading.notation_error import NotationError

CHOICE = """## Which way? {#way .predict run=four}
Up or down?
- [x] up `way(four[start].a, four[0:1].a) == "up"`
- [ ] down `four[0:1].a < 0`
  No.
"""
DO = """## Do it {#do .do run=four until="now.updates >= 1 and now.lr < 1" solution="lr:0.5;shuffle:no"}
Do."""
TRIES = """## Try {#try .do run=four only=lr tries=4}
Try.
- [x] the bottom
  It has one.
- [ ] too large `now.lr > 1`
  It leaps.
"""
WHY = """## Why? {#why .explain}
Why?
- [x] up
  Yes.
- [ ] down
  No.
"""


def test_rows_of_a_task_and_sentences_of_an_explanation(make_lesson):
    first, work, write = make_lesson(CHOICE.replace("run=four", "run=four recall=rate"), TRIES, WHY).steps
    assert (first.recall, work.recall) == ("rate", "")
    assert (work.tries, work.only, work.until, work.solution, work.answers) == (4, ("lr",), None, None, ())
    assert [(row.text, row.is_right, row.expression, row.feedback.text()) for row in work.run_feedback] == [
        ("the bottom", True, "", "It has one."),
        ("too large", False, "now.lr > 1", "It leaps."),
    ]
    assert (work.success, work.is_choice, work.is_votable) == (work.run_feedback[0], False, False)
    assert [(row.text, row.is_right, row.expression) for row in write.answers] == [
        ("up", True, ""),
        ("down", False, ""),
    ]
    assert (write.has_sentences, write.is_choice, write.is_votable) == (True, False, False)
    only = make_lesson(DO.replace("solution=", 'only="lr, shuffle" solution=')).steps[0].only
    assert only == ("lr", "shuffle")


def test_open_is_read_and_means_nothing(make_lesson):
    assert make_lesson(DO.replace("solution=", "open=yes solution=")).steps == make_lesson(DO).steps


@table(
    ("step", "why"),
    [
        (
            DO.replace("solution=", "only=batch,shuffle solution="),
            "has a solution that changes lr, which only=batch,sh",
        ),
        (
            DO.replace("solution=", "only=rate solution="),
            "only names no setting: 'rate' .did you mean 'lr'.*lr, or sev",
        ),
        (DO.replace("solution=", "recall=rate solution="), "has 'recall', which means nothing for .do"),
        (
            DO.replace("solution=", "only=lr tries=3 solution="),
            "has tries and until; allowed: tries alone, or until and",
        ),
        (TRIES.replace("tries=4", "tries=1"), "tries: '1' is no number of runs; allowed: 2 to 8"),
        (TRIES.replace("tries=4", "tries=9"), "tries: '9' is no number of runs"),
        (TRIES.replace("tries=4", "tries=x"), "tries: 'x' is no number of runs"),
        (TRIES.replace("only=lr ", ""), "has tries of no number; allowed: only=lr beside it"),
        (TRIES.replace("only=lr", "only=lr,batch"), "has tries of no number"),
        (TRIES.replace("only=lr", "only=optimizer"), "has tries of no number"),
        (
            TRIES.replace("- [x] the bottom", "- [x] the bottom `now.lr > 1`"),
            "line 18 has an expression; allowed: - .x. t",
        ),
        (TRIES.replace(" `now.lr > 1`", ""), "line 20 has no expression; allowed"),
        (TRIES.replace("`now.lr > 1`", "`now.lr`"), "line 20 has another kind of expression; allowed: a condition"),
        (TRIES.replace("- [ ] too", "- [x] too").replace(" `now.lr > 1`", ""), "has right answers in lines 18 and 20"),
        (
            CHOICE.replace("run=four", "run=four recall=The_rate"),
            "recall: 'The_rate' is no id of a lesson; allowed: a-z",
        ),
        (WHY.replace("- [x] up", "- [ ] up"), "line 16 has no right sentence; allowed: one row - .x. text"),
        (WHY.replace("- [ ] down", "- [ ] down `1 > 2`"), "has an expression, which the sentences of .explain have"),
        (WHY.replace("- [ ] down\n  No.\n", ""), "has 1 choice; allowed: 2 to 6$"),
    ],
)
def test_what_does_not_fit_is_refused(make_text, step, why):
    with pytest.raises(NotationError, match=why):
        read_lesson(make_text(step))
