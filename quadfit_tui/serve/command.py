"""The options of a session: those that the teacher gave, and those that confine it to a folder with the given files."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from quadfit_tui.core.files.atomic_file import write_over


@dataclass(frozen=True)
class SessionCommand:
    """Makes the options with which the app is started for a page.

    `contents` maps names of files, which each session finds in its folder, to their bytes; `records` maps each name of
    a class to the folder of its answers, `unrecorded` has the options for all others.
    """

    options: Sequence[str]
    contents: Mapping[str, bytes]
    records: Mapping[str, str]
    unrecorded: Sequence[str] = ()

    def __call__(self, folder: str, language: str, name: str) -> list[str]:
        """Writes the files of a session into its folder, and returns its options; raises OSError."""
        for file, content in self.contents.items():
            write_over(os.path.join(folder, file), content, 0o600)
        confined = ["--lang", language, "--confined-to", folder, "--no-settings", "--downloads"]
        record = ["--record", self.records[name]] if name in self.records else self.unrecorded
        return [*confined, *record, *self.options]
