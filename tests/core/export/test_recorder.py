"""The epochs of a run as lines: each once, in its place, before anybody sees it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trials import trials

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.export import log_file
from quadfit_tui.core.export.formats import formats_of, writer_of
from quadfit_tui.core.export.log_file import PIECE, LogFile
from quadfit_tui.core.export.recorder import RunLines
from quadfit_tui.core.session.playback import Unit
from quadfit_tui.core.session.session import RunSession

CONFIG = PRESETS["article"].replace(samples=4, epochs=30, stop_on="never")
UNFINISHED = RunConfig(samples=4, epochs=10**6, stop_on="never", schedule="constant", lr=1e-6)


class Watched:
    """A session whose epochs become lines, slice by slice."""

    def __init__(self, clock, style="jsonl", every=1, config=CONFIG):
        self.text = []
        self.session = RunSession(config, speed=None, clock=clock)
        self.lines = RunLines(self.text.extend, writer_of(style)(config, every))
        self.lines.write_header()

    def go(self, *command):
        """Does a command of the session, and all that it leads to."""
        name, *values = command
        getattr(self.session, name)(*values)
        while self.session.is_busy:
            records = self.session.advance(0.001)
            self.lines.write_records(self.session.snapshot(), records)
        return self

    def end(self):
        self.lines.end()
        return self

    def rows(self):
        return [json.loads(line) for line in self.text]

    def epochs(self):
        return [row["epoch"] for row in self.rows() if "epoch" in row]

    def ends(self):
        return [(row["status"], row["epochs"]) for row in self.rows() if "status" in row]


@pytest.fixture
def watch(make_clock):
    def watch(*args, **more):
        return Watched(make_clock(tick=0.0001), *args, **more)

    return watch


def test_single_updates_are_no_epochs(watch):
    each = watch()
    each.session.unit = Unit.UPDATE
    for _ in range(6):
        each.go("step", Unit.UPDATE)
    each.end()
    assert each.epochs() == [0]
    assert each.rows()[-1]["updates"] == 6
    assert each.ends() == [("paused", 1)]


@pytest.mark.parametrize("style", formats_of("writer"))
def test_before_any_update_there_is_the_heading(watch, style):
    lines = watch(style).end().text
    bare = style in ("jsonl", "spoken")
    assert len(lines) == (not bare)
    assert bare or lines[0].startswith("epoch")


@pytest.mark.parametrize(
    ("epoch", "expected"), [(4, [0, 3]), (5, [0, 3, 4]), (7, [0, 3, 6]), (30, [*range(0, 30, 3), 29])]
)
def test_stride_includes_last_epoch(watch, epoch, expected):
    each = watch(every=3).go("seek", epoch).end()
    assert each.epochs() == expected


def test_single_closing_line_with_status(watch):
    assert watch().go("seek", 3).end().end().ends() == [("paused", 3)]
    assert watch().go("play").end().ends() == [("finished", 30)]


commands = st.one_of(
    st.tuples(st.just("seek"), st.integers(0, 30)),
    st.tuples(st.just("jump"), st.integers(-9, 9)),
    st.tuples(st.just("step"), st.sampled_from(Unit)),
    st.tuples(st.sampled_from(["last", "play"])),
)


@trials(40)
@given(todo=st.lists(commands, max_size=12), every=st.sampled_from([1, 4]))
def test_epochs_appear_once_under_any_commands(make_clock, todo, every):
    each = Watched(make_clock(tick=0.0001), every=every)
    for command in todo:
        each.go(*command)
    each.end()
    epochs, done = each.epochs(), each.session.timeline.newest.epoch
    assert epochs == [at for at in range(done) if not at % every or at == done - 1]


def test_log_pieces_use_half_their_time(tmp_path, make_clock, monkeypatch):
    session, clock, counts = RunSession(UNFINISHED, speed=None), make_clock(), []
    session.seek(400)
    while session.is_busy:
        session.advance(1)
    take = RunLines.write_records

    def slowly(lines, snapshot, records):
        counts.append(len(records))
        clock.now += 0.0001 * len(records)
        take(lines, snapshot, records)

    monkeypatch.setattr(RunLines, "write_records", slowly)
    file = LogFile(str(tmp_path / "log.jsonl"), "jsonl", session, clock=clock)
    while file.is_busy:
        file.advance(PIECE)
    assert sum(counts) == 400
    assert counts[0] == log_file.FIRST_LINES
    assert all(29 <= count <= 31 for count in counts[1:-1])
