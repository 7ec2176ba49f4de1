"""results: trains the cells of a sweep, in the process itself, in processes beside it, or by anybody's executor."""

from __future__ import annotations

import math
import multiprocessing
import os
import pickle
import platform
import signal
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from concurrent.futures.process import ProcessPoolExecutor
from contextlib import contextmanager
from itertools import chain
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any

import numpy as np

import quadfit_tui
from quadfit_tui.core.files import access
from quadfit_tui.core.model.cancellation import WorkCancelledError, cancel_unless
from quadfit_tui.core.text.language import N_, _, in_english
from quadfit_tui.sweeps.rows import ResultRows
from quadfit_tui.sweeps.space import Cells
from quadfit_tui.sweeps.work import SweepJob

_Trained = tuple[ResultRows, float]  # and the seconds that it took
MOST_JOBS = 1000  # processes, of some 40 MB each
_MOST_HERE = 61 if os.name == "nt" else MOST_JOBS  # Windows can wait for no more
PAYS = 0.7  # seconds of work from which on processes are worth their start
SECONDS = 0.5  # that a chunk should take: sending it costs a hundredth of that, and many runs go side by side
_LEAST_SECONDS = 0.2  # towards the end, when all workers are to have something to do
_GROWTH = 8  # how many times as large as one that was done the next may be: later cells may take longer
_TOLD = 0.05  # seconds that a chunk has to take to tell how long the rest will
_LOOK = 0.1  # seconds between two looks whether Ctrl+C was pressed, on systems that wake nobody for it
_IN_FLIGHT = 2  # chunks for each worker: one that it does, one that is there when it is done
_BY_ONE_THREAD = 10_000  # numbers that BLAS adds up in one thread, however many it has
_ONE_THREAD = dict.fromkeys([f"{name}_NUM_THREADS" for name in ("OPENBLAS", "OMP", "MKL", "BLIS")], "1")
_FAILED = N_("its process died twice")


class WorkersLostError(RuntimeError):
    """The rest of the cells is not trained; the text says why, in one line.

    `cells` are those that may be to blame. `sweep` is what the library has of the sweep.
    """

    cells: tuple[int, ...] = ()
    sweep: object = None


class OtherVersionError(ImportError):
    """A worker would not come to the same bits; the text says what is of another version there."""


def results(
    work: SweepJob,
    cells: Sequence[int] | Cells,
    *,
    jobs: int | Callable[[], int] | None = None,
    executor: Executor | None = None,
    suspects: Sequence[int] = (),
    pays: float = PAYS,
) -> Generator[ResultRows, None, None]:
    """Trains some cells of a sweep, and yields the rows of each chunk of them when it is done: in any order, each once.

    `jobs` is how many processes there are to be, None: as many as this one may use processors. With one, or less
    work than `pays` seconds, there are none beside this one. An `executor` is used in their place, any one: `jobs`
    is then how many workers it has, or a function that returns that, or raises WorkersLostError. The `suspects`
    among the cells are trained one by one first, each in a process beside this one; one that kills it comes as
    failed. What a cell comes to depends on none of this. To close the iterator ends it all. Raises WorkersLostError
    if a worker dies, or a chunk fails.
    """
    cells = np.asarray(cells, dtype=np.int64)
    suspected = np.isin(cells, suspects)
    yield from _one_by_one(work, cells[suspected])
    chunks = _Chunks(work.in_groups(cells[~suspected]))
    if executor is not None:
        yield from _sent(executor, chunks, jobs, _train_packed, versions(), pickle.dumps(work))
        return
    count = min(jobs if isinstance(jobs, int) else usable_processors(), _MOST_HERE, len(cells))
    if _adds_up_alone(work):
        yield from _here(work, chunks, count <= 1, pays)
    if chunks:
        with _processes(count, work) as pool:
            yield from _sent(pool, chunks, count, _train_kept)


def usable_processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _Chunks:
    """The cells still to be trained, in pieces of about half a second."""

    def __init__(self, cells: Cells) -> None:
        self._cells = cells
        self._size, self._cost = 1, 0.0

    def __bool__(self) -> bool:
        return bool(len(self._cells))

    @property
    def seconds_left(self) -> float:
        """About how long one worker takes for them."""
        return self._cost * len(self._cells)

    def next_chunk(self, workers: int) -> Cells:
        """Removes and returns the next one, for one of so many workers."""
        fair, least = len(self._cells) / workers, self._size * _LEAST_SECONDS / SECONDS
        chunk, self._cells = np.split(self._cells, [max(1, math.ceil(min(self._size, max(fair, least))))])
        return chunk

    def requeue(self, chunk: Cells) -> None:
        """Puts one back."""
        self._cells = np.concatenate([chunk, self._cells])

    def done(self, count: int, seconds: float) -> None:
        """Adapts the size of the next ones to what a chunk of so many cells took."""
        if count * _GROWTH >= self._size or seconds > SECONDS:  # else it is an old one, from before they grew
            self._cost = seconds / count
            self._size = max(1, round(min(count * SECONDS / max(seconds, 1e-6), count * _GROWTH)))


def _adds_up_alone(work: SweepJob) -> bool:
    """Whether this process comes to the same bits as one that has one thread of BLAS, as it may have several."""
    if os.environ.get("OPENBLAS_NUM_THREADS") == "1":
        return True
    if work.problem is not None:
        return len(work.problem.x) <= _BY_ONE_THREAD
    return not any(work.space.values("data")) and max(work.space.values("samples")) <= _BY_ONE_THREAD


def _here(work: SweepJob, chunks: _Chunks, alone: bool, pays: float) -> Iterator[ResultRows]:
    """Trains chunks in this process: all of them, or until it is known that processes beside it are worth it.

    By its processor time: on a busy machine others would take as much more.
    """
    ends = 0.0

    def goes_on() -> bool:
        return alone or time.thread_time() < ends

    while chunks:
        chunk, ends = chunks.next_chunk(1), time.thread_time() + pays
        try:
            with cancel_unless(goes_on):
                rows, seconds = _timed(work, chunk, time.thread_time)
        except WorkCancelledError:  # others would wait for it
            chunks.requeue(chunk)
            return
        except Exception as why:
            raise _lost(why, chunk) from why
        chunks.done(len(chunk), seconds)
        yield rows
        if not alone and seconds >= min(_TOLD, pays) and chunks.seconds_left > pays:
            return


def _sent(
    executor: Executor,
    chunks: _Chunks,
    jobs: int | Callable[[], int] | None,
    train: Callable[..., _Trained],
    *given: object,
) -> Iterator[ResultRows]:
    """The rows of each chunk when it is done, of which a few are with each worker of an executor."""
    sent: dict[Future[_Trained], Cells] = {}
    blamed: list[Cells] = []
    try:
        while chunks or sent:
            count = jobs() if callable(jobs) else jobs or getattr(executor, "_max_workers", None) or usable_processors()
            while chunks and len(sent) < _IN_FLIGHT * count:
                blamed = [chunks.next_chunk(count)]
                sent[executor.submit(train, *given, *blamed)] = blamed[0]
            for future in wait(sent, _LOOK, FIRST_COMPLETED).done:
                blamed = [sent[future]]
                rows, seconds = future.result()
                chunks.done(len(sent.pop(future)), seconds)
                yield rows
    except Exception as why:
        if isinstance(why, BrokenExecutor):  # any of them may have been the last straw
            blamed += sent.values()
        raise _lost(why, {*chain(*blamed)}) from why
    finally:
        for future in sent:
            future.cancel()


def _lost(why: BaseException, cells: Iterable[int]) -> WorkersLostError:
    """Why there is no more of a sweep; cells are to blame unless the workers have been left, or are others."""
    if isinstance(why, WorkersLostError):
        return why
    if isinstance(why, CancelledError):
        return WorkersLostError(_("nobody is there any more who trains"))
    text = " ".join(str(why).split())
    told = text if isinstance(why, OtherVersionError) else f"{type(why).__name__}: {text}"
    lost = WorkersLostError(_("training has failed: {problem}").format(problem=told))
    if isinstance(why, BrokenExecutor):
        lost = WorkersLostError(_("a process that trains has died"))
    if not isinstance(why, ImportError):  # for which it is not what is trained, but who trains
        lost.cells = tuple(map(int, cells))
    return lost


def _one_by_one(work: SweepJob, cells: Cells) -> Iterator[ResultRows]:
    """Trains each cell in a process beside this one, and then the next one: some at a time come back.

    One whose process dies has another try, since somebody may have killed it, and fails if that dies, too.
    """
    left, found, told = cells.tolist(), list[ResultRows](), time.monotonic()
    retried = set[int]()
    while left:
        with _processes(1, work) as pool:
            is_alive = True
            while left and is_alive:
                cell = left.pop(0)
                try:
                    found.append(pool.submit(_train_kept, np.array([cell])).result()[0])
                except Exception as why:
                    is_alive = not isinstance(why, BrokenExecutor)
                    if not is_alive and cell not in retried:
                        retried.add(cell)
                        left.insert(0, cell)
                        continue
                    with in_english():  # for it stands in files
                        found.append(ResultRows.failed([cell], _(_FAILED) if not is_alive else str(_lost(why, ()))))
                if not left or time.monotonic() > told + SECONDS:
                    yield ResultRows.joined(found)
                    found, told = [], time.monotonic()


# Processes of the program's own


class _Worker(SpawnProcess):
    """A process that runs nothing of the main program again, has one thread of BLAS, and hears no Ctrl+C."""

    def start(self) -> None:
        """Starts it; raises OSError."""
        main = vars(sys.modules["__main__"])
        before = {name: os.environ.get(name) for name in _ONE_THREAD}
        hidden: dict[str, Any] = {name: main[name] for name in ("__file__", "__spec__") if name in main}
        blocks = hasattr(signal, "pthread_sigmask")
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if blocks else set()  # which it has, too
        os.environ |= _ONE_THREAD
        main.update(dict.fromkeys(hidden))
        try:
            super().start()
        finally:
            main.update(hidden)
            for name, value in before.items():
                os.environ.pop(name)
                os.environ |= {} if value is None else {name: value}
            if blocks:
                signal.pthread_sigmask(signal.SIG_SETMASK, mask)


class _Workers(SpawnContext):
    """What starts the processes of a pool; `started` are those that it has."""

    def __init__(self) -> None:
        self.started: list[_Worker] = []

    def Process(self, *args: Any, **named: Any) -> _Worker:  # type: ignore[override]  # noqa: N802  its name there
        """Makes one."""
        self.started.append(_Worker(*args, **named))
        return self.started[-1]


@contextmanager
def _processes(count: int, work: SweepJob) -> Iterator[Executor]:
    """So many processes, which end at once, whatever they do, with this context or with the program."""
    workers = _Workers()
    given = access.is_confined(), access.given_folder(), pickle.dumps(work)
    pool = ProcessPoolExecutor(count, workers, _init_process, given)
    try:
        yield pool
    finally:
        for worker in workers.started:
            if worker.pid:  # else it could not be started
                worker.kill()
        pool.shutdown(cancel_futures=True)


# What the workers do


def versions() -> dict[str, str]:
    """What the bits of a run depend on, but for the processor."""
    python = ".".join(platform.python_version_tuple()[:2])
    return {"quadfit-tui": quadfit_tui.__version__, "NumPy": np.__version__, "Python": python}


def _init_process(confined: bool, folder: str | None, packed: bytes) -> None:
    if os.name == "nt":  # which has no masks
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    access.configure(confined, folder)
    _store_job(packed)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _timed(work: SweepJob, cells: Cells, clock: Callable[[], float] = time.perf_counter) -> _Trained:
    """What some cells come to, and the seconds that this took."""
    started = clock()
    rows = work.train(cells.tolist())
    return rows, clock() - started


_own = threading.local()  # the work, which is not unpacked again for each chunk, nor used by two threads


def _store_job(packed: bytes) -> None:
    if getattr(_own, "packed", None) != packed:
        _own.work, _own.packed = pickle.loads(packed), packed


def _train_kept(cells: Cells) -> _Trained:
    return _timed(_own.work, cells)


def _train_packed(expected: dict[str, str], packed: bytes, cells: Cells) -> _Trained:
    for name, version in versions().items():
        if expected[name] != version:
            raise OtherVersionError(f"a worker has {name} {version}, and the program {expected[name]}")
    _store_job(packed)
    return _timed(_own.work, cells)
