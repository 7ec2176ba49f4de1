"""The options of a session: those of the app, in a folder of its own, which has the files that it is given."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from quadfit_tui.core.files.atomic_file import write_over


@dataclass(frozen=True)
class SessionCommand:
    """What is started for a page: the app with some options.

    `contents` has files that each session finds in its folder, by their names; `records` has the folder where each name
    of a class is recorded, `unrecorded` the options for all others.
    """

    options: Sequence[str]
    contents: Mapping[str, bytes]
    records: Mapping[str, str]
    unrecorded: Sequence[str] = ()

    def __call__(self, folder: str, language: str, name: str) -> list[str]:
        """The options of a session in a folder, where its files are then. Raises OSError."""
        for file, content in self.contents.items():
            write_over(os.path.join(folder, file), content, 0o600)
        own = ["--lang", language, "--confined-to", folder, "--no-settings", "--downloads"]
        record = ["--record", self.records[name]] if name in self.records else self.unrecorded
        return [*own, *record, *self.options]
