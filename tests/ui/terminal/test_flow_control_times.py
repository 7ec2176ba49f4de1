"""How long the last answer of a terminal is waited for, by how long answers took before."""

from math import inf

import pytest
from harness import QUESTION

from quadfit_tui.ui.terminal.flow_control import FIRST_ANSWER, LEAST_TIMEOUT, LOST, MOST_TIMEOUT, FlowControl


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
