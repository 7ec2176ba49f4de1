"""Who may read a file, by made-up owners, groups and permissions of it and of all folders on the way."""

import os
import stat
from types import SimpleNamespace

import pytest
from tables import table

from quadfit_tui.core.files.readers import ReadAccess, readers

ANNA, TEACHERS, SCHOOL = 1001, 2000, 3000  # groups: the student's own, one that she is not in, one of all students
PATH = "/home/anna/lessons/transcript.jsonl"
RECIPE = {"/home/anna": (0o710, TEACHERS), "/home/anna/lessons": (0o2750, TEACHERS)}  # of manual/class-server.md


@pytest.fixture
def who(monkeypatch):
    """Tells who may read the file where it and some folders are so; the others are open to all."""

    def tell(mode=0o640, **places):
        found = dict.fromkeys(("/", "/home"), (493, 0)) | RECIPE
        found |= {f"/home/{name.replace('_', '/')}": place for name, place in places.items()}

        def status(path, **_):
            if os.fspath(path) not in found:
                raise FileNotFoundError(2, "No such file or directory", path)
            bits, group = found[os.fspath(path)]
            return SimpleNamespace(st_mode=stat.S_IFDIR | bits, st_gid=group)

        with monkeypatch.context() as patched:
            patched.setattr(os, "getegid", lambda: ANNA, raising=False)
            patched.setattr(os, "getgroups", lambda: [ANNA, SCHOOL], raising=False)
            patched.setattr(os, "stat", status)
            return readers(PATH, mode)

    return tell


FILE = "anna_lessons_transcript.jsonl"


@table(
    ("places", "expected"),
    [
        ({}, ReadAccess.GIVEN),  # as it will be made
        ({FILE: (0o100640, TEACHERS)}, ReadAccess.GIVEN),
        ({FILE: (0o100600, TEACHERS)}, ReadAccess.NOBODY),
        ({FILE: (0o100640, ANNA)}, ReadAccess.NOBODY),  # whose group may not pass through the home folder
        ({"anna": (0o755, ANNA), FILE: (0o100640, ANNA)}, ReadAccess.NOBODY),  # nor through the one of the records
        ({"anna": (0o755, ANNA), "anna_lessons": (0o750, ANNA)}, ReadAccess.SOMEBODY),
        ({"anna": (0o755, ANNA), "anna_lessons": (0o755, TEACHERS)}, ReadAccess.SOMEBODY),  # it would be Anna's group's
        ({"anna": (0o700, ANNA)}, ReadAccess.NOBODY),
        ({"anna": (0o700, TEACHERS)}, ReadAccess.NOBODY),
        ({"anna": (0o710, SCHOOL), "anna_lessons": (0o2750, SCHOOL)}, ReadAccess.SOMEBODY),
        ({"anna": (0o755, ANNA), "anna_lessons": (0o755, ANNA), FILE: (0o100604, ANNA)}, ReadAccess.SOMEBODY),
    ],
)
def test_readers_from_groups_and_permissions(who, places, expected):
    assert who(**places) is expected


def test_private_is_nobody_unknown_is_somebody(who, monkeypatch):
    assert who(0o600) is ReadAccess.NOBODY
    monkeypatch.setattr(os, "stat", lambda *_, **__: (_ for _ in ()).throw(PermissionError(13, "Permission denied")))
    assert readers(PATH, 0o640) is ReadAccess.SOMEBODY
    monkeypatch.undo()
    monkeypatch.delattr(os, "getgroups", raising=False)  # as on Windows
    assert readers(PATH, 0o600) is ReadAccess.SOMEBODY
