"""A disk that is full, for tests of what is written then."""

import contextlib
import resource
import sys


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
