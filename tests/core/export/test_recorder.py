"""The epochs of runs in a file: each once, in its place, before anybody sees it; and what happens where that fails."""

import csv
import errno
import json
import os
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trials import trials

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.export import recorder
from quadfit_tui.core.export.formats import formats_of, writer_of
from quadfit_tui.core.export.recorder import RecordedSession, RunLines, RunRecorder
from quadfit_tui.core.session.playback import Unit
from quadfit_tui.core.session.session import Session
from quadfit_tui.core.session.verdict import verdict

CONFIG = PRESETS["article"].replace(samples=4, epochs=30, stop_on="never")
BY_EPOCH = [name for name in formats_of("writer") if name != "spoken"]  # which have a line for each of them
UNFINISHED = RunConfig(samples=4, epochs=10**6, stop_on="never", schedule="constant", lr=1e-6)


class Watched:
    """A session whose epochs go into a file, and hands for it."""

    def __init__(self, path, clock, style="jsonl", every=1, config=CONFIG):
        self.path = path
        self.file = RunRecorder(str(path), style, every)
        self.file.start()
        self.session = Session(config, speed=None, clock=clock)
        self.recorded = RecordedSession(self.session, self.file.take, clock=clock)

    def go(self, *command):
        """Does a command of the session, and all that it leads to."""
        name, *values = command
        getattr(self.session, name)(*values)
        while self.session.is_busy:
            self.recorded.advance(1.0)
        return self

    def close(self):
        self.file.close()
        return self.path.read_text()

    def rows(self):
        return [json.loads(line) for line in self.path.read_text().splitlines()]

    def epochs(self, run=1):
        return [row["epoch"] for row in self.rows() if row["run"] == run and "epoch" in row]

    def ends(self):
        return [(row["run"], row["status"], row["epochs"]) for row in self.rows() if "status" in row]


@pytest.fixture
def watch(tmp_path, make_clock):
    opened = []

    def watch(*args, **more):
        opened.append(Watched(tmp_path / f"file{len(opened)}", make_clock(tick=0.0001), *args, **more))
        return opened[-1]

    yield watch
    for each in opened:
        each.file.close()


@pytest.mark.parametrize("style", BY_EPOCH)
def test_a_whole_run_is_as_without_a_screen_but_for_its_number(watch, style):
    lines = []
    session = Session(CONFIG, speed=None)
    plain = RunLines(lines.extend, writer_of(style))
    session.play()
    while session.is_busy:
        records = session.advance(1)
        plain.take(session.snapshot(), records)
    extra = {
        "text": lambda line: line,
        "article": lambda line: line,
        "csv": lambda line: f"{line},1",
        "jsonl": lambda line: f'{line[:-1]}, "run": 1}}',
    }
    expected = [extra[style](line) for line in lines]
    if style == "csv":
        expected[0] = f"{lines[0]},run"
    if style in ("text", "article"):  # on the screen is what to try
        assert lines[-1].startswith(verdict(session.snapshot()))
        expected[-1] = verdict(session.snapshot())
    assert len(expected) >= 30
    assert watch(style).go("play").close().splitlines() == expected


@pytest.mark.parametrize("style", BY_EPOCH)
def test_a_file_that_was_deleted_is_made_anew_by_the_next_run(watch, style):
    each = watch(style, config=UNFINISHED)
    each.session.play()
    each.recorded.advance(0.001)
    each.path.unlink()
    each.recorded.advance(0.001)
    assert "has been deleted" in each.file.news()
    assert not each.path.exists()
    each.session.restart(UNFINISHED)
    each.session.play()
    each.recorded.advance(0.001)
    fresh = watch(style, config=UNFINISHED)
    fresh.session.play()
    fresh.recorded.advance(0.001)
    first, second = (found.path.read_text().splitlines() for found in (fresh, each))
    assert second[0].split(",")[:5] == first[0].split(",")[:5]  # the heading, if there is one
    assert len(second) >= 2
    assert each.file.news() == ""


def test_every_epoch_is_in_the_file_when_the_slice_ends_that_trained_it(watch):
    each = watch(config=UNFINISHED)
    each.session.play()
    for _ in range(4):
        each.recorded.advance(0.001)
        assert each.epochs() == list(range(each.session.snapshot().epoch))
    assert each.epochs()


def test_a_slice_has_no_more_epochs_than_can_be_written_in_half_of_it(watch, make_clock):
    each = watch(config=UNFINISHED)
    clock = make_clock()
    take = each.file.take

    def slowly(session, records):
        clock.now += 0.0001 * len(records)
        take(session, records)

    each.file.take = slowly
    each.recorded = RecordedSession(each.session, each.file.take, clock=clock)
    each.session.play()
    counts = [len(each.recorded.advance(0.006)) for _ in range(4)]
    assert counts[0] == recorder.FIRST_LINES
    assert all(29 <= count <= 31 for count in counts[1:])


def test_single_updates_are_no_epochs(watch):
    each = watch()
    each.session.unit = Unit.UPDATE
    for _ in range(6):
        each.go("step", Unit.UPDATE)
    each.close()
    assert each.epochs() == [0]
    assert each.rows()[-1]["updates"] == 6
    assert each.ends() == [(1, "paused", 1)]


def test_runs_follow_each_other_and_each_ends_once(watch):
    each = watch().go("seek", 3).go("restart", CONFIG.replace(lr=0.1)).go("play").go("restart").go("seek", 2)
    each.go("show", 1).go("seek", 5).go("show", 3).go("first").close()
    assert [row["run"] for row in each.rows()] == [1] * 4 + [2] * 31 + [3] * 3 + [1] * 3
    assert each.epochs(1) == [0, 1, 2, 3, 4]
    assert each.epochs(2) == list(range(30))
    assert each.ends() == [(1, "paused", 3), (2, "finished", 30), (3, "paused", 2), (1, "paused", 5)]


def test_a_run_that_is_left_before_anything_was_trained_leaves_nothing(watch):
    each = watch().go("restart").go("restart", CONFIG.replace(lr=0.1)).go("seek", 1)
    each.close()
    assert [row["run"] for row in each.rows()] == [1, 1]


def test_csv_has_one_heading_and_the_number_of_the_run_in_each_row(watch):
    each = watch("csv").go("seek", 2).go("restart").go("seek", 1)
    each.close()
    with each.path.open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["epoch"], row["run"]) for row in rows] == [("0", "1"), ("1", "1"), ("0", "2")]


def test_text_says_between_two_runs_in_what_they_differ(watch):
    each = watch("text").go("seek", 1).go("restart", CONFIG.replace(lr=0.1)).go("seek", 1).go("restart")
    lines = each.go("step", Unit.UPDATE).close().splitlines()
    head, first, paused, second = lines[0], lines[1], lines[2], lines[4]
    assert head.split()[0] == "epoch"
    assert first.split()[0] == second.split()[0] == "0"
    assert paused == "paused after 1 epoch"
    assert lines[3].startswith("run 2: ")
    assert lines[3].endswith("0.5 → 0.1")
    assert lines[6:] == ["run 3: identical settings", "paused after 0 epochs, 1 of 4 updates"]


def test_text_of_an_app_tells_of_a_divergence_too(watch):
    text = watch("text", config=PRESETS["too-fast"]).go("play").close()
    assert text.splitlines()[-1].startswith("diverged in epoch 6")


def test_spoken_tells_of_each_run_once_and_goes_on_where_it_was_left(watch):
    each = watch("spoken").go("seek", 3).go("restart", CONFIG.replace(lr=0.1)).go("play").go("show", 1).go("play")
    lines = each.close().splitlines()
    alone = watch("spoken").go("play").close().splitlines()
    starts = [at for at, line in enumerate(lines) if line.startswith(("Start", "Run"))]
    assert len(starts) == 4  # a start of each run, and a line of each change
    assert lines[starts[1]] == "Run 2: lr 0.5 to 0.1."
    assert [line for line in lines[: starts[1]] if line.startswith("Paused")] == ["Paused after 3 epochs."]
    assert lines[starts[3]] == "Run 1: lr 0.1 to 0.5."
    assert lines[-len(alone) + 2 :] == alone[2:]


@pytest.mark.parametrize("style", formats_of("writer"))
def test_without_any_run_there_is_the_heading(watch, style):
    text = watch(style).close()
    bare = style in ("jsonl", "spoken")
    assert text.count("\n") == (not bare)
    assert text.startswith("" if bare else "epoch")


@pytest.mark.parametrize(
    ("epoch", "expected"), [(4, [0, 3]), (5, [0, 3, 4]), (7, [0, 3, 6]), (30, [*range(0, 30, 3), 29])]
)
def test_of_each_third_epoch_the_last_is_there_too(watch, epoch, expected):
    each = watch(every=3).go("seek", epoch).go("seek", 1)
    each.close()
    assert each.epochs() == expected


def test_a_last_epoch_is_written_once_when_its_run_goes_on(watch):
    each = watch(every=3).go("seek", 5).go("restart", CONFIG.replace(lr=0.1)).go("seek", 1).go("show", 1).go("seek", 8)
    each.close()
    assert each.epochs() == [0, 3, 4, 6, 7]


def test_a_last_epoch_is_never_taken_for_the_next_run_s(watch):
    each = watch(every=3).go("seek", 5).go("restart", CONFIG.replace(lr=0.1)).go("step", Unit.UPDATE)
    each.close()
    assert each.epochs(1) == [0, 3, 4]
    assert each.epochs(2) == []
    assert each.ends() == [(1, "paused", 5), (2, "paused", 0)]


def test_a_file_that_is_closed_while_a_run_plays_ends_with_where_it_was(watch):
    each = watch(config=UNFINISHED)
    each.session.play()
    each.recorded.advance(0.001)
    each.close()
    assert each.session.is_busy
    assert each.ends() == [(1, "paused", each.session.snapshot().epoch)]


# Whatever the order of commands

commands = st.one_of(
    st.tuples(st.just("seek"), st.integers(0, 30)),
    st.tuples(st.just("jump"), st.integers(-9, 9)),
    st.tuples(st.just("step"), st.sampled_from(Unit)),
    st.tuples(st.just("back"), st.sampled_from(Unit)),
    st.tuples(st.sampled_from(["first", "last", "play", "restart", "carry_on"])),
    st.tuples(st.just("twin"), st.sampled_from(["schedule", "convention"])),
    st.tuples(st.just("show"), st.integers(1, 6)),
)


@trials(40)
@given(todo=st.lists(commands, max_size=12), every=st.sampled_from([1, 4]))
def test_whatever_is_done_each_epoch_is_there_once(tmp_path_factory, make_clock, todo, every):
    each = Watched(tmp_path_factory.mktemp("any") / "file", make_clock(tick=0.0001), every=every)
    timelines = {}
    for command in todo:
        known = {run.number for run in each.session.earlier}
        if command[0] != "show" or command[1] in known:
            each.go(*command)
        timelines[each.session.run.number] = each.session.timeline
    each.close()
    for number, timeline in timelines.items():
        epochs, done = each.epochs(number), timeline.newest.epoch
        assert epochs == sorted(set(epochs))
        assert set(range(0, done, every)) | ({done - 1} if done else set()) <= set(epochs) <= set(range(done))
        assert every > 1 or epochs == list(range(done))


# Where it fails


class Disk:
    """Room for some lines; then none until there is more."""

    def __init__(self, file, room):
        self.room = room
        self._write = file._file.write
        file._file.write = self.write

    def write(self, lines):
        kept, self.room = lines[: self.room], max(0, self.room - len(lines))
        self._write(kept)
        if len(kept) < len(lines):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_is_told_once_and_the_training_goes_on(watch):
    each = watch()
    Disk(each.file, 7)
    assert each.file.news() == ""
    each.go("play")
    assert each.session.snapshot().epoch == 30
    news = each.file.news()
    assert str(each.path) in news
    assert "No space left on device" in news
    assert each.file.news() == ""
    each.close()
    assert each.file.news() == ""
    assert each.file.failure == "No space left on device"
    assert each.epochs() == list(range(7))
    assert each.ends() == []


def test_the_next_run_is_tried_again_and_the_one_given_up_is_not(watch):
    each = watch("csv")
    disk = Disk(each.file, 0)
    each.go("seek", 5)
    assert each.file.news()
    disk.room = 1000
    each.go("seek", 9).go("restart", CONFIG.replace(lr=0.1)).go("seek", 2).go("show", 1).go("seek", 12)
    assert each.file.news() == ""
    with each.path.open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["epoch"], row["run"]) for row in rows] == [("0", "2"), ("1", "2")]


def test_closing_never_raises_whatever_happens(watch):
    each = watch("csv").go("seek", 3)
    Disk(each.file, 0)
    os.close(each.file._file._fd)
    each.file.close()
    each.file.close()
    assert each.file.failure
    each.go("seek", 6)
    assert not each.file._file


def test_a_file_can_be_closed_from_another_thread_but_not_amid_a_line(watch, monkeypatch):
    monkeypatch.setattr(recorder, "LOCK_TIMEOUT", 0.01)
    each = watch().go("seek", 3)
    write, closed = each.file._file.write, []

    def interrupted(lines):
        each.file.close()  # as from a signal
        closed.append(each.file._file is None)
        write(lines)

    each.file._file.write = interrupted
    each.go("seek", 5)
    each.file._file.write = write
    other = threading.Thread(target=each.file.close)
    other.start()
    other.join(5)
    assert not any(closed)
    assert each.file._file is None
    assert each.file.failure == ""
    assert each.epochs() == list(range(5))
    assert each.ends() == [(1, "paused", 5)]
