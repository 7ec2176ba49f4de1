"""Tasks: what does them, what may not change, and what is said of a run that is none of what is asked."""

import pytest
from drops import HEAD, OWN, ended, epochs, lesson
from tables import table

from quadfit_tui.core.session.session import RunSession
from quadfit_tui.teaching.judging.check import check
from quadfit_tui.teaching.judging.facts import Facts
from quadfit_tui.teaching.judging.tasks import (
    forbidden_changes_message,
    format_rounded,
    is_done,
    success_feedback,
    unmet_feedback,
)
from quadfit_tui.teaching.notation.lesson import Face

LESSON = lesson(OWN)
FACTS = Facts(LESSON)
STEP = LESSON.steps[0]
DROP = LESSON.runs["drop"]
GOAL = "now.status == 'converged' and now.epochs < 5"


def asking(until, *rows, only="lr"):
    """A task that asks for something else, and its facts."""
    rows = "".join(f"- {row}\n" for row in rows)
    attributes = f'only={only} until="{until}" solution="lr:0.9"'.removeprefix("only= ")
    made = lesson(f"## Land {{#own .do run=drop {attributes}}}\nLand.\n{rows}")
    return made.steps[0], Facts(made)


def said(until, *rows, only="lr", **changes):
    step, facts = asking(until, *rows, only=only)
    return unmet_feedback(step, facts, ended(DROP, **changes))


def test_a_run_does_a_task_by_what_may_change():
    for rate in (0.3, 0.8, 0.9, 1.1):
        assert is_done(STEP, FACTS, ended(DROP, lr=rate)) is (epochs(rate) < 5)
    for cheat in ({"tol": 1e12}, {"init": (0.0, 0.0, 2.0)}, {"optimizer": "adam", "lr": 0.9}, {"gradient": "full"}):
        assert not is_done(STEP, FACTS, ended(DROP, **cheat))
        assert not is_done(STEP, FACTS, ended(DROP, **{"lr": 0.9, **cheat}))
    assert is_done(*asking("now.status == 'converged' and now.epochs < 5", only=""), ended(DROP, tol=1e12))


@table(
    ("changes", "told"),
    [
        ({}, ""),
        ({"lr": 1.4}, ""),
        ({"tol": 1e12}, "Only lr may change here: tol 1e-05 → 1000000000000. R: again."),
        ({"lr": 0.9, "epochs": 60}, "Only lr may change here: epochs 50 → 60. R: again."),
        (
            {"tol": 1.0, "epochs": 60, "init": (0.0, 0.0, 3.0)},
            "Only lr may change here: init (0, 0, 10) → (0, 0, 3), epochs 50 → 60 and 1 more. R: again.",
        ),
        ({"optimizer": "momentum"}, "Only lr may change here: optimizer sgd → momentum. R: again."),
    ],
)
def test_what_may_not_change_is_named(changes, told):
    assert forbidden_changes_message(STEP, FACTS, DROP.with_values(changes)) == told


def test_what_may_not_change_names_all_that_may_and_the_way_back_by_lines():
    step, facts = asking("now.epochs < 5", only="lr,batch")
    told = forbidden_changes_message(step, Facts(facts.lesson, face=Face.SPOKEN), DROP.with_values({"tol": 1.0}))
    assert told == ("Only lr and batch may change here: tol 1e-05 → 1. Type again to go back to the run of this step.")
    assert forbidden_changes_message(*asking("now.epochs < 5", only=""), DROP.with_values({"tol": 1.0})) == ""


@table(
    ("until", "changes", "told"),
    [
        ("now.epochs < 5", {"lr": 0.5}, f"Not yet: {epochs(0.5)} epochs, and fewer than 5 are asked."),
        ("5 > now.epochs", {"lr": 0.5}, f"Not yet: {epochs(0.5)} epochs, and fewer than 5 are asked."),
        ("now.epochs <= 1", {"lr": 0.9}, f"Not yet: {epochs(0.9)} epochs, and at most 1 is asked."),
        ("now.epochs > 12", {"lr": 0.9}, f"Not yet: {epochs(0.9)} epochs, and more than 12 are asked."),
        ("now.updates >= 12", {"lr": 1}, "Not yet: 1 update, and at least 12 are asked."),
        ("now.epochs == 3", {"lr": 1}, "Not yet: 1 epoch, and 3 are asked."),
        ("now.epochs < now.limit", {"lr": 0.5}, f"Not yet: epochs {epochs(0.5)}, and below 2 is asked."),
        ("now.mean_loss < 0.5", {"lr": 0.1, "epochs": 10}, "Not yet: mean loss 7.78, and below 0.5 is asked."),
        ("now.mean_loss > 2 * now.start", {"lr": 1}, "Not yet: mean loss 0, and above 128 is asked."),
        ("now.mean_loss > 1000", {"lr": 1}, "Not yet: mean loss 0, and above 1000 is asked."),
        ("now.start_c >= 12", {}, "Not yet: c at the start 10, and at least 12 is asked."),
        ("now.lr <= 0.1", {"lr": 0.1001}, "Not yet: lr 0.1001, and at most 0.1 is asked."),
        ("now.optimizer == 'adam'", {}, "Not yet: optimizer sgd, and adam is asked."),
        ("now.optimizer != 'sgd'", {}, "Not yet: optimizer sgd, and another one is asked."),
        ("now.status == 'converged'", {"lr": 0.01}, "Not yet: it did not converge in 50 epochs."),
        ("now.status == 'converged'", {"lr": 1, "stop_on": "never"}, "Not yet: it did all its 50 epochs."),
        ("now.status == 'diverged'", {"lr": 0.01}, "Not yet: it did not diverge in 50 epochs."),
        ("now.status == 'diverged'", {"lr": 1}, "Not yet: it converged after 1 epoch."),
        ("now.status != 'finished'", {"lr": 0.01}, "Not yet: it did all its 50 epochs."),
        ("now.status == 'converged' and now.epochs < 5", {"lr": 2.5}, "Not yet: it diverged."),
        (
            "now.status == 'converged' and now.lr < 1 and now.epochs < 5",
            {"lr": 1.5},
            f"Not yet: lr 1.5, and below 1 is asked; {epochs(1.5)} epochs, and fewer than 5 are asked.",
        ),
        ("abs(now.c - 3) < 0.1", {"lr": 1}, "Not yet: abs(c - 3) 1, and below 0.1 is asked."),
        (
            "0.1 > now.mean_loss - now.least",
            {"lr": 1e-9},
            "Not yet: mean loss - mean loss of the best parabola 64, and below 0.1 is asked.",
        ),
        ("not now.lr > 0.1", {"lr": 1}, "Not yet."),
        ("now.truth_loss < 1 and now.lr > 1", {"lr": 0.5}, "Not yet: lr 0.5, and above 1 is asked."),
    ],
)
def test_a_failed_try_is_told_what_it_came_to_and_what_is_asked(until, changes, told):
    assert said(until, only="", **changes) == told


def test_numbers_that_look_the_same_are_told_apart():
    left = 64 * 0.8**20  # of the mean loss, after ten epochs
    told = said(f"now.mean_loss < {left * (1 - 1e-5):.9f}", only="", lr=0.2, epochs=10)
    assert told == f"Not yet: mean loss {left:.5g}, and below {left * (1 - 1e-5):.5g} is asked."
    assert f"{left:.5g}" != f"{left * (1 - 1e-5):.5g}"


@pytest.mark.parametrize(("rate", "told"), [(2.5, "It leaps."), (1.5, "It crosses."), (0.5, "")])
def test_the_first_row_that_is_true_is_said(rate, told):
    rows = (
        "[ ] no value `now.truth_loss > 0`\n  Never.",
        "[ ] far `now.lr > drop.limit`\n  It leaps.",
        "[ ] over `now.lr > 1`\n  It crosses.",
        "[x] near\n  Near.",
    )
    assert said("now.epochs < 2", *rows, lr=rate).partition(". ")[2].removeprefix("It diverged. ") == told


def test_success_is_told_why():
    assert success_feedback(STEP, FACTS) == "Done. The update takes nearly all of the error."
    step, facts = asking("now.epochs < 5")
    assert success_feedback(step, facts) == "Done."


@table(
    ("old", "new", "told"),
    [
        (GOAL, "now.epochs < 51", "the task is done on arrival: now.epochs < 51 is true at once"),
        (GOAL, "now.epochs == 50", "the task is done by its run as it is: now.epochs == 50 is true at its end"),
        (f'only=lr until="{GOAL}"', 'until="now.epochs == 50"', "the task is not done by its solution lr:0.9"),
        (
            'solution="lr:0.9"',
            'solution="lr:0.3"',
            f"the task is not done by its solution lr:0.3: {GOAL} is false ({epochs(0.3)} epochs, and fewer than 5 are",
        ),
        ("  The update takes nearly all of the error.\n", "", "the row 'near one' says nothing"),
        ("  Beyond [?](=drop.limit) the error grows.\n", "", "the row 'beyond the limit' says nothing"),
        ("takes nearly all", "takes nearly all " * 30, "what is said to this row takes"),
        ("now.lr > drop.limit", "now.lr > drop[70].lr", ""),
    ],
)
def test_a_task_that_is_none_is_refused(old, new, told):
    text = OWN.replace(old, new, 1)
    assert text != OWN
    if not told:
        with pytest.raises(ValueError, match="too large"):
            lesson(text)
        return
    (fault, *_) = check(lesson(text))
    assert told in fault.text


def test_a_task_that_is_one_is_not():
    assert check(LESSON) == []


def test_the_start_of_a_run_is_a_fact():
    assert [FACTS.number(f"drop.start_{name}") for name in "abc"] == [0, 0, 10]
    scaled = HEAD.replace('data = "lesson:drop"', "scale_features = true").replace("[0, 0, 10]", "[1, -2, 3]")
    facts = Facts(lesson("## A {#a .say run=drop}\nA.", head=scaled))
    assert [facts.number(f"drop.start_{name}") for name in "abc"] == pytest.approx([1, -2, 3])
    now = RunSession(DROP.replace(init=(4.0, 5.0, 6.0)), speed=None).snapshot()
    assert FACTS.value("now.start_b > 4 and now.start_b < 6", now) is True


def test_a_task_may_begin_with_a_run_that_overflows():
    wild = lesson(OWN.replace(GOAL, "now.mean_loss < 1"), head=HEAD.replace("lr = 0.1", "lr = 1e6"))
    assert check(wild) == []


@table(("value", "text"), [(0.012345, "0.0123"), (3064.9, "3060"), (197698.0, "198000"), (4.5e15, "4.5e+15")])
def test_what_a_run_came_to_has_three_digits(value, text):
    assert format_rounded(value) == text
