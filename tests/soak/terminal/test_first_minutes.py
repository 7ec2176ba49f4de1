"""The first fifteen minutes: README's rows, typed as they stand there, then a rate that diverges and what helps, the
enlarged chart, the map, own data and a lesson. The screen shows what each promises."""

import re
import time
from pathlib import Path

import pytest
from trials import FOR_RELEASE, SEED

README = Path(__file__).parents[3] / "README.md"
SIZES = ((24, 80), (30, 100), (45, 140))
BALL = "time (s),height (cm),voltage (V)\n"  # a ball thrown up, as a sensor that is read every 50 ms sees it
BALL += "".join(f"{t / 20},{120.9 + 479.5 * t / 20 - 494 * (t / 20) ** 2 + (-1) ** t:.1f},5\n" for t in range(20))
TYPED = {"space": " ", "Enter": "\r"}
DOWN, UP, LEFT = "\x1b[B", "\x1b[A", "\x1b[D"
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


def heading_row(app):
    return app.text.splitlines()[0]


def until(app, condition):
    app.wait(condition)
    return app.text


def at_rest(app):
    app.quiet(0.5)
    return app.text


def chart(text):
    """The rows between the bar of views and the bar of time, right of the form."""
    lines = text.splitlines()
    top, column = next((at, line.index("1 Fit")) for at, line in enumerate(lines) if "1 Fit" in line)
    bottom = next(at for at, line in enumerate(lines) if at > top and re.search("━●|●──|━━", line))
    # Of views beside each other, the first one.
    return [line[column - 1 :].partition("││")[0] for line in lines[top + 1 : bottom]]


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
    pieces = (piece for line in text.splitlines() for piece in line.split("│"))  # beside other views
    found = map(numbers.fullmatch, pieces)
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
    until(app, lambda: re.search("(lr|learning rate) 0.4 ", heading_row(app)) and heading(app)[1] >= 5)
    press(app, "2")
    text = until(app, lambda: "#1 lr 0.2" in app.text)
    legend = next(row for row in text.splitlines() if "⠤⠤⠤ #1 lr 0.2" in row).rpartition("││")[2]
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
    until(app, lambda: f" {rate} " in heading_row(app) and heading(app)[0] == "CONVERGED")


def runs_the_article(app):
    press(app, "p", "Enter")
    text = until(app, lambda: "article" in "\n".join(app.text.splitlines()[:5]) and "2x² - 4x + 3" in app.text)
    assert re.search("batch +1", text)
    assert "halve" in text
    until(app, lambda: heading(app) == ("CONVERGED", 25))


def opens_a_lesson(app):
    press(app, "L")
    until(app, lambda: "The learning rate: too" in app.text and re.search(r"│ *10 ", app.text))
    press(app, "Enter")
    until(app, lambda: "The learning rate: too" in app.text and "step 1 of" in app.text)
    press(app, "L")
    until(app, lambda: "step 1 of" not in app.text)


# By the keys that are pressed and those that the promise names.
PROMISES = {
    (("space",), ("space",)): plays_and_pauses,
    (("n", "b"), ()): goes_on_and_back,
    (("5",), ("1",)): shows_the_arithmetic,
    (("4", "space"), ()): shows_the_path_that_goes_on,
    ((">",), ("<", "2", "l")): compares_learning_rates,
    (("l", "2", "Enter"), ("i", "Enter")): diverges_and_is_mended,
    (("L", "Enter"), ("L",)): opens_a_lesson,
    (("p", "Enter"), ()): runs_the_article,
}


# What comes after them


def doubles_the_rate_until_it_diverges(app):
    press(app, "p")
    until(app, lambda: "playground" in app.text and "noisy" in app.text)
    press(app, DOWN, "Enter")
    until(app, lambda: "lr 0.2 " in app.text or "learning rate 0.2 " in app.text)
    for rate in ("0.4", "0.8", "1.6", "3.2"):
        press(app, ">")
        until(app, lambda rate=rate: re.search(rf"(lr|learning rate) {rate} ", heading_row(app)))
        app.read(1)  # and is watched for a while
    until(app, lambda: heading(app)[0] in ("DIVERGING", "DIVERGED"))
    until(app, lambda: "above the limit 0.51" in app.text)


def takes_the_rate_that_works(app):
    press(app, "i")
    text = until(app, lambda: "Tested: with" in app.text)
    (rate,) = re.findall(r"Enter restarts with lr ([\d.]+)", text)
    press(app, "Enter")
    until(app, lambda: rate in heading_row(app) and heading(app)[0] == "CONVERGED")


def enlarges_the_chart(app):
    press(app, "1")
    before = at_rest(app)
    press(app, "f")
    enlarged = until(app, lambda: "f Small" in app.text)
    assert "6 Map" not in enlarged  # no bar of views, no log, no form
    assert "grad a" not in enlarged
    rows_of_axis = [len(re.findall("[┤│]", text)) for text in (before, enlarged)]
    assert "fitted" in enlarged
    assert rows_of_axis[1] >= 15 or app.display.lines > 24
    press(app, "f")
    assert chart(until(app, lambda: "f Large" in app.text)) == chart(before)


def starts_a_run_from_the_map(app):
    press(app, "6")
    until(app, lambda: "momentum" in app.text or "batch" in app.text)
    app.quiet(2)
    press(app, UP, LEFT)
    text = until(app, lambda: "Enter plays lr " in app.text)
    rate = re.search(r"Enter plays lr ([\d.]+)", text)[1]
    press(app, "Enter")
    until(app, lambda: rate in heading_row(app) and heading(app)[0] in ("RUNNING", "CONVERGED", "FINISHED"))


def fits_own_data_of_three_columns(app):
    press(app, "1", "d")
    until(app, lambda: "ball.csv" in app.text)
    press(app, "Enter")
    until(app, lambda: "voltage" in app.text)
    press(app, "Enter")  # x: the first one
    app.quiet(0.5)
    press(app, "Enter")  # y: the next one
    text = until(app, lambda: "height = " in app.text)
    assert "x = " not in text
    until(app, lambda: "time (s)" in app.text and "height (cm)" in app.text)
    assert heading(app)[0] in ("RUNNING", "AT REST", "DIVERGING", "DIVERGED", "FINISHED")


AFTERWARDS = (
    doubles_the_rate_until_it_diverges,
    takes_the_rate_that_works,
    enlarges_the_chart,
    starts_a_run_from_the_map,
    fits_own_data_of_three_columns,
    opens_a_lesson,
)


@pytest.mark.parametrize("number", range(len(SIZES) if FOR_RELEASE else 1))
def test_first_fifteen_minutes_show_what_they_promise(terminal, tmp_path, number):
    asked = rows()
    assert asked == list(PROMISES)  # else a promise has no test, or a test no promise
    (tmp_path / "ball.csv").write_text(BALL)
    env = {"XDG_DATA_HOME": str(tmp_path / "data")}  # with no lesson begun
    app = terminal(env=env, cwd=str(tmp_path), answers=True, size=SIZES[(SEED + number) % len(SIZES)])
    app.until("READY")
    at_rest(app)
    for row in asked:
        PROMISES[row](app)
    for doing in AFTERWARDS:
        doing(app)
    app.send("\x11")
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
