"""An app whose time the test owns."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType

import pytest
from app_helpers import LARGE, at_once, never
from snapshots import ScreenText, report
from virtual_time import TIME, virtual_time

from quadfit_tui.core.config.own_presets import Presets
from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.model.samples import sample_text
from quadfit_tui.core.session.session import Session
from quadfit_tui.teaching.classroom.classroom import Classroom
from quadfit_tui.teaching.course.transcript import Transcript
from quadfit_tui.teaching.ui.lesson_commands import Lessons
from quadfit_tui.teaching.ui.library import Library
from quadfit_tui.teaching.ui.votes.vote_commands import ClassLessons
from quadfit_tui.ui.app import QuadfitApp
from quadfit_tui.ui.commands import run_commands
from quadfit_tui.ui.display.capabilities import Capabilities


@pytest.fixture(autouse=True)
def no_waiting(request: pytest.FixtureRequest) -> Iterator[None]:
    """All tests of the app run by virtual time, but for those that wait for another thread."""
    if request.node.get_closest_marker("real_time"):
        yield
    else:
        with virtual_time():
            yield


class Clock:
    """Seconds that pass only when a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def large_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Changes to a folder with the file large.csv, of which each read takes but a few rows."""
    monkeypatch.chdir(tmp_path)
    for owner, name, value in (run_commands, "SLICE", 0), (run_commands, "_AT_ONCE", 1), (sample_text, "BLOCK", 128):
        monkeypatch.setattr(owner, name, value)
    (tmp_path / "large.csv").write_text(LARGE)


@pytest.fixture
def make_app(clock: Clock) -> Callable[..., QuadfitApp]:
    """Makes the app for a preset or a RunConfig, on the test's clock (with `passing`, on one that goes on).

    Its frames are so short that no key waits for one. The diagnosis of its runs is worked out only with another
    `runner`, such as `at_once` of app_helpers.
    """

    def make(
        config: RunConfig | str = "article",
        passing: bool = False,
        fps: int = 1_000_000,
        runner=never,
        map_runner=never,
        capabilities: Capabilities | None = None,
        library: Library | None = None,
        room: Classroom | None = None,
        lesson_runner=at_once,
        views: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
        words: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
        presets: Presets | None = None,
        session: Session | None = None,
        is_folded: bool = True,
        **options,
    ) -> QuadfitApp:
        config = PRESETS[config] if isinstance(config, str) else config
        options["clock"] = TIME.of_work if passing else clock
        return QuadfitApp(
            session or Session(config, **options),
            fps=fps,
            views=views,
            words=words,
            capabilities=capabilities or Capabilities(),
            runner=runner,
            map_runner=map_runner,
            presets=presets,
            is_folded=is_folded,
            teaching=partial(teach, library or Library(tuple, lambda: Transcript(None)), room, lesson_runner),
        )

    return make


@pytest.fixture
def compare(snapshot, snap_compare, request: pytest.FixtureRequest) -> Callable[..., None]:
    """Compares what was Taken with its snapshot: in text, or as the plugin does, drawn in SVG."""

    def compare(taken, drawn: bool = False) -> None:
        if drawn:
            assert snap_compare(taken)
            return
        held = snapshot.use_extension(ScreenText)
        if held != str(taken):
            pytest.fail(report(request.node, held, taken), pytrace=False)

    return compare


@pytest.fixture
def room(tmp_path: Path) -> Classroom:
    """The folder in which a class votes."""
    (tmp_path / "class").mkdir()
    return Classroom(str(tmp_path / "class"))


def teach(library, room, runner, app):
    """The Teaching of an app."""
    return Lessons(app, library, runner) if room is None else ClassLessons(app, library, room, runner)
