"""What the log lists: the newest lines or a page of older ones, always the same at the same point of a run."""

from types import SimpleNamespace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tables import table
from trials import trials

from quadfit_tui.core.training.position import Position
from quadfit_tui.core.training.record import Record
from quadfit_tui.core.training.status import Status
from quadfit_tui.ui.tasks.training_loop import MAX_LINES
from quadfit_tui.ui.widgets.log_model import START_LINE, LogModel

PER_EPOCH = 10
NUMBERS = np.zeros(3)
TASK = SimpleNamespace(trained=SimpleNamespace(mean_loss=lambda _: 0.5), to_x=lambda w: w)


def epoch(number):
    return Record(TASK, number, PER_EPOCH, 0.5, NUMBERS, 1.0, NUMBERS, NUMBERS, ends_epoch=True)


def update(number, of):
    return Record(TASK, of, number, 0.5, NUMBERS, 1.0, NUMBERS, NUMBERS)


class Past:
    """A session, with the timeline of its run in one, that notes what it was asked for."""

    epochs_per_page = 100

    def __init__(self):
        self.asked = []
        self.timeline = self

    def records(self, first, stop):
        self.asked.append((first, stop))
        return [epoch(number) for number in range(first, stop)]


def at(point, newest, status=Status.PAUSED):
    """A snapshot, as far as the log looks at it."""
    point, newest = Position(*point), Position(*newest)
    last = None
    if point.update:
        last = update(point.update, of=point.epoch)
    elif point.epoch:
        last = epoch(point.epoch - 1)
    return SimpleNamespace(position=point, newest=newest, record=last, status=status)


def listed(lines):
    """The lines as text, the visited one marked."""
    shown = [f"{record.epoch}" if record.ends_epoch else f"{record.epoch}:{record.update}" for record in lines.records]
    if lines.visited is not None and lines.visited != START_LINE:
        shown[lines.visited] = f">{shown[lines.visited]}"
    return shown


@table(
    ("point", "expected"),
    [
        ((3, 2), ["0", "1", "2", "3:1", "3:2"]),
        ((3, 1), ["0", "1", "2", ">3:1", "3:2"]),
        ((3, 0), ["0", "1", ">2", "3:1", "3:2"]),
        ((2, 9), ["0", "1", ">2:9", "2", "3:1", "3:2"]),
        ((1, 0), [">0", "1", "2", "3:1", "3:2"]),
        ((0, 4), [">0:4", "0", "1", "2", "3:1", "3:2"]),
    ],
)
def test_visited_line_marked_or_inserted(point, expected):
    model = LogModel(Past())
    model.add([epoch(0), epoch(1), epoch(2), update(1, of=3), update(2, of=3)])
    before = list(model.kept)
    assert listed(model.lines(at(point, (3, 2)))) == expected
    assert list(model.kept) == before


def test_at_the_start_everything_is_the_future():
    model = LogModel(Past())
    model.add([epoch(0), epoch(1)])
    lines = model.lines(at((0, 0), (2, 0)))
    assert (listed(lines), lines.visited) == (["0", "1"], START_LINE)


def test_paused_newest_point_gets_line():
    model = LogModel(Past())
    model.add([epoch(0)])
    assert listed(model.lines(at((1, 5), (1, 5)))) == ["0", "1:5"]
    assert model.lines(at((1, 5), (1, 5), Status.RUNNING)) == (model.kept, None)
    assert len(model.kept) == 1
    assert listed(model.lines(at((1, 4), (1, 5)))) == ["0", ">1:4"]


def full_model():
    """The log of 2,345 epochs, the first 345 of which it has dropped."""
    past = Past()
    model = LogModel(past)
    dropped = [model.add([epoch(number) for number in range(first, first + 67)]) for first in range(0, 2345, 67)]
    assert sum(dropped) == 345
    assert len(model.kept) == MAX_LINES
    return model, past


@table(
    ("point", "page"),
    [
        ((345, 9), (300, 400)),
        ((300, 1), (300, 400)),
        ((300, 0), (200, 300)),
        ((0, 1), (0, 100)),
        ((0, 0), (0, 100)),
    ],
)
def test_older_page_requested_once(point, page):
    model, past = full_model()
    for visited in ((page[0] + 1, 5), (page[0] + 40, 0), point):
        lines = model.lines(at(visited, (2345, 0)))
    assert past.asked == [page]
    epochs = [record.epoch for record in lines.records if record.ends_epoch]
    assert epochs == list(range(*page))
    if lines.visited != START_LINE:
        assert lines.records[lines.visited].position == point


def test_never_kept_lines_are_paged():
    """One frame may bring more lines than are kept."""
    past = Past()
    model = LogModel(past)
    model.add([epoch(number) for number in range(345, 2345)])  # as a frame brings them that trained more
    assert listed(model.lines(at((42, 0), (2345, 0))))[41] == ">41"
    assert past.asked == [(0, 100)]


def test_empty_log_lists_visited_point():
    assert listed(LogModel(Past()).lines(at((0, 4), (0, 7)))) == [">0:4"]


def test_kept_lines_request_no_page():
    model, past = full_model()
    assert model.lines(at((346, 0), (2345, 0))).records[0].position == (346, 0)
    model.lines(at((346, 1), (2345, 0)))
    assert not past.asked


def test_a_page_ends_where_the_run_does():
    past = Past()
    model = LogModel(past)
    model.add([update(1 + number % 9, of=250) for number in range(2 * MAX_LINES)])
    model.lines(at((249, 3), (250, 9)))
    assert past.asked == [(200, 250)]
    model.lines(at((200, 0), (200, 9)))
    assert past.asked[1:] == [(100, 200)]


@trials(100)
@given(st.lists(st.tuples(st.integers(0, 2344), st.integers(0, PER_EPOCH - 1)), min_size=1, max_size=20))
def test_lines_independent_of_navigation_history(points):
    model, _ = full_model()
    for point in points:
        model.lines(at(point, (2345, 0)))
    fresh, _ = full_model()
    snapshot = at(points[0], (2345, 0))
    assert listed(model.lines(snapshot)) == listed(fresh.lines(snapshot))
    assert len(model.kept) == MAX_LINES
