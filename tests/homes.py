"""The user's home folder by the password database, and files that are confined to a folder."""

import os
import pwd
from contextlib import contextmanager

from quadfit_tui.core.files import access


def live_in(monkeypatch, folder):
    """Moves the user's home folder, whatever $HOME says."""
    entry = pwd.struct_passwd(("user", "x", os.getuid(), os.getgid(), "", str(folder), "/bin/sh"))
    monkeypatch.setattr(pwd, "getpwuid", {os.getuid(): entry}.__getitem__)


@contextmanager
def confined(folder=None):
    """Within it files outside of the home folder, or of a given one, are refused."""
    access.configure(True, None if folder is None else str(folder))
    try:
        yield
    finally:
        access.configure()
