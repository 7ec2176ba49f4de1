"""A cluster of Dask as an executor: the chunks of a sweep on many machines, by distributed (the extra `cluster`).

A worker that dies costs the time of what it did: Dask hands that on to others. What the workers have of another version
is told by the first chunk (`engine.py`).
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

_Found = TypeVar("_Found")
_ANSWER = 10.0  # seconds in which a scheduler answers
_PATIENCE = 20.0  # seconds without any worker, or any answer
_LOOK = 1.0  # seconds between two looks at the workers


class ClusterError(WorkersLostError):
    """Why a cluster cannot be used, or not any more: one line, which begins with its address."""


@contextmanager
def connected(address: str, seconds: float = _ANSWER) -> Iterator[tuple[Executor, Callable[[], int]]]:
    """The workers of a scheduler as an executor, and a function that returns how many they are.

    Raises ClusterError, also if the scheduler does not answer within some `seconds`.
    """
    if find_spec("distributed") is None:
        problem = _("takes Dask's distributed to use (pip install '.[cluster]' in a clone of the repository)")
        raise ClusterError(with_problem(quoted(address), problem))
    from distributed import Client

    for name in ("asyncio", "distributed", "distributed.client", "tornado", "tornado.application"):  # which would print
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
            with suppress(Exception):  # nobody answers, now or for good
                if found := sum(client.ncores().values()):
                    workers, seen = found, time.monotonic()
            closed.wait(_LOOK)

    def count() -> int:
        if time.monotonic() > seen + _PATIENCE:
            told = _("has had no workers for {seconds} seconds, or does not answer")
            raise ClusterError(with_problem(quoted(address), told.format(seconds=f"{_PATIENCE:.0f}")))
        return workers

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield client.get_executor(pure=False), count
    finally:
        closed.set()
        with suppress(Exception):  # a scheduler that is gone cannot be left
            _within(2 * _LOOK, partial(client.close, _LOOK))


def _within(seconds: float, call: Callable[[], _Found]) -> _Found:
    """What a call gives; raises TimeoutError: Dask's own timeouts do not hold where somebody is silent."""
    found: Future[_Found] = Future()

    def run() -> None:
        try:
            found.set_result(call())
        except BaseException as reason:
            found.set_exception(reason)

    threading.Thread(target=run, daemon=True).start()
    return found.result(seconds)
