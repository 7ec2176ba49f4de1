"""The log of a run that was trained already: the lines of `run` with its configuration, up to the newest moment."""

import json
import os

import pytest
from configurations import MOST_SAMPLES, configurations
from hypothesis import given
from hypothesis import strategies as st
from trials import trials

from quadfit_tui.core.config.parameters import ConfigError, RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.export.log_file import LogFile
from quadfit_tui.core.session.reproduction import write_config
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.training.position import START, Position
from quadfit_tui.main import main

STYLES = ("csv", "jsonl")


def go(session, *positions):
    for position in positions:
        session.seek(*position)
        while session.is_busy:
            session.advance(1)
    return session


def written(session, style):
    """The lines of the log, written in slices of no time."""
    log = LogFile("log", style, session, overwrites=True)
    while log.is_busy:
        assert log.done <= log.epochs
        log.advance(0)
    assert log.done == log.epochs
    with open("log", encoding="utf-8") as file:
        return file.read().splitlines()


def lines_of_run(session, style):
    """What `run` writes with the configuration of a session, in a file."""
    write_config("run.toml", session.timeline.task, START, overwrites=True)
    with pytest.raises(SystemExit) as end:
        main(["run", "--config", "run.toml", "--format", style, "--output", "whole", "--force"])
    assert end.value.code in (0, 3)
    with open("whole", encoding="utf-8") as file:
        return file.read().splitlines()


def check(session):
    """Its log is that of `run` as far as it was trained; of JSON lines one more says how it stands."""
    newest, has_ended = session.timeline.newest, session.timeline.end is not None
    for style in STYLES:
        lines, whole = written(session, style), lines_of_run(session, style)
        if has_ended:
            assert lines == whole
        elif style == "csv":
            assert lines == whole[: 1 + newest.epoch]
        else:
            assert lines[:-1] == whole[: newest.epoch]
            stands = json.loads(lines[-1])
            per_epoch = session.timeline.task.updates_per_epoch
            assert (stands["status"], stands["epochs"]) == ("paused", newest.epoch)
            assert stands["updates"] == newest.updates(per_epoch)
            assert stands["w"] == go(RunSession(session.timeline.task), newest).snapshot().w.tolist()


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder, before = tmp_path_factory.mktemp("log"), os.getcwd()
    os.chdir(folder)
    (folder / "samples.csv").write_text("".join(f"{i / 7!r},{i * i / 3!r}\n" for i in range(MOST_SAMPLES)))
    yield ["samples.csv"]
    os.chdir(before)


@trials(60)
@given(data=st.data())
def test_log_equals_run_output_so_far(files, data):
    session = RunSession(data.draw(configurations(files)), speed=None)
    for is_continued in (True, False) if data.draw(st.booleans()) else (False,):
        per_epoch, most = session.timeline.task.updates_per_epoch, session.config.epochs
        go(session, Position(data.draw(st.integers(0, most)), data.draw(st.integers(1, per_epoch))))
        if is_continued:
            try:
                session.carry_on()
            except ConfigError:  # from where w is, no run can start
                break
    go(session, Position(data.draw(st.integers(0, session.timeline.newest.epoch)), 0))  # back: that makes no odds
    before = session.snapshot()
    check(session)
    assert session.snapshot() is before


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("name", ["too-fast", "momentum", "noisy"])
def test_log_of_ended_runs(name):
    session = RunSession(PRESETS[name], speed=None)
    check(go(session, Position(session.config.epochs, 0), Position(2, 1)))


@pytest.mark.usefixtures("files")
def test_changed_data_file_keeps_log():
    with open("changing.csv", "w", encoding="utf-8") as file:
        file.write("0,1\n1,2\n2,4\n")
    config = RunConfig(data="changing.csv", epochs=20)
    session = go(RunSession(config), Position(20, 0))
    whole = lines_of_run(session, "csv")
    with open("changing.csv", "w", encoding="utf-8") as file:
        file.write("5,5\n")
    assert written(session, "csv") == whole
