"""Accounts of students, where all files belong to whoever runs the tests."""

import pwd

from quadfit_tui.teaching.classroom import transcript_reader


def name_users(monkeypatch, name):
    """Has the password database name each user by a function of the number."""
    monkeypatch.setattr(pwd, "getpwuid", lambda user: pwd.struct_passwd((name(user), "x", user, user, "", "/", "/sh")))


def own_files(monkeypatch, owner):
    """Has the transcripts in a folder belong to the user that a function of its path returns."""
    read = transcript_reader.read_untrusted

    def read_as_owned(path, *given, **named):
        return read(path, *given, **named)._replace(owner=owner(path))

    monkeypatch.setattr(transcript_reader, "read_untrusted", read_as_owned)
