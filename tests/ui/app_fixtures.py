"""An app whose time the test owns."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import pytest
from app_helpers import LARGE, never
from virtual_time import TIME, virtual_time

from quadfit_tui.core.config.own_presets import PresetCatalog
from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.model.samples import sample_text
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.ui.app import QuadfitApp
from quadfit_tui.ui.commands import run_commands
from quadfit_tui.ui.display.capabilities import Capabilities
from quadfit_tui.ui.teaching import Teaching


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
        views: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
        presets: PresetCatalog | None = None,
        session: RunSession | None = None,
        teaching: Callable[[QuadfitApp], Teaching] = Teaching,
        **options,
    ) -> QuadfitApp:
        config = PRESETS[config] if isinstance(config, str) else config
        options["clock"] = TIME.of_work if passing else clock
        return QuadfitApp(
            session or RunSession(config, **options),
            fps=fps,
            views=views,
            capabilities=capabilities or Capabilities(),
            runner=runner,
            map_runner=map_runner,
            presets=presets,
            teaching=teaching,
        )

    return make
