"""The app with lessons, for tests: with a library of its own, and with the room of a class."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from app_helpers import at_once

from quadfit_tui.teaching.classroom.classroom import Classroom
from quadfit_tui.teaching.course.transcript import Transcript
from quadfit_tui.teaching.ui import open_lesson
from quadfit_tui.teaching.ui.lesson_commands import Lessons
from quadfit_tui.teaching.ui.library import LessonSetup
from quadfit_tui.ui.app import QuadfitApp


@pytest.fixture(autouse=True)
def short_shows(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if not request.node.get_closest_marker("real_time"):
        monkeypatch.setattr(open_lesson, "_LONGEST_SHOW", 0.05)  # seconds; in 3 there are 100 pictures


@pytest.fixture
def room(tmp_path: Path) -> Classroom:
    """The folder in which a class votes."""
    (tmp_path / "class").mkdir()
    return Classroom(str(tmp_path / "class"))


@pytest.fixture
def make_app(make_plain_app: Callable[..., QuadfitApp]) -> Callable[..., QuadfitApp]:
    """Makes the app with the lessons of a library, which has none by default; with a room, for a class that votes."""

    def make(
        *args, library: LessonSetup | None = None, room: Classroom | None = None, lesson_runner=at_once, **options
    ) -> QuadfitApp:
        teaching = partial(teach, library or LessonSetup(tuple, lambda: Transcript(None)), room, lesson_runner)
        return make_plain_app(*args, teaching=teaching, **options)

    return make


def teach(library, room, runner, app):
    """The Teaching of an app."""
    return Lessons(app, library, room, runner)
