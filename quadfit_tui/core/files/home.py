"""Home: the user's home folder by the password database, to which files are confined if no other folder is named."""

from __future__ import annotations

import os

from quadfit_tui.core.text.language import _


class NoHomeError(ValueError):
    """The error that there is no folder to confine files to; the text is one line for the user."""


def home_folder() -> str:
    """Returns the user's home folder from the password database, ignoring $HOME; raises NoHomeError."""
    try:
        import pwd
    except ImportError:
        raise NoHomeError(_("this system has no password database; allowed: on Linux and macOS")) from None
    try:
        home = pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        problem = _("user {number} is not in the password database; allowed: a user with a home directory")
        raise NoHomeError(problem.format(number=os.getuid())) from None
    if not os.path.isabs(home):
        problem = _("your home directory is {folder} in the password database; allowed: an absolute path")
        raise NoHomeError(problem.format(folder=repr(home)))
    return home
