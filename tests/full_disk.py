"""A disk that is full, for tests of what is written then."""

import contextlib
import errno
import os
import resource
import sys
from unittest import mock

from quadfit_tui.core.files import open_file


@contextlib.contextmanager
def room(count):
    """No file can grow beyond so many bytes, as on a full disk; of what is imported meanwhile no bytecode is kept,
    which would be cut off and not load any more."""
    before, keeps = resource.getrlimit(resource.RLIMIT_FSIZE), sys.dont_write_bytecode
    sys.dont_write_bytecode = True
    resource.setrlimit(resource.RLIMIT_FSIZE, (count, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        sys.dont_write_bytecode = keeps


@contextlib.contextmanager
def no_room_for_lines():
    """No line can be added to a file, whatever its size, as on a full disk."""
    failure = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with mock.patch.object(open_file, "append", side_effect=failure):
        yield
