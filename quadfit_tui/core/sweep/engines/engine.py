"""results: trains the cells of a sweep, in the process itself, in processes beside it, or by anybody's executor."""

from __future__ import annotations

import os
import pickle
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait

import numpy as np

from quadfit_tui.core.model.cancellation import WorkCancelledError, cancel_unless
from quadfit_tui.core.sweep.engines.chunks import Chunk, Chunks, told
from quadfit_tui.core.sweep.engines.workers import Workers
from quadfit_tui.core.sweep.rows import Rows
from quadfit_tui.core.sweep.space import Cells
from quadfit_tui.core.sweep.work import Work
from quadfit_tui.core.text.language import _

_Trained = tuple[Rows, float]  # and the seconds that it took
MOST_JOBS = 1000  # processes, of some 40 MB each
PAYS = 0.7  # seconds of work from which on processes are worth their start
_TOLD = 0.05  # seconds that a chunk has to take to tell how long the rest will
_LOOK = 0.1  # seconds between two looks whether Ctrl+C was pressed, on systems that wake nobody for it
_IN_FLIGHT = 2  # chunks for each worker: one that it does, one that is there when it is done
_PATIENCE = 8  # times that workers are asked whether they are there, between two chunks that they have done
_BY_ONE_THREAD = 10_000  # numbers that BLAS adds up in one thread, however many it has
_PAUSE = 0.1  # seconds after the first time, then twice as long each time: 25 s in all


class WorkersLostError(RuntimeError):
    """There is nobody any more who would train the rest of the cells; the text says why, in one line.

    `sweep` is what the library has of the sweep.
    """

    sweep: object = None


def results(
    work: Work, cells: Sequence[int] | Cells, *, jobs: int | None = None, executor: Executor | None = None
) -> Generator[Rows, None, None]:
    """Trains some cells of a sweep, and gives the rows of each chunk of them when it is done: in any order, each once.

    `jobs` is how many processes there are to be, None: as many as this one may use processors. With one, and where
    there is little work, there are none beside this one. An `executor` is used in their place, any one: `jobs` is then
    how many workers it has, None: as many as it says. What a cell comes to does not depend on any of this. Cells that
    are lost, with whoever was to train them, are sent again; one that is lost three times alone comes as failed. To
    close the iterator ends it all. Raises WorkersLostError where an executor trains nothing any more.
    """
    chunks = Chunks(work.in_groups(cells))
    if executor is not None:
        yield from _Deliveries(executor, chunks, jobs, _train_packed, pickle.dumps(work)).rows()
        return
    count = min(jobs or usable_processors(), len(cells))
    if _adds_up_alone(work):
        yield from _here(work, chunks, count <= 1)
    if chunks:
        with Workers(count, _keep, pickle.dumps(work)) as workers:
            yield from _Deliveries(workers, chunks, count, _train_kept).rows()


def usable_processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _adds_up_alone(work: Work) -> bool:
    """Whether this process comes to the same bits as one that has one thread of BLAS, as it may have several."""
    if os.environ.get("OPENBLAS_NUM_THREADS") == "1":
        return True
    if work.problem is not None:
        return len(work.problem.x) <= _BY_ONE_THREAD
    return not any(work.space.values("data")) and max(work.space.values("samples")) <= _BY_ONE_THREAD


def _here(work: Work, chunks: Chunks, alone: bool) -> Iterator[Rows]:
    """Trains chunks in this process: all of them, or until it is known that processes beside it are worth it.

    By its processor time: on a busy machine others would take as much more.
    """
    ends = 0.0

    def goes_on() -> bool:
        return alone or time.thread_time() < ends

    while chunks:
        chunk, ends = chunks.take(1), time.thread_time() + PAYS
        try:
            with cancel_unless(goes_on):
                rows, seconds = _timed(work, chunk.cells, time.thread_time)
        except WorkCancelledError:  # others would wait for it
            chunks.again(chunk)
            return
        except Exception as why:
            yield from chunks.lost(chunk, why)
        else:
            chunks.done(chunk, seconds)
            yield rows
            if not alone and seconds >= _TOLD and chunks.seconds_left > PAYS:
                return


class _Deliveries:
    """The chunks that are with an executor, a few for each of its workers; what is lost is sent again.

    Before a loss is put down to the cells it is asked whether anybody is there who could train them.
    """

    def __init__(
        self, executor: Executor, chunks: Chunks, jobs: int | None, train: Callable[..., _Trained], *given: object
    ) -> None:
        self._executor, self._chunks, self._jobs, self._train, self._given = executor, chunks, jobs, train, given
        self._sent: dict[Future[_Trained], Chunk] = {}  # without cells: the question whether anybody is there
        self._lost: list[tuple[Chunk, Exception]] = []
        self._blames = True  # the cells for it
        self._setbacks = 0  # since a chunk was done

    def rows(self) -> Iterator[Rows]:
        """The rows of each chunk when it is done."""
        try:
            while self._chunks or self._sent or self._lost:
                self._send()
                for future in wait(self._sent, _LOOK, FIRST_COMPLETED).done:
                    yield from self._arrived(future, self._sent.pop(future))
        finally:
            for future in self._sent:
                future.cancel()

    @property
    def _count(self) -> int:
        """How many workers there are, by what the executor says now: those of a cluster come and go."""
        return self._jobs or getattr(self._executor, "_max_workers", None) or usable_processors()

    def _send(self) -> None:
        try:
            if self._lost:
                if all(len(chunk.cells) for chunk in self._sent.values()):
                    self._submit(Chunk(np.empty(0, dtype=np.int64)))
                return
            while self._chunks and len(self._sent) < _IN_FLIGHT * self._count and not self._must_wait():
                self._submit(self._chunks.take(self._count))
        except Exception as why:
            self._set_back(why, for_good=isinstance(why, BrokenExecutor | RuntimeError))

    def _must_wait(self) -> bool:
        """Whether a suspect is there: it goes alone, since a worker that dies takes along what waits for it, too."""
        return any(chunk.is_suspect for chunk in self._sent.values()) or (
            self._chunks.has_suspect_next and bool(self._sent)
        )

    def _submit(self, chunk: Chunk) -> None:
        try:
            future = self._executor.submit(self._train, *self._given, chunk.cells)
        except Exception:
            if len(chunk.cells):
                self._chunks.again(chunk)
            raise
        self._sent[future] = chunk

    def _arrived(self, future: Future[_Trained], chunk: Chunk) -> Iterator[Rows]:
        try:
            rows, seconds = future.result()
        except Exception as why:
            if len(chunk.cells):
                self._lost.append((chunk, why))
            else:
                self._set_back(why)
        else:
            if len(chunk.cells):
                self._setbacks = 0
                self._chunks.done(chunk, seconds)
                yield rows
            else:
                yield from self._sent_again()

    def _sent_again(self) -> Iterator[Rows]:
        for chunk, why in self._lost:
            if self._blames:
                yield from self._chunks.lost(chunk, why)
            else:
                self._chunks.again(chunk)
        self._lost.clear()
        self._blames = True

    def _set_back(self, why: Exception, for_good: bool = False) -> None:
        """Nobody is there: waits, longer each time; raises WorkersLostError where it is no use."""
        self._setbacks += 1
        self._blames = False
        if isinstance(why, WorkersLostError):
            raise why
        if for_good or self._setbacks >= _PATIENCE:
            problem = _("there is no worker any more: {problem}").format(problem=told(why))
            raise WorkersLostError(problem) from why
        time.sleep(_PAUSE * 2**self._setbacks)


# What the workers do


def _timed(work: Work, cells: Cells, clock: Callable[[], float] = time.perf_counter) -> _Trained:
    """What some cells come to, and the seconds that this took."""
    started = clock()
    rows = work.train(cells.tolist()) if len(cells) else Rows.empty(0)
    return rows, clock() - started


_own = threading.local()  # the work, which is not unpacked again for each chunk, nor used by two threads


def _keep(packed: bytes) -> None:
    if getattr(_own, "packed", None) != packed:
        _own.work, _own.packed = pickle.loads(packed), packed


def _train_kept(cells: Cells) -> _Trained:
    return _timed(_own.work, cells)


def _train_packed(packed: bytes, cells: Cells) -> _Trained:
    _keep(packed)
    return _timed(_own.work, cells)
