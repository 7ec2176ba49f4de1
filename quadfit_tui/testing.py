"""For tests of the app: the app at a moment of a run, waiting until it has nothing left to do, its screen as text.

An app looks the same whenever and wherever it runs, but for digits that are nothing but rounding. The names of
`__all__` are what a version promises to keep. What the app looks like may change with each version.
"""

from __future__ import annotations

import asyncio
import os
import warnings
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, ClassVar
from unittest.mock import patch

from numpy.typing import ArrayLike
from textual.pilot import Pilot

from quadfit_tui.core.config.parameters import ConfigError, RunConfig
from quadfit_tui.core.config.view_names import REMOVED_VIEWS, about_removed
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.text import language
from quadfit_tui.core.text.language import LANGUAGES, _, one_of
from quadfit_tui.core.training.record import Record
from quadfit_tui.library.diagnosis import check_size
from quadfit_tui.library.in_memory import Missing
from quadfit_tui.library.moments import Moment, visit
from quadfit_tui.library.samples import task_of
from quadfit_tui.ui import app
from quadfit_tui.ui.tasks.diagnosis_worker import Job, JobThread, ResultCallback, Runner
from quadfit_tui.ui.tasks.training_loop import MAX_LINES, newest
from quadfit_tui.ui.themes import THEMES
from quadfit_tui.ui.toolkit.textual_internals import screen_strips
from quadfit_tui.ui.views.view_table import VIEWS, parse_option_values

__all__ = ["app_at", "screen_text", "settled"]

# Variables by which Textual and Rich would change the screen.
_FROM_OUTSIDE = ("NO_COLOR", "COLUMNS", "LINES")
_FPS = 1_000_000  # so that what a key does is never put off to the next frame


def app_at(
    config: RunConfig,
    moment: Moment = "start",
    *,
    size: tuple[int, int] | None = None,
    view: str = "fit",
    theme: str = "textual-dark",
    diagnosis: bool = False,
    x: ArrayLike | None = None,
    y: ArrayLike | None = None,
    missing: Missing = None,
    lang: str = language.ENGLISH,
) -> app.QuadfitApp:
    """Returns the app, paused at a moment of a run: for `snap_compare`, or for a Pilot by `app.run_test()`.

    `moment` is "start", 14 (after epoch 14), "15:3" (three updates of epoch 15 later) or "end": where the run ends,
    also by diverging. `size` is (columns, rows), whatever the size of what runs it, which is taken where it is None: 80
    × 24 as a rule. `view` is one of the six views by its name, behind a colon with words for its options, as `--view`
    takes them: "surface:near". `theme` is a theme of Textual. `x`, `y` and `missing` are as `train` takes them.
    `lang` is the code of a language, such as "zh_CN": that of the process until another app is made.

    Its clock stands still, so that playing does one epoch and no more. It has no threads and no animation, reads no
    file but the samples, writes none unless a key asks for it, and takes no color, size, theme or language from the
    environment. It has no lessons, and works out a diagnosis only with `diagnosis`: at once, but what would help is
    looked for within seconds of work, so that a much slower machine may find less. A map is there as a whole as soon as
    it is seen.

    Raises ConfigError if the samples or the size cannot be used, ValueError for another moment, view, word, theme or
    language.
    """
    view, _colon, words = view.partition(":")
    if view in REMOVED_VIEWS:
        warnings.warn(about_removed(view), DeprecationWarning, stacklevel=2)
        view = REMOVED_VIEWS[view]
    for name, word, table in (("view", view, VIEWS), ("theme", theme, THEMES), ("lang", lang, LANGUAGES)):
        if word not in table:
            raise ConfigError((name,), word, _("is not one of the choices"), one_of([*table]))
    if size is not None:
        check_size(size)
    chosen = {view: parse_option_values(view, words)}
    if lang != language.current_language():
        language.set_language(lang)
    session = RunSession(task_of(config, x, y, missing), clock=_no_time_passes)
    records = newest(list(visit(session, moment)), MAX_LINES)
    with patch.dict(os.environ):
        for name in _FROM_OUTSIDE:
            os.environ.pop(name, None)
        pinned = _PinnedApp(session, records, size, chosen, _run_at_once if diagnosis else _skip)
    pinned.theme = theme
    return pinned


async def settled(pilot: Pilot[Any], timeout: float = 30.0) -> None:
    """Waits until the app has nothing left to do: each key has had its effect, and that is on the screen.

    It waits for files that are read or written, for the map and the diagnosis, and for a moment of the run that was
    asked for; not for playing, which goes on. Raises TimeoutError after `timeout` seconds, which says what is still
    being done.
    """
    awaited, loop = pilot.app, asyncio.get_running_loop()
    assert isinstance(awaited, app.QuadfitApp)
    end = loop.time() + timeout
    await pilot.pause()
    while work := _work(awaited):
        if loop.time() >= end:
            raise TimeoutError(f"after {timeout:g} seconds the app is still busy: {', '.join(work)}")
        await pilot.pause(0.01)
        await pilot.pause()  # until its result is on the screen, too


def _work(app: app.QuadfitApp) -> list[str]:
    """Returns the names of what an app is doing now, except playing."""
    idle = {"training", "reading"} if app.runs.waits_for_user else {"training"}
    names = [worker.name for worker in app.workers if worker.group not in idle and not worker.is_finished]
    if app.training.has_work and not app.session.plays:
        names.append("training")
    if isinstance(app.runner, JobThread) and app.runner.has_job:
        names.append("diagnosis")
    return names


def screen_text(app: app.QuadfitApp) -> str:
    """Returns the rows of the screen as text, without the blanks at their ends; a page covers what is below it."""
    return "\n".join(strip.text.rstrip() for strip in screen_strips(app)[: app.size.height])


def _no_time_passes() -> float:
    return 0.0


def _skip(job: Job, done: ResultCallback) -> None:
    """Runs no job: the app goes on waiting for the result."""


def _run_at_once(job: Job, done: ResultCallback) -> None:
    """Runs a job in the caller's thread and passes its result on."""
    done(job())


class _PinnedApp(app.QuadfitApp):
    """The app without anything that depends on time, threads or the machine."""

    CSS_PATH: ClassVar[str] = str(Path(app.__file__).with_name(str(app.QuadfitApp.CSS_PATH)))

    def __init__(
        self,
        session: RunSession,
        records: Sequence[Record],
        size: tuple[int, int] | None,
        views: dict[str, dict[str, str]],
        runner: Runner,
    ) -> None:
        super().__init__(session, fps=_FPS, views=views, runner=runner, map_runner=_run_at_once)
        self._pinned_size = size
        self._unlisted = records  # trained before the app started, and not in its log yet

    def _publish(self, records: Sequence[Record]) -> None:
        """Shows the current moment; the first time, the log also gets the records trained before the app started."""
        super()._publish([*self._unlisted, *records])
        self._unlisted = ()

    async def run_async(self, *, size: tuple[int, int] | None = None, **options: Any) -> Any:
        """Runs in the size given to `app_at`, if there is one."""
        return await super().run_async(size=self._pinned_size or size, **options)

    def run_test(  # type: ignore[override]
        self, *, size: tuple[int, int] | None = (80, 24), **options: Any
    ) -> AbstractAsyncContextManager[Any]:
        """Runs for a Pilot, in the size given to `app_at`, if there is one."""
        return super().run_test(size=self._pinned_size or size, **options)
