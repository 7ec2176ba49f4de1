"""What check says of a step in which a run is drawn: axes, or steps before it, that give the run away."""

from made_lessons import HEAD
from tables import table

from quadfit_tui.teaching.judging.check import check
from quadfit_tui.teaching.judging.facts import Facts

FULL = """+++
format = 1
id = "made"
title = "Made by a test"
[runs.slow]
preset = "full-batch"
schedule = "constant"
lr = 1.0
epochs = EPOCHS
+++
"""
DRAW = "## Draw {#draw .draw run=slow}\nDraw it."
LINE = 12  # of the first step


@table(
    ("epochs", "said"),
    [
        (136, ["has axes that end where the run does, which converged after 136 of 136 epochs; allowed: more epochs"]),
        (150, ["has axes that end where the run does, which converged after 136 of 150 epochs; allowed: more epochs"]),
        (152, []),
        (100, []),  # it is not done then: that every run ends with its epochs says nothing of it
    ],
)
def test_axes_ending_with_run_refused(make_lesson, epochs, said):
    lesson = make_lesson(DRAW, head=FULL.replace("EPOCHS", str(epochs)))
    assert check(lesson) == [(LINE, text) for text in said]


@table("kind", ["say", "observe", "predict", "draw"])
def test_run_shown_in_earlier_step_refused(make_lesson, kind):
    is_question = kind in ("observe", "predict")
    rows = "\nIs it?\n- [x] yes `four.epochs == 2`\n- [ ] no `four.epochs < 2`\n  It is." * is_question
    shown = f"## Before {{#before .{kind} run=four}}\nSo." + rows
    other = "## Fast {#fast .draw run=fast}\nDraw it."
    faults = check(make_lesson(shown, "## Draw {#draw .draw run=four}\nDraw it.", other))
    assert [fault.text for fault in faults] == ["draws a run that the step 'before' has shown already"]


def test_earlier_moment_allowed_other_view_refused(make_lesson):
    at = "## Before {#before .say run=four at=0:1}\nSo."
    assert check(make_lesson(at, "## Draw {#draw .draw run=four}\nDraw it.")) == []
    faults = check(make_lesson("## Draw {#draw .draw run=four view=fit}\nDraw it."))
    assert [fault.text for fault in faults] == ["is drawn in the view loss, and has view=fit"]


def test_undrawable_run_refused(make_lesson):
    begun = HEAD.replace("init = [0, 0, 0]", "init = [2, -4, 3]")
    faults = check(make_lesson("## Draw {#draw .draw run=four}\nDraw it.", head=begun))
    assert ["no logarithm" in fault.text for fault in faults] == [True]


def test_axes_independent_of_run_outcome(make_lesson):
    head = HEAD.replace("epochs = 3", "epochs = 2")
    facts = Facts(make_lesson("## Draw {#draw .draw run=fast}\nDraw it.", head=head))
    assert facts.axes("four") == facts.axes("fast")
    four, fast = (facts.curves(facts.lesson.runs[run]).values["mean_loss"] for run in ("four", "fast"))
    assert four.tolist() != fast.tolist()
