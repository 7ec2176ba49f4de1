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

_Trained = tuple[ResultRows, float]  # the rows of a chunk, and the seconds that it took
MOST_JOBS = 1000  # processes, of some 40 MB each
_MOST_HERE = 61 if os.name == "nt" else MOST_JOBS  # Windows cannot wait for more
PAYS = 0.7  # seconds of work that make the start of processes worth its time
SECONDS = 0.5  # aim for the time of a chunk: sending it costs a hundredth of that, and many runs go side by side
_LEAST_SECONDS = 0.2  # aim towards the end, so that all workers have something to do
_GROWTH = 8  # largest factor from one chunk's size to the next one's: later cells may take longer
_TOLD = 0.05  # seconds that a chunk must take before it predicts the time of the rest
_LOOK = 0.1  # seconds between two checks for Ctrl+C, on systems where it does not interrupt a wait
_IN_FLIGHT = 2  # chunks sent to each worker: one in work, and one that waits
_BY_ONE_THREAD = 10_000  # numbers that BLAS sums in one thread, however many it has
_ONE_THREAD = dict.fromkeys([f"{name}_NUM_THREADS" for name in ("OPENBLAS", "OMP", "MKL", "BLIS")], "1")
_FAILED = N_("its process died twice")


class WorkersLostError(RuntimeError):
    """Training of a sweep had to stop, as workers died or failed; the text says why, in one line.

    `cells` are those that may be to blame. `sweep` is the library's Sweep of the runs that were done.
    """

    cells: tuple[int, ...] = ()
    sweep: object = None


class OtherVersionError(ImportError):
    """A worker has another version of something on which the bits of results depend; the text names it."""


def results(
    work: SweepJob,
    cells: Sequence[int] | Cells,
    *,
    jobs: int | Callable[[], int] | None = None,
    executor: Executor | None = None,
    suspects: Sequence[int] = (),
    pays: float = PAYS,
) -> Generator[ResultRows, None, None]:
    """Trains some cells of a sweep, and yields the rows of each chunk when it is done: in any order, each cell once.

    `jobs` is the number of processes, None: as many as the processors that this process may use. With one, or with less
    work than `pays` seconds, this process trains all cells itself. An `executor` of any kind replaces the processes:
    `jobs` is then the number of its workers, or a function that returns it or raises WorkersLostError. The `suspects`
    among the cells are trained first, each alone in a process; one that kills its process yields a failed row. The
    results of a cell depend on none of this. Closing the iterator stops all workers. Raises WorkersLostError if a
    worker dies, or a chunk fails.
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
    """Returns the number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _Chunks:
    """A queue of the cells that must still be trained; returns chunks of about half a second."""

    def __init__(self, cells: Cells) -> None:
        self._cells = cells
        self._size, self._cost = 1, 0.0

    def __bool__(self) -> bool:
        return bool(len(self._cells))

    @property
    def seconds_left(self) -> float:
        """The estimated seconds that one worker takes for the remaining cells."""
        return self._cost * len(self._cells)

    def next_chunk(self, workers: int) -> Cells:
        """Removes and returns the next chunk; towards the end chunks are smaller, so that all `workers` have one."""
        fair, least = len(self._cells) / workers, self._size * _LEAST_SECONDS / SECONDS
        chunk, self._cells = np.split(self._cells, [max(1, math.ceil(min(self._size, max(fair, least))))])
        return chunk

    def requeue(self, chunk: Cells) -> None:
        """Puts a chunk back to the front, as its training was cancelled."""
        self._cells = np.concatenate([chunk, self._cells])

    def done(self, count: int, seconds: float) -> None:
        """Adapts the size of later chunks to the seconds that one of `count` cells took; called after each chunk."""
        if count * _GROWTH >= self._size or seconds > SECONDS:  # else it is an old chunk, from before they grew
            self._cost = seconds / count
            self._size = max(1, round(min(count * SECONDS / max(seconds, 1e-6), count * _GROWTH)))


def _adds_up_alone(work: SweepJob) -> bool:
    """Whether this process computes the same bits as workers, whose BLAS has one thread where its own may have more."""
    if os.environ.get("OPENBLAS_NUM_THREADS") == "1":
        return True
    if work.problem is not None:
        return len(work.problem.x) <= _BY_ONE_THREAD
    return not any(work.space.values("data")) and max(work.space.values("samples")) <= _BY_ONE_THREAD


def _here(work: SweepJob, chunks: _Chunks, alone: bool, pays: float) -> Iterator[ResultRows]:
    """Trains chunks in this process: all of them if `alone`, else until other processes would be worth their start.

    Measures processor time: on a busy machine, other processes would be as slow.
    """
    ends = 0.0

    def goes_on() -> bool:
        return alone or time.thread_time() < ends

    while chunks:
        chunk, ends = chunks.next_chunk(1), time.thread_time() + pays
        try:
            with cancel_unless(goes_on):
                rows, seconds = _timed(work, chunk, time.thread_time)
        except WorkCancelledError:  # the chunk takes too long for one process, and others would have to wait
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
    *arguments: object,
) -> Iterator[ResultRows]:
    """Sends chunks to the workers of an executor, some to each; yields the rows of each chunk when it is done.

    `train` is called with `arguments` and the chunk.
    """
    sent: dict[Future[_Trained], Cells] = {}
    blamed: list[Cells] = []
    try:
        while chunks or sent:
            count = _workers_of(executor, jobs)
            while chunks and len(sent) < _IN_FLIGHT * count:
                blamed = [chunks.next_chunk(count)]
                sent[executor.submit(train, *arguments, *blamed)] = blamed[0]
            for future in wait(sent, _LOOK, FIRST_COMPLETED).done:
                blamed = [sent[future]]
                rows, seconds = future.result()
                chunks.done(len(sent.pop(future)), seconds)
                yield rows
    except Exception as why:
        if isinstance(why, BrokenExecutor):  # any chunk in work may have killed the process
            blamed += sent.values()
        raise _lost(why, {*chain(*blamed)}) from why
    finally:
        for future in sent:
            future.cancel()


def _workers_of(executor: Executor, jobs: int | Callable[[], int] | None) -> int:
    """Returns the number of an executor's workers: as the caller says, or as the executor does, or by processors."""
    if callable(jobs):
        return jobs()
    return jobs or getattr(executor, "_max_workers", None) or usable_processors()


def _lost(why: BaseException, cells: Iterable[int]) -> WorkersLostError:
    """Returns the WorkersLostError for an exception of a worker.

    Blames the cells, unless the workers were closed, or have another version.
    """
    if isinstance(why, WorkersLostError):
        return why
    if isinstance(why, CancelledError):
        return WorkersLostError(_("nobody is there any more who trains"))
    problem = " ".join(str(why).split())
    if not isinstance(why, OtherVersionError):
        problem = f"{type(why).__name__}: {problem}"
    lost = WorkersLostError(_("training has failed: {problem}").format(problem=problem))
    if isinstance(why, BrokenExecutor):
        lost = WorkersLostError(_("a process that trains has died"))
    if not isinstance(why, ImportError):  # the worker's installation causes these, not the cells
        lost.cells = tuple(map(int, cells))
    return lost


def _one_by_one(work: SweepJob, cells: Cells) -> Iterator[ResultRows]:
    """Trains suspect cells one after another in a process beside this one; yields their rows twice a second.

    A cell whose process dies is retried once, since somebody may have killed it, and fails if it dies again.
    """
    left, trained, yielded = cells.tolist(), list[ResultRows](), time.monotonic()
    retried = set[int]()
    while left:
        with _processes(1, work) as pool:
            is_alive = True
            while left and is_alive:
                cell = left.pop(0)
                try:
                    trained.append(pool.submit(_train_kept, np.array([cell])).result()[0])
                except Exception as why:
                    is_alive = not isinstance(why, BrokenExecutor)
                    if not is_alive and cell not in retried:
                        retried.add(cell)
                        left.insert(0, cell)
                        continue
                    with in_english():  # files have the reason in English
                        reason = str(_lost(why, ())) if is_alive else _(_FAILED)
                        trained.append(ResultRows.failed([cell], reason))
                if not left or time.monotonic() > yielded + SECONDS:
                    yield ResultRows.joined(trained)
                    trained, yielded = [], time.monotonic()


# Processes of the program's own


class _Worker(SpawnProcess):
    """A process that does not import the main program again, has one thread of BLAS, and ignores Ctrl+C."""

    def start(self) -> None:
        """Starts the process, with environment, main module and signal mask changed meanwhile; raises OSError."""
        main = vars(sys.modules["__main__"])
        before = {name: os.environ.get(name) for name in _ONE_THREAD}
        hidden: dict[str, Any] = {name: main[name] for name in ("__file__", "__spec__") if name in main}
        blocks = hasattr(signal, "pthread_sigmask")
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if blocks else set()  # the process inherits it
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
    """A multiprocessing context that starts the _Worker processes of a pool, and lists them in `started`."""

    def __init__(self) -> None:
        self.started: list[_Worker] = []

    def Process(self, *args: Any, **named: Any) -> _Worker:  # type: ignore[override]  # noqa: N802  its name there
        """Makes a process that is not started yet; called by the pool."""
        self.started.append(_Worker(*args, **named))
        return self.started[-1]


@contextmanager
def _processes(count: int, work: SweepJob) -> Iterator[Executor]:
    """Opens a pool of so many processes, which are killed at once when the context, or the program, ends."""
    workers = _Workers()
    arguments = access.is_confined(), access.command_line_folder(), pickle.dumps(work)
    pool = ProcessPoolExecutor(count, workers, _init_process, arguments)
    try:
        yield pool
    finally:
        for worker in workers.started:
            if worker.pid:  # None if the process could not be started
                worker.kill()
        pool.shutdown(cancel_futures=True)


# What the workers do


def versions() -> dict[str, str]:
    """Returns the versions of software on which the bits of results depend, to compare those of workers."""
    python = ".".join(platform.python_version_tuple()[:2])
    return {"quadfit-tui": quadfit_tui.__version__, "NumPy": np.__version__, "Python": python}


def _init_process(confined: bool, folder: str | None, packed: bytes) -> None:
    """Prepares a worker process: its end with the parent, file access, and the job; called by the pool at its start."""
    if os.name == "nt":  # Windows has no signal masks
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    access.configure(confined, folder)
    _store_job(packed)


def _end_with_parent() -> None:
    """Waits for the parent process to end, and ends this one; runs in a thread of a worker."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _timed(work: SweepJob, cells: Cells, clock: Callable[[], float] = time.perf_counter) -> _Trained:
    """Trains some cells; returns their rows and the seconds that it took."""
    started = clock()
    rows = work.train(cells.tolist())
    return rows, clock() - started


_own = threading.local()  # the job of this thread: unpickled once, not for each chunk, and never shared by two threads


def _store_job(packed: bytes) -> None:
    """Unpickles the job into this thread, unless it has that already."""
    if getattr(_own, "packed", None) != packed:
        _own.work, _own.packed = pickle.loads(packed), packed


def _train_kept(cells: Cells) -> _Trained:
    """Trains a chunk of the job that _init_process stored; called in a worker process."""
    return _timed(_own.work, cells)


def _train_packed(expected: dict[str, str], packed: bytes, cells: Cells) -> _Trained:
    """Trains a chunk of a pickled job in a worker of any executor; raises OtherVersionError if its versions differ."""
    for name, version in versions().items():
        if expected[name] != version:
            raise OtherVersionError(f"a worker has {name} {version}, and the program {expected[name]}")
    _store_job(packed)
    return _timed(_own.work, cells)
