"""A cluster of Dask as an executor: the chunks of a sweep on many machines, by distributed (the extra `cluster`).

If a worker dies, Dask gives its work to others. A worker with another version of the program, NumPy or Python fails its
first chunk (`engine.py`).
"""

from __future__ import annotations

import logging
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager, suppress
from functools import partial
from importlib.util import find_spec
from typing import TypeVar

from quadfit_tui.core.text.language import _
from quadfit_tui.core.text.quoting import quoted, with_allowed, with_problem
from quadfit_tui.sweeps.engines.engine import WorkersLostError

_Result = TypeVar("_Result")
_ANSWER = 10.0  # seconds in which a scheduler must answer
_PATIENCE = 20.0  # seconds without any worker, or any answer, after which a sweep gives up
_LOOK = 1.0  # seconds between two looks at the workers


class ClusterError(WorkersLostError):
    """A cluster cannot be used, or no longer; the text says why in one line, which begins with its address."""


@contextmanager
def connected(address: str, seconds: float = _ANSWER) -> Iterator[tuple[Executor, Callable[[], int]]]:
    """Connects to a Dask scheduler; yields its workers as an executor, and a function that counts their cores.

    That function raises ClusterError if there has been no worker for a while. Raises ClusterError if distributed is not
    installed, or if the scheduler does not answer within so many `seconds`.
    """
    if find_spec("distributed") is None:
        problem = _("takes Dask's distributed to use (pip install '.[cluster]' in a clone of the repository)")
        raise ClusterError(with_problem(quoted(address), problem))
    from distributed import Client

    # These loggers would print to the terminal.
    for name in ("asyncio", "distributed", "distributed.client", "tornado", "tornado.application"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    warnings.filterwarnings("ignore", module="distributed")
    try:
        client = _within(seconds + 1, partial(Client, address, timeout=seconds, set_as_default=False))
    except Exception:
        allowed = _("what 'dask scheduler' tells as its address, such as tcp://192.168.0.7:8786")
        problem = with_problem(quoted(address), _("does not answer as a Dask scheduler does"))
        raise ClusterError(with_allowed(problem, allowed)) from None
    workers, seen, closed = 0, time.monotonic(), threading.Event()

    def watch() -> None:
        nonlocal workers, seen
        while not closed.is_set():
            with suppress(Exception):  # a scheduler that does not answer may do so later
                cores = sum(client.ncores().values())
                if cores:
                    workers, seen = cores, time.monotonic()
            closed.wait(_LOOK)

    def count() -> int:
        if time.monotonic() > seen + _PATIENCE:
            template = _("has had no workers for {seconds} seconds, or does not answer")
            raise ClusterError(with_problem(quoted(address), template.format(seconds=f"{_PATIENCE:.0f}")))
        return workers

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield client.get_executor(pure=False), count
    finally:
        closed.set()
        with suppress(Exception):  # a scheduler that is gone cannot be left
            _within(2 * _LOOK, partial(client.close, _LOOK))


def _within(seconds: float, call: Callable[[], _Result]) -> _Result:
    """Calls a function in a thread and returns its result; raises TimeoutError if it takes longer than some seconds.

    Dask's own timeouts do not end if the other side is silent.
    """
    future: Future[_Result] = Future()

    def run() -> None:
        try:
            future.set_result(call())
        except BaseException as reason:
            future.set_exception(reason)

    threading.Thread(target=run, daemon=True).start()
    return future.result(seconds)
