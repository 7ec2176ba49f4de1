"""Tasks by lines: each try is answered, with the runs so far in a sentence."""

from drops import OWN, TRIES, epochs, lesson
from lessons_taken import Student, check_lines


def taken(*steps):
    made = lesson(*steps)
    return Student(made, known=frozenset({made.digest}))


def test_tries_by_lines():
    student = taken(OWN)
    assert student.first[-1] == "Here you type rate and a value, then go; help lists all commands."
    assert student.types("rate 0.5") == ["A new run: lr 0.5 instead of 0.1."]
    heard = student.types("go")
    check_lines(heard)
    assert heard[-2:] == [
        f"Not yet: {epochs(0.5)} epochs, and fewer than 5 are asked.",
        f"So far, epochs: lr 0.5, {epochs(0.5)}.",
    ]
    assert not any("Not yet" in line or "So far" in line for line in student.types("where"))  # it is said once
    heard = student.types("rate 2.5", "go")
    assert heard[-4:] == [
        "Not yet: it diverged.",
        "Beyond 2 the error grows.",
        f"So far, epochs: lr 0.5, {epochs(0.5)}; lr 2.5, grew.",
        "Type hint for a hint.",
    ]
    assert student.types("rate 1.5", "go")[-1] == "Type skip to hear the answer."
    assert student.types("again")[-2] == (
        f"So far, epochs: lr 0.5, {epochs(0.5)}; lr 1.5, {epochs(1.5)}; lr 2.5, grew."
    )
    assert student.types("rate 0.9", "go")[-4:] == [
        "Done.",
        "The update takes nearly all of the error.",
        f"So far, epochs: lr 0.5, {epochs(0.5)}; lr 0.9, {epochs(0.9)}; lr 1.5, {epochs(1.5)}; lr 2.5, grew.",
        "Press Enter to go on.",
    ]
    assert student.types("answers")[0] == "Land: lr 0.5, then lr 2.5, then lr 1.5, then lr 0.9."


def test_what_may_not_change_is_refused_by_lines():
    student = taken(OWN)
    assert student.types("set tol 0.5")[1:] == [
        "Only lr may change here: tol 1 times ten to the minus 5 to 0.5.",
        "Type again to go back to the run of this step.",
    ]
    assert "Done." not in student.types("rate 0.9", "go")
    assert "The run is set up: lr 0.1 instead of 0.9," in student.types("again")


def test_exploring_by_lines():
    student = taken(TRIES)
    assert student.types("go")[-2:] == ["1 of 3 different runs so far.", "So far, mean loss: lr 0.1, 0.0017."]
    assert student.types("restart", "go")[-1] == "This one was tried before: 1 of 3 different runs so far."
    assert student.types("rate 0.5", "go")[-1] == f"So far, epochs: lr 0.1, over 50; lr 0.5, {epochs(0.5)}."
    assert student.types("rate 0.7", "go")[-4:-2] == ["Done.", "Nearer to 1 it takes fewer epochs."]
