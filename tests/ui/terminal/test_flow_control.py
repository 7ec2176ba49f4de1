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
def test_answering_link_has_one_frame_in_flight(rate, delay):
    link = Link(rate, delay)
    link.play(3)
    link.frames.clear()
    link.play(10)
    for (_, arrived), (sent, _) in zip(link.frames, link.frames[1:], strict=False):
        assert sent >= arrived
    each = 1000 / rate + delay
    assert len(link.frames) == pytest.approx(10 / each, rel=0.05, abs=1) or each < 0.01


def test_silent_terminal_is_capped():
    link = Link(16_000, answers=False)
    link.play(1 + FIRST_ANSWER)
    link.frames.clear()
    link.play(20)
    assert len(link.frames) * 1000 / 20 == pytest.approx(CAP, rel=0.05)
    assert link.backlog < 0.1


def test_first_answer_is_awaited_before_cap():
    """A slow link may answer late, and a key does not wait for it."""
    link = Link(16_000, delay=FIRST_ANSWER * 0.9)
    link.play(FIRST_ANSWER * 0.8)
    assert len(link.frames) == 1
    assert link.flow.wait(True) == 0  # a key does not wait for it
    link.play(FIRST_ANSWER)
    assert len(link.frames) == 2


def test_question_before_first_frame_blocks_nothing():
    link = Link(16_000, answers=False)
    link.flow.enter(asks=True)
    assert link.flow.wait(False) == 0
    link.send(1000)
    link.now += 0.1
    link.flow.answered()  # which tells that it answers: now a frame waits for the one before
    assert link.flow.wait(False) == pytest.approx(LOST - 0.1)
    link.flow.answered()
    assert link.flow.wait(False) == 0


def test_key_skips_cap_without_pile_up():
    link = Link(16_000, answers=False)
    link.play(5)
    assert link.flow.wait(False) > 0
    assert link.flow.wait(True) == 0
    link.play(3, urgent=True)
    assert link.backlog <= (AHEAD + 1000) / 16_000


def test_lost_answer_delays_frames_only_briefly():
    link = Link(16_000)
    link.play(1)
    link.answers = False
    link.play(0.5)
    before = len(link.frames)
    link.play(LOST - 1)
    assert len(link.frames) == before
    link.play(1)
    assert len(link.frames) == before + 1


def test_begin_forgets_frames_in_flight():
    link = Link(1_000)
    link.play(3)
    assert link.flow.wait(False) > 0
    link.flow.enter()
    assert link.flow.wait(False) == 0


@pytest.mark.parametrize("rate", [16_000, 10_000_000])
@pytest.mark.parametrize("delay", [0.001, 0.15, 0.3])
def test_key_frame_overtakes_one_unanswered_frame(rate, delay):
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


def test_fast_keys_have_two_frames_in_flight():
    link = Link(16_000, 0.15)
    link.play(3)
    link.play(10, size=4000, urgent=True)
    for (_, arrived), (sent, _) in zip(link.frames, link.frames[2:], strict=False):
        assert sent >= arrived
