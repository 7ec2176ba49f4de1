"""Works out the map of a run beside the keys while it is in sight, and holds what is known of it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.model.task import FitTask
from quadfit_tui.ui.tasks.diagnosis_worker import Runner

# Imported when one is worked out: most sessions look at no map.
if TYPE_CHECKING:
    from quadfit_tui.core.rate_map.rate_map import RateMap

MapCell = tuple[int, int]  # row, column of a map
_SHOWN_EVERY = 0.25  # seconds between two pictures of a map that is being worked out
_MOST_KEPT = 6  # maps


@lru_cache(maxsize=4)  # every frame asks for the same
def _cell_of(found: RateMap, config: RunConfig) -> MapCell | None:
    return found.cell_of(config)


@dataclass(eq=False)
class _Wanted:
    """A map that is asked for: of which task, with what up and in its colors; how far it is, or why there is none."""

    task: FitTask
    up: str
    figure: str
    found: RateMap | None = None
    failed: str = ""

    def is_for(self, task: FitTask, up: str, figure: str) -> bool:
        """Whether it is the map of a run: one that lies on it may be another than it was asked for."""
        if (self.up, self.figure) != (up, figure) or self.task.problem is not task.problem:
            return False
        return self.task == task or (self.found is not None and _cell_of(self.found, task.config) is not None)


class MapWorker:
    """Gives the map of a run as far as it is worked out, and calls `tell` when there is more of it.

    Maps of the same samples that are whole are kept. `cursor` is the run that somebody points to on the map: what is
    near it is worked out first. `held_back` says why nothing is to be known of a map now. `start` begins with work that
    leaves the time between its pieces to others by `yield_to_keys`; with a `runner` all of it is one job of that.
    `pieces` works a map out, as map_pieces does, which is imported when it is needed.
    """

    def __init__(
        self,
        tell: Callable[[], None],
        start: Callable[[Coroutine[Any, Any, None]], object],
        yield_to_keys: Callable[[], Awaitable[None]],
        held_back: Callable[[], str] = lambda: "",
        runner: Runner | None = None,
        pieces: Callable[..., Iterator[RateMap]] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.cursor: RunConfig | None = None
        self._tell = tell
        self._start, self._yield_to_keys, self._held_back, self._run = start, yield_to_keys, held_back, runner
        self._pieces_of, self._clock = pieces, clock
        self._wanted: _Wanted | None = None
        self._kept: list[_Wanted] = []  # whole, the newest last
        self._about: FitTask | None = None  # the run that was asked about last

    def get_or_start(self, task: FitTask, up: str, figure: str) -> RateMap | None:
        """The map of a run as far as it is worked out; begins with it where that is not done yet."""
        if self._held_back():
            self.cancel()
            return None
        if task != self._about:
            self._about, self.cursor = task, None
        if self._wanted is None or not self._wanted.is_for(task, up, figure):
            kept = next((each for each in self._kept if each.is_for(task, up, figure)), None)
            self._wanted = kept or _Wanted(task, up, figure)
            if kept is None:
                self._start_map(self._wanted)
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
    def cell(self) -> MapCell | None:
        """Where the cursor is on that map: at the run itself, until somebody moves it."""
        return None if self.map is None else self._cell_on(self.map)

    def _cell_on(self, found: RateMap) -> MapCell | None:
        pointed = None if self.cursor is None else _cell_of(found, self.cursor)
        return pointed or _cell_of(found, (self._about or found.task).config)

    def cancel(self) -> None:
        """Works nothing out any more; what is whole is kept."""
        self._wanted = self.cursor = None

    # Beside the keys

    def _start_map(self, wanted: _Wanted) -> None:
        if self._run is None:
            self._start(self._work(wanted))
        else:
            self._run(partial(self._whole, wanted), partial(self._arrived, wanted))

    def _pieces(self, wanted: _Wanted) -> Iterator[RateMap]:
        """What there is of a map, piece by piece, the whole last; no more once nobody waits for it. Shows some."""
        from quadfit_tui.core.rate_map.pieces import map_pieces
        from quadfit_tui.core.rate_map.rate_map import Figure, Up

        latest: list[RateMap] = []
        shown, pieces = self._clock(), self._pieces_of or map_pieces
        up, figure = Up(wanted.up), Figure(wanted.figure)
        for found in pieces(wanted.task, up, figure, first=lambda: self._cell_on(latest[-1]) if latest else None):
            if self._wanted is not wanted:
                return
            latest[:] = [found]
            if found.share < 1 and self._clock() - shown >= _SHOWN_EVERY:
                shown = self._clock()
                wanted.found = found
                self._tell()
            yield found

    def _whole(self, wanted: _Wanted) -> RateMap | None:
        """The whole map; None where nobody waits for it any more."""
        found = None
        for found in self._pieces(wanted):  # noqa: B007  the last one
            pass
        return found

    async def _work(self, wanted: _Wanted) -> None:
        """Works the map out between keys and frames: a thread would keep the interpreter from those for longer."""
        result: RateMap | Exception | None = None
        await self._yield_to_keys()
        try:
            for result in self._pieces(wanted):  # noqa: B007  the last one
                await self._yield_to_keys()
        except Exception as failure:  # is told in the place of the map
            result = failure
        self._arrived(wanted, result)

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
