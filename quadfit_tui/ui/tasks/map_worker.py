"""MapWorker: the map of the current run, computed between keys while it is visible, and the maps computed before."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.model.task import FitTask
from quadfit_tui.ui.tasks.diagnosis_worker import Runner

# The module of maps is imported when one is computed: most sessions show none.
if TYPE_CHECKING:
    from quadfit_tui.core.rate_map.rate_map import RateMap

MapCell = tuple[int, int]  # row, column of a map
_SHOWN_EVERY = 0.25  # seconds between two frames of a map that is being computed
_MOST_KEPT = 6  # maximum number of complete maps in memory


@lru_cache(maxsize=4)  # every frame looks up the same cells
def _cell_of(rate_map: RateMap, config: RunConfig) -> MapCell | None:
    return rate_map.cell_of(config)


@dataclass(eq=False)
class _MapRequest:
    """A request for a map of a task, and its result so far.

    `up`: the quantity of the vertical axis; `figure`: the quantity of the colors; `rate_map`: the map as far as it is
    computed; `failed`: the error if it could not be.
    """

    task: FitTask
    up: str
    figure: str
    rate_map: RateMap | None = None
    failed: str = ""

    def is_for(self, task: FitTask, up: str, figure: str) -> bool:
        """Whether this map also serves a request for a task: for the same one, or one that has a cell on the map."""
        if (self.up, self.figure) != (up, figure) or self.task.problem is not task.problem:
            return False
        return self.task == task or (self.rate_map is not None and _cell_of(self.rate_map, task.config) is not None)


class MapWorker:
    """The owner of the current run's map, which it computes piece by piece, the part near the cursor first.

    It keeps complete maps of the same samples. `cursor` is the configuration of the cell that the user points to.
    `notify` is called when more of the map is computed. `why_withheld` returns why a lesson hides the map now, empty
    if it does not. `start` runs a coroutine that computes a map, and lets keys pass by `yield_to_keys` between pieces;
    with a `runner`, the map is one job of that instead. `pieces` computes maps as map_pieces does, which is the
    default.
    """

    def __init__(
        self,
        notify: Callable[[], None],
        start: Callable[[Coroutine[Any, Any, None]], object],
        yield_to_keys: Callable[[], Awaitable[None]],
        why_withheld: Callable[[], str] = lambda: "",
        runner: Runner | None = None,
        pieces: Callable[..., Iterator[RateMap]] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.cursor: RunConfig | None = None
        self._notify = notify
        self._start = start
        self._yield_to_keys = yield_to_keys
        self._why_withheld = why_withheld
        self._run = runner
        self._pieces_of = pieces
        self._clock = clock
        self._request: _MapRequest | None = None  # the newest one
        self._complete: list[_MapRequest] = []  # complete maps, the newest last
        self._task: FitTask | None = None  # the run of the last request

    def get_or_start(self, task: FitTask, up: str, figure: str) -> RateMap | None:
        """Returns the map of a run as far as it is computed, and starts computing it if necessary."""
        if self._why_withheld():
            self.cancel()
            return None
        if task != self._task:
            self._task, self.cursor = task, None
        if self._request is None or not self._request.is_for(task, up, figure):
            complete = next((request for request in self._complete if request.is_for(task, up, figure)), None)
            self._request = complete or _MapRequest(task, up, figure)
            if complete is None:
                self._start_map(self._request)
        return self.map

    @property
    def map(self) -> RateMap | None:
        """The map of the last request as far as it is computed, or None if no part of it is."""
        return None if self._request is None else self._request.rate_map

    @property
    def why_none(self) -> str:
        """Why there is no map, as a sentence for the user; empty if there is one or it is being computed."""
        return self._why_withheld() or ("" if self._request is None else self._request.failed)

    @property
    def cell(self) -> MapCell | None:
        """The cell of the cursor on the map, which is that of the run until the user moves it; None without a map."""
        return None if self.map is None else self._cell_on(self.map)

    def _cell_on(self, rate_map: RateMap) -> MapCell | None:
        """Returns the cell of the cursor, or else of the current run, on a map."""
        pointed = None if self.cursor is None else _cell_of(rate_map, self.cursor)
        return pointed or _cell_of(rate_map, (self._task or rate_map.task).config)

    def cancel(self) -> None:
        """Cancels the computation of a map; complete maps are kept."""
        self._request = self.cursor = None

    # The computation

    def _start_map(self, request: _MapRequest) -> None:
        """Starts computing a map between keys, or as one job of the runner."""
        if self._run is None:
            self._start(self._work(request))
        else:
            self._run(partial(self._compute, request), partial(self._arrived, request))

    def _pieces(self, request: _MapRequest) -> Iterator[RateMap]:
        """Yields ever fuller maps, the complete one last, and shows some of them; stops if the request is replaced."""
        from quadfit_tui.core.rate_map.pieces import map_pieces
        from quadfit_tui.core.rate_map.rate_map import Figure, Up

        latest: list[RateMap] = []
        shown_at, pieces = self._clock(), self._pieces_of or map_pieces
        up, figure = Up(request.up), Figure(request.figure)
        for rate_map in pieces(request.task, up, figure, first=lambda: self._cell_on(latest[-1]) if latest else None):
            if self._request is not request:
                return
            latest[:] = [rate_map]
            if rate_map.share < 1 and self._clock() - shown_at >= _SHOWN_EVERY:
                shown_at = self._clock()
                request.rate_map = rate_map
                self._notify()
            yield rate_map

    def _compute(self, request: _MapRequest) -> RateMap | None:
        """Computes a map and returns the last piece; the job of a runner."""
        rate_map = None
        for rate_map in self._pieces(request):  # noqa: B007  the last one
            pass
        return rate_map

    async def _work(self, request: _MapRequest) -> None:
        """Computes a map between keys and frames: a thread would keep the interpreter's lock for longer."""
        result: RateMap | Exception | None = None
        await self._yield_to_keys()
        try:
            for result in self._pieces(request):  # noqa: B007  the last one
                await self._yield_to_keys()
        except Exception as failure:  # it is shown in place of the map
            result = failure
        self._arrived(request, result)

    def _arrived(self, request: _MapRequest, result: object) -> None:
        """Stores the complete map or the exception that its computation raised, unless the request is replaced."""
        if self._request is not request:
            return
        if isinstance(result, Exception):
            request.failed = str(result) or type(result).__name__
        else:
            request.rate_map = result  # type: ignore[assignment]  # the map
            same_samples = [other for other in self._complete if other.task.problem is request.task.problem]
            self._complete = [*same_samples, request][-_MOST_KEPT:]
        self._notify()
