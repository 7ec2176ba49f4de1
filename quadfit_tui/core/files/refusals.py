"""Messages about files that cannot be used: the system's reason, the size, and what would be allowed."""

from __future__ import annotations

import os

from quadfit_tui.core.files import access
from quadfit_tui.core.text.language import N_, _
from quadfit_tui.core.text.quoting import quoted, with_allowed

# Messages of systems in the C locale that have a translation; others stay as they are.
_OF_SYSTEMS = {
    N_("No such file or directory"),
    N_("Permission denied"),
    N_("Operation not permitted"),
    N_("Is a directory"),
    N_("Not a directory"),
    N_("File exists"),
    N_("File name too long"),
    N_("File too large"),
    N_("No space left on device"),
    N_("Disk quota exceeded"),
    N_("Read-only file system"),
    N_("Input/output error"),
    N_("Broken pipe"),
    N_("Bad file descriptor"),
    N_("Invalid argument"),
    N_("Too many open files"),
    N_("Too many levels of symbolic links"),
    N_("No such device or address"),
    N_("Resource temporarily unavailable"),
    N_("Cannot allocate memory"),
}


def reason(failure: Exception) -> str:
    """Returns the reason of a failure, translated: the system's, or that of access.py, such as `it is a link`."""
    text = getattr(failure, "strerror", None) or str(failure)
    return _(text) if text in _OF_SYSTEMS else text


def write_error(file: str, why: Exception | str) -> str:
    """Formats the message that a file cannot be written, and why; `file` is as the user sees it."""
    problem = why if isinstance(why, str) else reason(why)
    return _("{file} cannot be written: {problem}").format(file=file, problem=problem)


def path_write_error(path: str, failure: Exception) -> str:
    """Formats the message that a path cannot be written; if the file is missing, the reason is its missing folder."""
    has_no_folder = isinstance(failure, FileNotFoundError) and not access.is_folder(os.path.dirname(path) or ".")
    return write_error(quoted(path), _("its folder does not exist") if has_no_folder else failure)


def read_error(failure: OSError) -> str:
    """Returns why `access.read` refused a file, to follow the file's name in a message."""
    if isinstance(failure, access.TooLargeError):
        return reason(failure)
    return _("cannot be read: {problem}").format(problem=reason(failure))


def read_error_with_allowed(failure: OSError, what: str, most: int) -> str:
    """Returns why `access.read` refused a file, to follow its name, with what is allowed: `what` of `most` bytes."""
    if isinstance(failure, access.TooLargeError):
        return with_allowed(read_error(failure), _("{what} of up to {most} bytes").format(what=what, most=most))
    return with_allowed(read_error(failure), access.allowed_text(what))
