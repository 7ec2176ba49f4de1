"""Sees to it that a file ends with a whole line even after its program was killed amid a write.

A kernel writes page by page, and SIGKILL takes effect between two pages: no program can keep its own line from being
cut there. So another process waits for its end, and takes the part of a line away. It is this file, run as a program:
a fork of the one it guards would take the memory of a second one.
"""

from __future__ import annotations

import fcntl
import os
import sys

STEP = 4096  # bytes that are read at once in search of a line's end
_KILL = 9  # to load the module signal would double the guard's start


class Guard:
    """A process that outlives this one by a moment; where none can be had, nothing but its help is missing."""

    def __init__(self, descriptor: int) -> None:
        """Watches over a regular file, which is open to read and write."""
        reader, self._life = os.pipe()
        try:
            self._process = _spawned(reader, descriptor)
        except BaseException:
            os.close(self._life)
            raise
        finally:
            os.close(reader)

    def dismiss(self) -> None:
        """Ends it, leaving the file alone."""
        if self._process:
            try:
                os.kill(self._process, _KILL)
                os.waitpid(self._process, 0)
            except OSError:  # somebody has ended it already
                pass
        self._process = 0
        os.close(self._life)


def _spawned(life: int, file: int) -> int:
    """The number of a guard's process, which belongs to no terminal; 0 where there may be none."""
    if not sys.executable:  # embedded in another program
        return 0
    command = [sys.executable, "-I", "-S", __file__]
    own = [os.open(os.devnull, os.O_WRONLY)]
    try:
        # Where the program's own standard streams are closed, any of these may have their numbers.
        for each in (life, file, own[0]):
            own.append(fcntl.fcntl(each, fcntl.F_DUPFD_CLOEXEC, 3))
        standard = [(os.POSIX_SPAWN_DUP2, each, number) for number, each in enumerate(own[1:])]
        return os.posix_spawn(sys.executable, command, os.environ, file_actions=standard, setsid=True, setsigmask=())
    except (OSError, NotImplementedError):
        return 0
    finally:
        for each in own:
            os.close(each)


def trim(file: int) -> None:
    """Takes away what follows the last whole line of an open file."""
    size = end = os.fstat(file).st_size
    while end:
        start = max(0, end - STEP)
        found = os.pread(file, end - start, start).rfind(b"\n")
        end = start + found + 1
        if found >= 0:
            break
    if end < size:
        os.ftruncate(file, end)


if __name__ == "__main__":
    while os.read(0, STEP):  # comes to an end when nobody can write to it any more
        pass
    trim(1)
