"""When a frame may be sent: simulated links with a queue, at a rate, with a delay, that answer or do not."""

import pytest

from quadfit_tui.ui.terminal.flow_control import AHEAD, CAP, FIRST_ANSWER, LOST, FlowControl


class Link:
    """Frames go through a queue at `rate` bytes a second, and are answered after a `delay`, where it answers."""

    def __init__(self, rate, delay=0.0, answers=True):
        self.now = 100.0
        self.rate, self.delay, self.answers = rate, delay, answers
        self.through = 0.0  # when the queue is empty
        self.due = []
        self.flow = FlowControl(lambda: self.now)
        self.frames = []

    def send(self, size):
        self.flow.ask()
        self.flow.sent(size)
        self.through = max(self.now, self.through) + size / self.rate
        self.frames.append((self.now, self.through))
        if self.answers:
            self.due.append(self.through + self.delay)

    def play(self, seconds, size=1000, urgent=False):
        """Sends a frame whenever that is allowed."""
        end = self.now + seconds
        while self.now < end:
            while self.due and self.due[0] <= self.now:
                self.due.pop(0)
                self.flow.answered()
            if not self.flow.wait(urgent):
                self.send(size)
            self.now += 0.001

    @property
    def backlog(self):
        """Seconds until what was sent is through."""
        return max(0.0, self.through - self.now)


@pytest.mark.parametrize("rate", [2_000, 16_000, 64_000, 10_000_000])
@pytest.mark.parametrize("delay", [0.001, 0.15])
def test_a_link_that_answers_is_used_and_never_has_more_than_one_frame_under_way(rate, delay):
    link = Link(rate, delay)
    link.play(3)
    link.frames.clear()
    link.play(10)
    for (_, arrived), (sent, _) in zip(link.frames, link.frames[1:], strict=False):
        assert sent >= arrived
    each = 1000 / rate + delay
    assert len(link.frames) == pytest.approx(10 / each, rel=0.05, abs=1) or each < 0.01


def test_a_terminal_that_does_not_answer_gets_the_cap_and_no_more():
    link = Link(16_000, answers=False)
    link.play(1 + FIRST_ANSWER)
    link.frames.clear()
    link.play(20)
    assert len(link.frames) * 1000 / 20 == pytest.approx(CAP, rel=0.05)
    assert link.backlog < 0.1


def test_the_first_answer_is_awaited_before_the_cap_is_used():
    link = Link(16_000, delay=FIRST_ANSWER * 0.9)
    link.play(FIRST_ANSWER * 0.8)
    assert len(link.frames) == 1
    assert link.flow.wait(True) == 0  # a key does not wait for it
    link.play(FIRST_ANSWER)
    assert len(link.frames) == 2


def test_no_frame_waits_for_the_answer_to_what_is_asked_before_the_first_one():
    link = Link(16_000, answers=False)
    link.flow.begin(asks=True)
    assert link.flow.wait(False) == 0
    link.send(1000)
    link.now += 0.1
    link.flow.answered()  # which tells that it answers: now a frame waits for the one before
    assert link.flow.wait(False) == pytest.approx(LOST - 0.1)
    link.flow.answered()
    assert link.flow.wait(False) == 0


def test_a_key_does_not_wait_for_the_cap_but_keys_do_not_pile_up():
    link = Link(16_000, answers=False)
    link.play(5)
    assert link.flow.wait(False) > 0
    assert link.flow.wait(True) == 0
    link.play(3, urgent=True)
    assert link.backlog <= (AHEAD + 1000) / 16_000


def test_a_lost_answer_holds_frames_up_for_a_while_only():
    link = Link(16_000)
    link.play(1)
    link.answers = False
    link.play(0.5)
    before = len(link.frames)
    link.play(LOST - 1)
    assert len(link.frames) == before
    link.play(1)
    assert len(link.frames) == before + 1


def test_what_was_under_way_is_forgotten_with_the_terminal():
    link = Link(1_000)
    link.play(3)
    assert link.flow.wait(False) > 0
    link.flow.begin()
    assert link.flow.wait(False) == 0


@pytest.mark.parametrize("rate", [16_000, 10_000_000])
@pytest.mark.parametrize("delay", [0.001, 0.15, 0.3])
def test_the_frame_of_a_key_overtakes_one_that_is_unanswered_and_no_more(rate, delay):
    link = Link(rate, delay)
    link.play(3)
    while not link.flow.wait(False):  # as it is when nothing has been sent for a while
        link.send(1000)
    assert link.flow.wait(True) == 0
    link.send(1000)
    assert link.flow.wait(True) > 0
    link.play(max(0.0, link.due[0] - link.now) + 0.002, urgent=True)  # one answer makes room for one more key
    assert len(link.due) == 2
    assert link.backlog <= 2 * 1000 / rate


def test_keys_in_quick_succession_have_two_frames_under_way_at_most():
    link = Link(16_000, 0.15)
    link.play(3)
    link.play(10, size=4000, urgent=True)
    for (_, arrived), (sent, _) in zip(link.frames, link.frames[2:], strict=False):
        assert sent >= arrived
