"""Why a file is refused, in words: what the system says of it, what is too large, what would be allowed."""

from __future__ import annotations

from quadfit_tui.core.files import access
from quadfit_tui.core.text.language import _, noted
from quadfit_tui.core.text.quoting import with_allowed

# What systems say, as C has it; what else they may say stays as it is.
_OF_SYSTEMS = {
    noted("No such file or directory"),
    noted("Permission denied"),
    noted("Operation not permitted"),
    noted("Is a directory"),
    noted("Not a directory"),
    noted("File exists"),
    noted("File name too long"),
    noted("File too large"),
    noted("No space left on device"),
    noted("Disk quota exceeded"),
    noted("Read-only file system"),
    noted("Input/output error"),
    noted("Broken pipe"),
    noted("Bad file descriptor"),
    noted("Invalid argument"),
    noted("Too many open files"),
    noted("Too many levels of symbolic links"),
    noted("No such device or address"),
    noted("Resource temporarily unavailable"),
    noted("Cannot allocate memory"),
}


def reason(failure: OSError) -> str:
    """What the system says of a failure, or access.py: `No such file or directory`, `it is a link`."""
    text = failure.strerror or str(failure)
    return _(text) if text in _OF_SYSTEMS else text


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
