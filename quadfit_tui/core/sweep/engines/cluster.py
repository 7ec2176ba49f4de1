"""A cluster of Dask as an executor: the chunks of a sweep on many machines, by distributed (the extra `cluster`).

What is sent comes back, or an exception does, in bounded time, whatever dies. A worker that dies costs the time of what
it did: Dask sends that to others, until four have died of it (KilledWorker). A scheduler that is gone ends the sweep.
"""

from __future__ import annotations

import logging
import pickle
import platform
import re
import socket
import threading
import time
import warnings
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, InvalidStateError
from contextlib import suppress
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

import quadfit_tui
from quadfit_tui.core.files import refusals
from quadfit_tui.core.sweep import head
from quadfit_tui.core.sweep.engines.engine import WorkersLostError
from quadfit_tui.core.text.language import _, noted
from quadfit_tui.core.text.quoting import quoted, with_allowed, with_problem

if TYPE_CHECKING:
    from distributed import Client
    from distributed import Future as Sent

_Found = TypeVar("_Found")

_ADDRESS = re.compile(r"(?:tcp|tls)://(\[[\da-fA-F:]+\]|[\w.-]+):(\d{1,5})", re.ASCII)
_ALLOWED = noted("what 'dask scheduler' tells as its address, such as tcp://192.168.0.7:8786")
_REACH = 5.0  # seconds in which a machine is there
_ANSWER = 15.0  # seconds in which a scheduler answers, also a busy one
_FIRST = 30.0  # seconds in which the first worker comes
_PATIENCE = 120.0  # seconds without any worker, in which a batch system may start others
_LOOK = 1.0  # seconds between two looks at the scheduler
_FETCH = 15.0  # seconds in which a result comes that a worker has
_LARGE = 20_000  # bytes that are sent once, and then from worker to worker


class ClusterError(WorkersLostError, BrokenExecutor):
    """Why a cluster cannot be used, or not any more: one line, which begins with its address."""


class OtherVersionError(ImportError):
    """A worker would not come to the same bits; the text says what is of another version there."""


class Cluster(Executor):
    """The workers of a scheduler as an executor; once one of its futures raises ClusterError, whatever is sent does."""

    def __init__(self, client: Client, address: str) -> None:
        self._client = client
        self._address = address
        self._lost: ClusterError | None = None
        self._pending: set[Future[Any]] = set()
        self._large: tuple[bytes, Sent[bytes]] | None = None
        self._closed = threading.Event()
        self.processors: dict[str, None] = {}  # the kinds, by which all has been computed that came back so far
        self._max_workers = 1  # as other executors have it, but this one follows the workers that come and go

    def submit(self, do: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        """Has some worker call a function; raises ClusterError where there is no scheduler any more."""
        ours: Future[Any] = Future()
        self._pending.add(ours)
        try:
            packed, large = _packed(_Call(do, args, named))
            buffers = [self._sent_once(each) for each in large]
            sent = self._client.submit(pickle.loads, packed, buffers=buffers, pure=False)
        except Exception:
            self._give_up(_("does not answer any more"))
        else:
            sent.add_done_callback(partial(self._settle, ours))
        if self._lost is not None:
            self._pending.discard(ours)
            raise self._lost
        return ours

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002
        """Leaves the cluster, which drops what it has not done of this sweep."""
        self._closed.set()
        self._give_up(_("has been left"))
        with suppress(Exception):  # a scheduler that is gone cannot be left
            _within(_ANSWER, lambda: self._client.close(timeout=_ANSWER))

    def meet(self) -> None:
        """Waits for the first worker, and looks whether all that are there are of this version. Raises ClusterError."""
        ends = time.monotonic() + _FIRST
        while not self._threads():
            if time.monotonic() > ends:
                told = _("has no workers; start some: dask worker {address} --nthreads 1")
                raise self._give_up(told.format(address=self._address))
            time.sleep(_LOOK / 10)
        try:
            found = _within(_ANSWER, partial(self._client.run, versions, on_error="return"))
        except Exception:  # one of them is busy, or dies just now: they are looked at with each call, too
            return
        for worker, theirs in found.items():
            if isinstance(theirs, OSError):  # it has just died
                continue
            try:
                _compare(versions(), theirs)
            except Exception as other:
                told = _("cannot be used: the worker {worker} has {other}")
                raise self._give_up(told.format(worker=worker, other=_of_version(other))) from None

    def watch(self) -> None:
        """Follows the workers that come and go, until the scheduler is left, or does not answer, or has none."""
        seen = time.monotonic()
        while not self._closed.wait(_LOOK):
            try:
                threads = self._threads()
            except ClusterError:
                return
            if threads:
                self._max_workers, seen = threads, time.monotonic()
            elif time.monotonic() - seen > _PATIENCE:
                self._give_up(_("has had no workers for {seconds} seconds").format(seconds=f"{_PATIENCE:.0f}"))
                return

    def _threads(self) -> int:
        """How many there are of all workers. Raises ClusterError where the scheduler does not answer."""
        try:
            return sum(_within(_ANSWER, self._client.ncores).values())
        except Exception:
            raise self._give_up(_("does not answer any more")) from None

    def _sent_once(self, large: bytes) -> Sent[bytes]:
        if self._large is None or self._large[0] is not large or self._large[1].status not in ("pending", "finished"):
            self._large = large, self._client.submit(bytes, large, pure=False)
        return self._large[1]

    def _settle(self, ours: Future[Any], sent: Sent[Any]) -> None:
        """Hands on what a call came to, in a thread of Dask's; what was given up meanwhile has its exception."""
        if sent.cancelled() and self._client.status != "running":
            self._give_up(_("does not answer any more"))
        if self._lost is not None:
            return
        try:
            processor, found = sent.result(_FETCH)
        except ImportError as other:  # of a worker that has come since
            told = _("cannot be used: one of its workers has {other}")
            self._give_up(told.format(other=_of_version(other)))
        except Exception as reason:
            with suppress(InvalidStateError):
                ours.set_exception(reason)
        else:
            self.processors[processor] = None
            with suppress(InvalidStateError):
                ours.set_result(found)
        self._pending.discard(ours)

    def _give_up(self, why: str) -> ClusterError:
        """Nothing more comes from there; the first reason is what is told."""
        if self._lost is None:
            self._lost = ClusterError(with_problem(quoted(self._address), why))
        for ours in tuple(self._pending):
            with suppress(InvalidStateError):
                ours.set_exception(self._lost)
        return self._lost


def connect(address: str) -> Cluster:
    """The cluster of the scheduler at an address; to be left by `with`. Raises ClusterError."""
    found = _ADDRESS.fullmatch(address)
    if found is None or not 0 < int(found[2]) < 65_536:
        raise _unusable(address, _("is no address of a scheduler"))
    if find_spec("distributed") is None:
        problem = _("takes Dask's distributed to use (pip install 'quadfit-tui[cluster]')")
        raise ClusterError(with_problem(quoted(address), problem))
    client_type = _client_type()
    try:
        socket.create_connection((found[1].strip("[]"), int(found[2])), _REACH).close()
    except OSError as reason:  # which Dask would try again and again
        why = refusals.reason(reason) if reason.strerror else _("nobody answers")
        raise _unusable(address, _("cannot be reached: {problem}").format(problem=why)) from None
    try:
        client = _within(_ANSWER + 1, partial(client_type, address, timeout=_ANSWER, set_as_default=False))
    except Exception:
        raise _unusable(address, _("does not answer as a Dask scheduler does")) from None
    cluster = Cluster(client, address)
    try:
        cluster.meet()
    except BaseException:
        cluster.shutdown()
        raise
    threading.Thread(target=cluster.watch, daemon=True).start()
    return cluster


def _unusable(address: str, problem: str) -> ClusterError:
    return ClusterError(with_allowed(with_problem(quoted(address), problem), _(_ALLOWED)))


def versions() -> dict[str, str]:
    """What the bits of a run depend on, but for the processor."""
    python = ".".join(platform.python_version_tuple()[:2])
    return {"quadfit-tui": quadfit_tui.__version__, "NumPy": np.__version__, "Python": python}


def _compare(ours: dict[str, str], theirs: dict[str, str] | Exception) -> None:
    """Raises OtherVersionError where there is another version of something."""
    if isinstance(theirs, Exception):  # what asking for them came to
        raise theirs
    for name, version in ours.items():
        if theirs[name] != version:
            told = _("{package} {other}, and this program {version}")
            raise OtherVersionError(told.format(package=name, other=theirs[name], version=version))


def _of_version(other: Exception) -> str:
    if isinstance(other, OtherVersionError):
        return str(other)
    return _("no quadfit-tui {version}").format(version=quadfit_tui.__version__)


class _Call:
    """A call that is done where it is unpacked: of Dask's, only `pickle.loads` is asked for.

    So a scheduler needs no quadfit-tui, and a worker without it raises ImportError, and does not die of what it cannot
    unpack. A worker may have come long after the others were looked at: each call looks at its versions.
    """

    def __init__(self, do: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]) -> None:
        args = tuple(pickle.PickleBuffer(arg) if isinstance(arg, bytes) else arg for arg in args)
        self._parts = versions(), do, args, named

    def __reduce__(self) -> tuple[Any, ...]:
        return _call, self._parts


def _call(expected: dict[str, str], do: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]) -> Any:
    _compare(expected, versions())
    return head.processor(), do(*args, **named)


def _packed(call: _Call) -> tuple[bytes, list[bytes]]:
    """A call as bytes, and what in it is large, which goes beside it."""
    large: list[bytes] = []

    def stays(buffer: pickle.PickleBuffer) -> bool:
        with buffer.raw() as view:
            if view.nbytes > _LARGE and isinstance(view.obj, bytes):
                large.append(view.obj)
                return False
        return True

    return pickle.dumps(call, protocol=5, buffer_callback=stays), large


def _client_type() -> Any:
    """Dask's, which says nothing of its own any more, and of a scheduler that is silent takes no leave at the end."""
    from distributed import Client

    for name in ("asyncio", "distributed", "distributed.client", "distributed.gc", "tornado", "tornado.application"):
        logger = logging.getLogger(name)  # which would print amid what the program says
        logger.handlers, logger.propagate = [logging.NullHandler()], False
    warnings.filterwarnings("ignore", module="distributed")

    class QuietClient(Client):  # type: ignore[misc]  # which is not looked into
        def __del__(self) -> None:
            pass

    return QuietClient


def _within(seconds: float, call: Callable[[], _Found]) -> _Found:
    """What a call gives, or raises TimeoutError: Dask's own timeouts do not hold where somebody is silent."""
    found: Future[_Found] = Future()

    def run() -> None:
        try:
            found.set_result(call())
        except BaseException as reason:
            found.set_exception(reason)

    threading.Thread(target=run, daemon=True).start()
    return found.result(seconds)
