"""What was asked of the terminal is answered while the program is there to read it, and never at the shell's prompt."""

import os
import random
import signal
from collections import deque
from math import inf

import pytest
from harness import ALL_ANSWERS, GONE, QUESTION
from trials import variants

from quadfit_tui.ui.terminal.flow_control import FIRST_ANSWER, LEAST_TIMEOUT, LOST, MOST_TIMEOUT, FlowControl

ROUND_TRIP = 0.3  # seconds, as between continents


class Clock:
    """Gives the seconds that it is put to."""

    now = 50.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def questions(clock):
    return FlowControl(clock)


def _answer(questions, clock, took):
    questions.ask()
    clock.now += took
    questions.answered()


@pytest.mark.parametrize(
    ("took", "timeout"),
    [(0.001, LEAST_TIMEOUT), (0.1, LEAST_TIMEOUT), (0.3, 0.6), (0.45, 0.9), (0.6, MOST_TIMEOUT), (5, MOST_TIMEOUT)],
)
def test_the_last_answer_is_waited_for_as_long_as_answers_took_before_and_a_second_at_most(
    questions, clock, took, timeout
):
    _answer(questions, clock, took)
    assert questions.timeout(inf) == pytest.approx(timeout)
    assert questions.timeout(0.1) == 0.1
    assert questions.timeout(-1) == 0
    _answer(questions, clock, took / 10)
    assert questions.timeout(inf) == pytest.approx(min(max(LEAST_TIMEOUT, 2 * took * 0.9), MOST_TIMEOUT))


def test_no_answer_is_waited_for_from_a_terminal_that_never_gave_one(questions, clock):
    assert questions.timeout(inf) == 0
    questions.begin()  # which may ask something else
    clock.now += FIRST_ANSWER - 0.1
    assert questions.timeout(inf) == MOST_TIMEOUT  # it may be about to give the first one
    questions.ask()
    assert questions.timeout(inf) == MOST_TIMEOUT
    assert questions.timeout(0.5) == 0.25  # a signal ends it
    clock.now += FIRST_ANSWER + 0.1
    assert questions.timeout(inf) == 0


def test_a_report_that_nobody_asked_for_is_no_answer(questions):
    questions.answered()
    assert questions.timeout(inf) == 0


def test_questions_that_nobody_answers_do_not_pile_up(questions, clock):
    for _ in range(10_000):
        questions.ask()
        clock.now += 0.1
    assert len(questions._asked) <= LOST / 0.1 + 1
    clock.now += LOST
    assert questions.unanswered == 0


def test_nothing_is_asked_whose_answer_would_come_too_late(questions, clock):
    assert questions.ask_if_in(LEAST_TIMEOUT) == ""
    _answer(questions, clock, 0.3)
    assert questions.ask_if_in(0.25) == ""
    assert questions.unanswered == 0
    assert questions.ask_if_in(0.35) == QUESTION.decode()
    assert questions.unanswered == 1


def test_answers_belong_to_the_questions_in_their_order(questions, clock):
    for _ in range(3):
        questions.ask()
        clock.now += 0.1
    assert questions.unanswered == 3
    clock.now += 0.1
    questions.answered()
    assert questions.timeout(inf) == pytest.approx(0.8)  # the first one took 0.4
    assert questions.unanswered == 2
    assert questions.wait(urgent=False) == pytest.approx(LOST - 0.3)


def _far_away(terminal, *args):
    return terminal(*args, answers=ALL_ANSWERS, delay=ROUND_TRIP)


ENDS = {"ctrl+q": "\x11", "TERM": signal.SIGTERM, "q": "q"}
ENDS = {f"{name}_{seed}": (end, seed) for seed in range(3) for name, end in ENDS.items()}


@pytest.mark.parametrize(("end", "seed"), variants(ENDS, 1))
def test_nothing_is_left_at_the_prompt_whenever_it_ends_on_a_slow_line(terminal, end, seed):
    app = _far_away(terminal, "--play")
    line = app.line()
    app.until("RUNNING")
    app.read(random.Random(seed).uniform(0, 3 * ROUND_TRIP))
    app.send(end) if isinstance(end, str) else app.signal(end)
    assert app.end() == (0 if isinstance(end, str) else 128 + end)
    assert app.left() == []
    assert app.unread(line) == b""
    os.close(line)


BEFORE = {"no_frame": (0, ROUND_TRIP), "longer": (1, 0.8), "a_frame": (1, ROUND_TRIP)}


@pytest.mark.parametrize(("frames", "round_trip"), variants(BEFORE, 0))
def test_nothing_is_left_at_the_prompt_by_what_is_quit_before_the_first_answer(terminal, frames, round_trip):
    app = terminal(answers=ALL_ANSWERS, delay=round_trip)
    line = app.line()
    app.wait(lambda: app.output.count(QUESTION) >= frames)
    app.send("q")
    assert app.end() == 0
    assert app.unread(line) == b""
    os.close(line)


@pytest.mark.system
def test_nothing_is_left_to_the_shell_when_it_stops_and_then_ends_by_a_signal(terminal):
    app = _far_away(terminal, "--play")
    line = app.line()
    app.until("RUNNING")
    app.signal(signal.SIGTSTP)
    app.wait(lambda: app.state == "T")
    assert app.unread(line) == b""
    app.signal(signal.SIGCONT)
    app.until("RUNNING")
    app.until("l Rate")
    app.signal(signal.SIGTERM)
    assert app.end() == 143
    assert app.unread(line) == b""
    os.close(line)


# Reports of the mouse and of the window in use, and what no terminal would send.
ON_THE_WAY_OUT = {
    "reports": ("\x1b[<35;10;5M" * 20 + "\x1b[I" + "\x1b[<35;10;5", "M"),
    "unreadable": ("\x1b[1114112u\x1b[97;1;1114112u\x1b[97;1:3u",),
}


@pytest.mark.system
def test_what_comes_until_the_terminal_hears_of_the_end_is_read_away(terminal):
    app = _far_away(terminal)
    line = app.line()
    app.until("l Rate")
    app.quiet()
    app.wait(lambda: not app.due)
    app.quiet()  # all is answered, and the program knows
    app.send("q")
    app.wait(lambda: QUESTION in app.output.partition(GONE)[2], "nothing is asked at the end", 5)
    answers, app.due = app.due, deque()
    app.read(0.1)
    for pieces in ON_THE_WAY_OUT.values():
        for piece in pieces:
            app.send(piece)
    app.due = answers
    assert app.end() == 0
    assert app.left() == []
    assert app.unread(line) == b""
    os.close(line)
