"""Workers: processes of the program's own as an executor; each has one thread of BLAS, and ends with the program.

Each is a program that reads what it is to do from a pipe, as the one for Parquet files is, not one of multiprocessing:
nothing of the main program runs again in it, so that needs no guard; and where one dies, that is all that is lost.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from queue import SimpleQueue
from typing import IO, Any, ParamSpec, TypeVar

from quadfit_tui.core.files import access

_Result = TypeVar("_Result")
_Given = ParamSpec("_Given")
_PROGRAM = "import sys; sys.path[:] = {!r}; from quadfit_tui.core.sweep.engines.workers import serve; serve()"
_LIBRARIES = ("OPENBLAS", "OMP", "MKL", "BLIS", "VECLIB_MAXIMUM")
_ONE_THREAD = {f"{name}_THREADS" if "_" in name else f"{name}_NUM_THREADS": "1" for name in _LIBRARIES}


# Ctrl+C goes to all processes of a group: theirs is another one.
_NO_CTRL_C: Any = {"creationflags": 0x200} if os.name == "nt" else {"process_group": 0}  # CREATE_NEW_PROCESS_GROUP


class WorkerDiedError(RuntimeError):
    """The process that was to do something has died; the text says of what."""


class Workers(Executor):
    """So many processes as an executor: one that has died is replaced for what comes next.

    A thread for each process waits for what that comes to. `start(*given)` is called first in each process.
    """

    def __init__(self, count: int, start: Callable[..., object], *given: object) -> None:
        self._start = pickle.dumps((_begin, (access.is_confined(), access.given_folder(), start, *given), {}))
        self._threads = ThreadPoolExecutor(count, "sweep", _without_sigpipe)
        self._own = threading.local()
        self._lock = threading.Lock()
        self._programs: set[subprocess.Popen[bytes]] = set()
        self._ended = False

    def submit(self, do: Callable[_Given, _Result], /, *args: _Given.args, **kwargs: _Given.kwargs) -> Future[_Result]:
        """Has a process call a function with what is given, all of which pickle takes there; raises RuntimeError."""
        return self._threads.submit(self._call, pickle.dumps((do, args, kwargs)))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = True) -> None:  # noqa: ARG002  Executor's signature
        """Ends the processes at once, whatever is asked for: what they have not done is given up."""
        with self._lock:
            self._ended = True
            for program in self._programs:
                program.kill()
        self._threads.shutdown(cancel_futures=True)
        for program in [*self._programs]:
            self._bury(program)

    def _call(self, asked: bytes) -> Any:
        """What a process answers, in the thread that has it; raises what it raised."""
        program: subprocess.Popen[bytes] = getattr(self._own, "program", None) or self._started()
        self._own.program = None  # unless it answers
        is_done, found = self._answer(program, asked)
        self._own.program = program
        if not is_done:
            raise found
        return found

    def _started(self) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._ended:
                raise WorkerDiedError("the workers have been ended")
            program = subprocess.Popen(
                [sys.executable, "-c", _PROGRAM.format(sys.path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, **_ONE_THREAD},
                **_NO_CTRL_C,
            )
            self._programs.add(program)
        is_done, found = self._answer(program, self._start)
        if not is_done:
            self._bury(program)
            raise found
        return program

    def _answer(self, program: subprocess.Popen[bytes], asked: bytes) -> tuple[bool, Any]:
        """Whether it did what was asked, and what that came to, or what it raised; raises WorkerDiedError."""
        assert program.stdin is not None
        assert program.stdout is not None
        try:
            _write(program.stdin, asked)
            answer: tuple[bool, Any] = pickle.loads(_read(program.stdout))
        except (OSError, EOFError, pickle.UnpicklingError):
            code = self._bury(program)
            if code < 0:
                raise WorkerDiedError(f"a process was ended by signal {-code}") from None
            raise WorkerDiedError(f"a process ended with exit code {code}") from None
        return answer

    def _bury(self, program: subprocess.Popen[bytes]) -> int:
        """Ends a process, where it has not died, and forgets it; its exit code."""
        with self._lock:
            self._programs.discard(program)
        program.kill()
        for pipe in (program.stdin, program.stdout):
            with suppress(OSError):  # what could not be written any more
                pipe.close()  # type: ignore[union-attr]  # there are both
        return program.wait()


def _without_sigpipe() -> None:
    """Has what is written to a process that has died be an error, also in a program that SIGPIPE is to end."""
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGPIPE})


def _write(pipe: IO[bytes], message: bytes) -> None:
    pickle.dump(message, pipe)  # which tells how long it is
    pipe.flush()


def _read(pipe: IO[bytes]) -> bytes:
    """The next message; raises EOFError or UnpicklingError where nobody writes any more."""
    message: bytes = pickle.load(pipe)
    return message


# What the processes do


def serve() -> None:
    """Does what is asked for on standard input, and answers on standard output, until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers, sys.stdout = sys.stdout.buffer, sys.stderr  # what is printed is no answer
    messages: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, messages), daemon=True).start()
    while True:
        _write(answers, _answered(messages.get()))


def _listen(questions: IO[bytes], messages: SimpleQueue[bytes]) -> None:
    """Hears, also amid the longest work, that the program is gone that asks."""
    with suppress(EOFError, pickle.UnpicklingError):
        while True:
            messages.put(_read(questions))
    os._exit(0)


def _answered(message: bytes) -> bytes:
    try:
        do, args, kwargs = pickle.loads(message)
        return pickle.dumps((True, do(*args, **kwargs)))
    except Exception as failure:
        try:
            pickle.loads(whole := pickle.dumps((False, failure)))
        except Exception:  # it is of those that cannot be taken along
            return pickle.dumps((False, RuntimeError(f"{type(failure).__name__}: {failure}")))
        return whole


def _begin(confined: bool, folder: str | None, start: Callable[..., object], *given: object) -> None:
    access.configure(confined, folder)
    start(*given)
