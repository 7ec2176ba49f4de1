"""Why a file is refused, in words: what the system says of it, what is too large, what would be allowed."""

from __future__ import annotations

import os

from quadfit_tui.core.files import access
from quadfit_tui.core.text.language import N_, _
from quadfit_tui.core.text.quoting import quoted, with_allowed

# What systems say, as C has it; what else they may say stays as it is.
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
    """What the system says of a failure, or access.py: `No such file or directory`, `it is a link`; else its text."""
    text = getattr(failure, "strerror", None) or str(failure)
    return _(text) if text in _OF_SYSTEMS else text


def unwritten(file: str, why: Exception | str) -> str:
    """That a file, as it is shown, cannot be written, and why."""
    problem = why if isinstance(why, str) else reason(why)
    return _("{file} cannot be written: {problem}").format(file=file, problem=problem)


def unwritten_at(path: str, failure: Exception) -> str:
    """Says why a path that somebody gave cannot be written: not that a new file is missing, but that its folder is."""
    has_no_folder = isinstance(failure, FileNotFoundError) and not access.is_folder(os.path.dirname(path) or ".")
    return unwritten(quoted(path), _("its folder does not exist") if has_no_folder else failure)


def why_unread(failure: OSError) -> str:
    """Why `access.read` refused a file; follows on its name."""
    if isinstance(failure, access.TooLargeError):
        return reason(failure)
    return _("cannot be read: {problem}").format(problem=reason(failure))


def refusal(failure: OSError, what: str, most: int) -> str:
    """Why `access.read` refused a file, and that `what` of at most `most` bytes is allowed; follows on its name."""
    if isinstance(failure, access.TooLargeError):
        return with_allowed(why_unread(failure), _("{what} of up to {most} bytes").format(what=what, most=most))
    return with_allowed(why_unread(failure), access.allowed_text(what))
