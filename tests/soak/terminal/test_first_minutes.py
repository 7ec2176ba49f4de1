"""README's first five minutes, typed as they stand there: each row is done, and the screen shows what it promises."""

import re
import time
from pathlib import Path

import pytest

README = Path(__file__).parents[3] / "README.md"
TYPED = {"space": " ", "Enter": "\r"}
ENDS = {"0.05": 413, "0.1": 205, "0.4": 49, "0.5": 153}  # epochs until it converges
TOO_LARGE = "1"
NUMBER = r"-?\d+(?:\.\d+)?(?:e[+-]\d+)?"


def rows():
    """The keys of each row of the table, and those that its promise names."""
    text = README.read_text(encoding="utf-8")
    section = text.partition("\n## Your first five minutes\n")[2].partition("\n## ")[0]
    _, *table = (line.split("|")[1:-1] for line in section.splitlines() if line.startswith("| "))
    return [tuple(tuple(re.findall(r"`(.+?)`", cell)) for cell in row) for row in table]


def press(app, *keys):
    for key in keys:
        app.send(TYPED.get(key, key))
        app.read(0.3)  # as a person does


def heading(app):
    """The word of the badge, and how many epochs are done."""
    found = re.match(r" +([A-Z]+) +(\d+) of \d+ epochs", app.text)
    return (found[1], int(found[2])) if found else ("", 0)


def until(app, condition):
    app.wait(condition)
    return app.text


def at_rest(app):
    app.quiet(0.5)
    return app.text


def chart(text):
    """The rows between the bar of views and the bar of time."""
    lines = text.splitlines()
    (top,) = (at for at, line in enumerate(lines) if "1 Fit" in line)
    (bottom,) = (at for at, line in enumerate(lines) if "●───" in line or line.startswith((" ●", " ━")))
    return lines[top + 1 : bottom]


def mean_loss(text):
    return float(re.search(rf"mean loss ({NUMBER})", text)[1])


# What each row promises


def plays_and_pauses(app):
    before = app.text
    press(app, "space")
    until(app, lambda: heading(app)[0] == "RUNNING" and heading(app)[1] >= 15)
    assert chart(app.text) != chart(before)
    assert mean_loss(app.text) < mean_loss(before) / 4  # the curve is nearer to the true one
    press(app, "space")
    paused = at_rest(app)
    assert heading(app)[0] == "PAUSED"
    time.sleep(0.5)
    assert at_rest(app) == paused


def goes_on_and_back(app):
    before, (_, epochs) = app.text, heading(app)
    press(app, "n")
    after = at_rest(app)
    assert heading(app) == ("PAUSED", epochs + 1)
    assert mean_loss(after) < mean_loss(before)
    for _ in range(3):
        press(app, "b")
        assert at_rest(app).splitlines()[1:3] == before.splitlines()[1:3]  # the fitted parabola, the mean loss
        assert chart(app.text) == chart(before)
        press(app, "n")
        assert at_rest(app).splitlines()[1:3] == after.splitlines()[1:3]
        assert chart(app.text) == chart(after)


def shows_the_arithmetic(app):
    curve = chart(app.text)
    press(app, "5")
    text = at_rest(app)
    numbers = re.compile(rf" *(?:before|− lr·g|after)? +({NUMBER}) +({NUMBER}) +({NUMBER})[ ▐]*")
    found = map(numbers.fullmatch, text.splitlines())
    before, gradient, step, after = ([*map(float, row.groups())] for row in found if row)
    for at in range(3):
        assert step[at] == pytest.approx(-0.2 * gradient[at], abs=1e-8)
        assert after[at] == pytest.approx(before[at] + step[at], abs=1e-8)
    press(app, "1")
    assert chart(at_rest(app)) == curve


def shows_the_path_that_goes_on(app):
    press(app, "4")
    text = at_rest(app)
    assert all(word in text for word in ("mean loss", "path", "optimum"))
    press(app, "space")
    until(app, lambda: heading(app)[0] == "RUNNING" and chart(app.text) != chart(text))


def compares_learning_rates(app):
    press(app, ">")
    until(app, lambda: "lr 0.4 " in app.text.splitlines()[0] and heading(app)[1] >= 5)
    press(app, "2")
    text = until(app, lambda: "#1 lr 0.2" in app.text)
    legend = chart(text)[0]
    assert "lr 0.4" in legend
    assert legend.count("⠤⠤⠤") >= 2  # a curve of each


def diverges_and_is_mended(app):
    press(app, "l", "2", "Enter")
    until(app, lambda: heading(app)[0] in ("DIVERGING", "DIVERGED"))
    until(app, lambda: "above the limit 0.51" in app.text)
    press(app, "i")
    text = until(app, lambda: "Tested: with" in app.text)
    (rate,) = re.findall(r"Enter restarts with lr ([\d.]+)", text)
    press(app, "Enter")
    until(app, lambda: f"lr {rate} " in app.text and heading(app)[0] == "CONVERGED")


def runs_the_article(app):
    press(app, "p", "Enter")
    text = until(app, lambda: "article" in app.text.splitlines()[2] and "2x² - 4x + 3" in app.text)
    assert "batch 1" in text
    assert "halve" in text
    until(app, lambda: heading(app) == ("CONVERGED", 25))


def opens_a_lesson(app):
    press(app, "L")
    listed = until(app, lambda: "Lessons" in app.text)
    assert re.search(r"^ *│ *12 ", listed, re.MULTILINE)
    press(app, "Enter")
    until(app, lambda: "One update by hand" in app.text and "step 1 of" in app.text)


# By the keys that are pressed and those that the promise names.
PROMISES = {
    (("space",), ("space",)): plays_and_pauses,
    (("n", "b"), ()): goes_on_and_back,
    (("5",), ("1",)): shows_the_arithmetic,
    (("4", "space"), ()): shows_the_path_that_goes_on,
    ((">",), ("<", "2", "l")): compares_learning_rates,
    (("l", "2", "Enter"), ("i", "Enter")): diverges_and_is_mended,
    (("p", "Enter"), ()): runs_the_article,
    (("L", "Enter"), ()): opens_a_lesson,
}


def test_every_row_shows_its_promise(terminal, tmp_path):
    asked = rows()
    assert asked == list(PROMISES)  # else a promise has no test, or a test no promise
    app = terminal(env={"XDG_DATA_HOME": str(tmp_path)}, answers=True)  # with no lesson begun
    app.until("READY")
    at_rest(app)
    for row in asked:
        PROMISES[row](app)
    app.send("q")
    assert app.end() == 0


def test_space_key_converges_within_15_seconds(terminal):
    app = terminal(answers=True)
    app.until("READY")
    assert "playground" in app.text
    app.send(" ")
    text = app.until("CONVERGED", seconds=15)
    fitted, true = (re.search(rf"{name} y = ({NUMBER})x² . ({NUMBER})?x", text) for name in ("fitted", "true"))
    assert float(fitted[1]) == pytest.approx(float(true[1]), abs=0.02)


def test_five_learning_rates_have_five_outcomes(terminal):
    app = terminal(answers=True)
    app.until("READY")
    at_rest(app)
    press(app, " ", *"+++")  # played, as each run after it is then, and as fast as it goes
    until(app, lambda: heading(app) == ("CONVERGED", 101))
    found = {}
    for rate in (*ENDS, TOO_LARGE):
        press(app, "l", rate, "Enter")
        until(app, lambda rate=rate: f"lr {rate} " in app.text.splitlines()[0])
        until(app, lambda: heading(app)[0] in ("CONVERGED", "FINISHED", "DIVERGED"))
        found[rate] = heading(app)
    ways = {rate: ("CONVERGED", epochs) for rate, epochs in ENDS.items()}
    assert {rate: end for rate, end in found.items() if rate != TOO_LARGE} == ways
    assert found[TOO_LARGE][0] == "DIVERGED"
    assert "limit 0.51" in app.text
    assert len(set(found.values())) == 5


def test_divergence_is_explained_within_ten_epochs(terminal):
    """By the time of the run: ten epochs."""
    app = terminal(answers=True)
    app.until("READY")
    press(app, "l", TOO_LARGE, "Enter")
    app.until("above the limit 0.51")
    press(app, "space")
    app.until("DIVERGING")
    assert heading(app)[1] <= 10
    assert "above the limit 0.51" in app.text
