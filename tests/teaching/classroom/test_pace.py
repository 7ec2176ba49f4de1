"""The pace of a class: who is at which step, as transcripts tell while they grow, be they honest or not."""

import json
import os

import pytest
from accounts import name_users, own_files
from diary import RATE, Diary

from quadfit_tui.core.text.width import cell_width
from quadfit_tui.teaching.classroom.pace import Pace, pace_lines
from quadfit_tui.teaching.classroom.transcript_reader import LINES_A_LOOK
from quadfit_tui.teaching.course.transcript import FILE_NAME

NAMES = ("anna", "ben", "carla", "dora")


@pytest.fixture
def room(tmp_path, monkeypatch):
    """The folders of some students, who own them."""
    folders = {name: tmp_path / name for name in NAMES}
    owners = {str(folder): 70000 + number for number, folder in enumerate(folders.values())}
    own_files(monkeypatch, owners.__getitem__)
    name_users(monkeypatch, lambda user: NAMES[user - 70000])
    for folder in folders.values():
        folder.mkdir()
    return folders


def pace_of(room):
    return Pace([str(folder) for folder in room.values()], [RATE])


def write(room, **diaries):
    for name, diary in diaries.items():
        (room[name] / FILE_NAME).write_bytes(diary if isinstance(diary, bytes) else diary.content)


def test_position_is_last_new_step(room):
    pace = pace_of(room)
    assert pace.refresh()
    assert (pace.lesson, pace.places(RATE).not_begun) == (None, NAMES)
    assert pace_lines(RATE, pace.places(RATE), 78) == []
    at_two = Diary().tell("begin").take(("start",)).tell("seen", "ten")
    done = Diary().tell("begin").take(("start",), ("ten", "140"), ("near", "a")).tell("end")
    write(room, anna=at_two, ben=at_two.tell("answer", "ten", answer="140"), carla=done)
    assert pace.refresh()
    assert not pace.refresh()
    places = pace.places(RATE)
    assert places == (((), ("anna", "ben"), (), (), (), ()), ("carla",), ("dora",))
    assert pace.lesson is RATE
    assert pace_lines(RATE, places, 78) == [
        "The learning rate (rate): 6 steps",
        "2  predict  Ten times the rate   2 ██",
        "    anna, ben",
        "Done: carla",
        "Not begun: dora",
    ]


def test_restart_moves_student_vote_does_not(room):
    pace = pace_of(room)
    anna = Diary().tell("begin").take(("start",)).tell("seen", "ten")
    write(room, anna=anna, ben=Diary().tell("answer", "near", choice="a", round=1))
    pace.refresh()
    anna.tell("answer", "near", choice="a", round=1)
    write(room, anna=anna)
    assert not pace.refresh()
    assert pace.places(RATE).steps[1] == ("anna",)
    assert "ben" in pace.places(RATE).not_begun
    write(room, anna=anna.tell("begin", attempt=2).tell("seen", "start"))
    assert pace.refresh()
    assert pace.places(RATE).steps[0] == ("anna",)
    write(room, anna=anna.tell("forget"))
    assert pace.refresh()
    assert pace.places(RATE).not_begun == NAMES


def test_hostile_transcript_shows_only_a_step(room, tmp_path):
    line = json.loads(Diary().tell("seen", "ten").lines[0])
    forged = [{"step": "\x1b[2J"}, {"step": "gone"}, {"lesson": "\x1b[2J"}, {"lesson": "other"}, {"t": "x"}]
    content = b"\n".join(json.dumps({**line, **each}).encode() for each in forged) + b"\n\xff\xfe\n" + b"[" * 5000
    write(room, anna=content, ben=b'{"v": 1}\n' * LINES_A_LOOK + json.dumps(line).encode() + b"\n")
    (tmp_path / "secret").write_bytes(Diary().tell("seen", "ten").content)
    (room["carla"] / FILE_NAME).symlink_to(tmp_path / "secret")
    os.mkfifo(room["dora"] / FILE_NAME)
    pace = pace_of(room)
    pace.refresh()
    assert pace.places(RATE) == (((),) * 6, (), ("anna", "ben"))  # of ben there is more to read
    pace.refresh()
    assert pace.places(RATE).steps[1] == ("ben",)
    assert all(line.isprintable() for line in pace_lines(RATE, pace.places(RATE), 78))


@pytest.mark.parametrize("width", [20, 40, 78])
def test_the_rows_of_the_steps_have_room(room, width):
    write(room, **{name: Diary().tell("begin").tell("seen", "ten") for name in NAMES})
    pace = pace_of(room)
    pace.refresh()
    rows = pace_lines(RATE, pace.places(RATE), width)
    assert max(map(cell_width, rows)) <= width
    assert rows[1].endswith(" 4 ████")
