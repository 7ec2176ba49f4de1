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
def test_timeout_follows_past_answer_times(questions, clock, took, timeout):
    _answer(questions, clock, took)
    assert questions.timeout(inf) == pytest.approx(timeout)
    assert questions.timeout(0.1) == 0.1
    assert questions.timeout(-1) == 0
    _answer(questions, clock, took / 10)
    assert questions.timeout(inf) == pytest.approx(min(max(LEAST_TIMEOUT, 2 * took * 0.9), MOST_TIMEOUT))


def test_no_timeout_for_silent_terminal(questions, clock):
    assert questions.timeout(inf) == 0
    questions.enter()  # which may ask something else
    clock.now += FIRST_ANSWER - 0.1
    assert questions.timeout(inf) == MOST_TIMEOUT  # it may be about to give the first one
    questions.ask()
    assert questions.timeout(inf) == MOST_TIMEOUT
    assert questions.timeout(0.5) == 0.25  # a signal ends it
    clock.now += FIRST_ANSWER + 0.1
    assert questions.timeout(inf) == 0


def test_unsolicited_report_is_no_answer(questions):
    questions.answered()
    assert questions.timeout(inf) == 0


def test_unanswered_questions_do_not_pile_up(questions, clock):
    for _ in range(10_000):
        questions.ask()
        clock.now += 0.1
    assert len(questions._asked) <= LOST / 0.1 + 1
    clock.now += LOST
    assert questions.unanswered == 0


def test_no_question_without_time_to_answer(questions, clock):
    assert questions.ask_if_in(LEAST_TIMEOUT) == ""
    _answer(questions, clock, 0.3)
    assert questions.ask_if_in(0.25) == ""
    assert questions.unanswered == 0
    assert questions.ask_if_in(0.35) == QUESTION.decode()
    assert questions.unanswered == 1


def test_answers_match_questions_in_order(questions, clock):
    for _ in range(3):
        questions.ask()
        clock.now += 0.1
    assert questions.unanswered == 3
    clock.now += 0.1
    questions.answered()
    assert questions.timeout(inf) == pytest.approx(0.8)  # the first one took 0.4
    assert questions.unanswered == 2
    assert questions.wait(urgent=False) == pytest.approx(LOST - 0.3)
