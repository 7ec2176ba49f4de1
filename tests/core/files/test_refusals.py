"""Why a file cannot be written is told in the language in use, whatever failed."""

import errno
import os

import pytest
from languages import speaking

from quadfit_tui.core.files.refusals import path_write_error, reason, write_error


def failed(number, kind=OSError):
    return kind(number, os.strerror(number))


@pytest.mark.parametrize(
    ("failure", "english", "chinese"),
    [
        (failed(errno.ENOSPC), "No space left on device", "磁盘已满"),
        (OSError(errno.EIO, "it is of another kind"), "it is of another kind", "it is of another kind"),
        (OSError("without a number"), "without a number", "without a number"),
        (ValueError("it is the data of this run"), "it is the data of this run", "it is the data of this run"),
    ],
)
def test_system_errors_are_translated_others_kept(failure, english, chinese):
    assert reason(failure) == english
    assert write_error("x.csv", failure) == f"x.csv cannot be written: {english}"
    with speaking():
        assert (reason(failure), write_error("x.csv", failure)) == (chinese, f"x.csv 无法写入：{chinese}")


def test_missing_folder_is_given_as_reason(tmp_path):
    missing = failed(errno.ENOENT, FileNotFoundError)
    assert path_write_error("absent/x.csv", missing) == "'absent/x.csv' cannot be written: its folder does not exist"
    path = str(tmp_path / "x.csv")
    assert path_write_error(path, missing) == f"{path!r} cannot be written: No such file or directory"
    assert path_write_error(path, failed(errno.EACCES)) == f"{path!r} cannot be written: Permission denied"
