"""Works out the map of a run in a thread beside the event loop while it is in sight, and holds what is known of it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.model.task import Task
from quadfit_tui.ui.tasks.diagnosis_worker import JobThread, Runner

# Imported by the thread: most sessions look at no map.
if TYPE_CHECKING:
    from quadfit_tui.core.rate_map.rate_map import RateMap

Cell = tuple[int, int]  # row, column of a map
_SHOWN_EVERY = 0.25  # seconds between two pictures of a map that is being worked out
_MOST_KEPT = 6  # maps


@lru_cache(maxsize=4)  # every frame asks for the same
def _cell_of(found: RateMap, config: RunConfig) -> Cell | None:
    return found.cell_of(config)


@dataclass(eq=False)
class _Wanted:
    """A map that is asked for: of which task, with what up and in its colors; how far it is, or why there is none."""

    task: Task
    up: str
    figure: str
    found: RateMap | None = None
    failed: str = ""

    def is_for(self, task: Task, up: str, figure: str) -> bool:
        """Whether it is the map of a run: one that lies on it may be another than it was asked for."""
        if (self.up, self.figure) != (up, figure) or self.task.problem is not task.problem:
            return False
        return self.task == task or (self.found is not None and _cell_of(self.found, task.config) is not None)


class MapWorker:
    """Gives the map of a run as far as it is worked out, and calls `tell` when there is more of it.

    Maps of the same samples that are whole are kept. `cursor` is the run that somebody points to on the map: what is
    near it is worked out first. `held_back` says why nothing is to be known of a map now, `key_pause` gives the seconds
    for which a key is to have the processor for itself.
    """

    def __init__(
        self,
        tell: Callable[[], None],
        runner: Runner | None = None,
        held_back: Callable[[], str] = lambda: "",
        key_pause: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self.cursor: RunConfig | None = None
        self._tell = tell
        self._thread = JobThread()
        self._run = runner
        self._held_back, self._key_pause = held_back, key_pause
        self._wanted: _Wanted | None = None
        self._kept: list[_Wanted] = []  # whole, the newest last
        self._about: Task | None = None  # the run that was asked about last

    def consult(self, task: Task, up: str, figure: str) -> RateMap | None:
        """The map of a run as far as it is worked out; begins with it where that is not done yet."""
        if self._held_back():
            self.give_up()
            return None
        if task != self._about:
            self._about, self.cursor = task, None
        if self._wanted is None or not self._wanted.is_for(task, up, figure):
            kept = next((each for each in self._kept if each.is_for(task, up, figure)), None)
            self._wanted = kept or _Wanted(task, up, figure)
            if kept is None:
                self._begin(self._wanted)
        return self.map

    @property
    def map(self) -> RateMap | None:
        """What is known of the map that was asked for last."""
        return None if self._wanted is None else self._wanted.found

    @property
    def why_none(self) -> str:
        """Why there is no such map; nothing where there is one, or is to come."""
        return self._held_back() or ("" if self._wanted is None else self._wanted.failed)

    @property
    def cell(self) -> Cell | None:
        """Where the cursor is on that map: at the run itself, until somebody moves it."""
        return None if self.map is None else self._cell_on(self.map)

    def _cell_on(self, found: RateMap) -> Cell | None:
        pointed = None if self.cursor is None else _cell_of(found, self.cursor)
        return pointed or _cell_of(found, (self._about or found.task).config)

    def give_up(self) -> None:
        """Works nothing out any more; what is whole is kept."""
        self._wanted = self.cursor = None

    def stop(self) -> None:
        """Gives up, and waits a moment for the thread to end."""
        self.give_up()
        self._thread.stop()

    # In the thread

    def _begin(self, wanted: _Wanted) -> None:
        if self._run is None:
            try:
                self._thread.start()
            except RuntimeError as refused:  # as where a user may have so many
                wanted.failed = str(refused)
                return
            self._run = self._thread
        loop = asyncio.get_running_loop()

        def show(found: RateMap) -> None:
            with contextlib.suppress(RuntimeError):  # nobody is there any more
                loop.call_soon_threadsafe(self._show, wanted, found)

        self._run(partial(self._work, wanted, show), partial(self._arrived, wanted))

    def _work(self, wanted: _Wanted, show: Callable[[RateMap], None]) -> RateMap | None:
        """The whole map, None where nobody waits for it any more; `show` is given what there is of it meanwhile."""
        from quadfit_tui.core.rate_map.pieces import map_pieces
        from quadfit_tui.core.rate_map.rate_map import Figure, Up

        latest: list[RateMap] = []
        shown = time.monotonic()
        pieces = map_pieces(
            wanted.task,
            Up(wanted.up),
            Figure(wanted.figure),
            first=lambda: self._cell_on(latest[-1]) if latest else None,
        )
        for found in pieces:
            latest[:] = [found]
            if self._wanted is not wanted:
                return None
            if time.monotonic() - shown >= _SHOWN_EVERY:
                shown = time.monotonic()
                show(found)
            time.sleep(self._key_pause())
        return latest[-1]

    # In the event loop

    def _show(self, wanted: _Wanted, found: RateMap) -> None:
        """A part of a map has arrived; the whole may have before."""
        if self._wanted is wanted and wanted not in self._kept:
            wanted.found = found
            self._tell()

    def _arrived(self, wanted: _Wanted, result: object) -> None:
        if self._wanted is not wanted:
            return
        if isinstance(result, Exception):
            wanted.failed = str(result) or type(result).__name__
        else:
            wanted.found = result  # type: ignore[assignment]  # the map
            same = [each for each in self._kept if each.task.problem is wanted.task.problem]
            self._kept = [*same, wanted][-_MOST_KEPT:]
        self._tell()
