"""SUBJECTS: the things that the app saves to a file, a row each: name, description, file name and suffixes."""

from __future__ import annotations

import os
import re
from typing import NamedTuple

from quadfit_tui.core.export.formats import EXPORTERS, Column, formats_of
from quadfit_tui.core.files import access
from quadfit_tui.core.text.language import N_, _, join_or

_EPOCHS = re.compile(r"(.*\S)\s+(\d+|start)\s*-\s*(\d+)", re.IGNORECASE)  # a range after the name of a file
_MOVING = (".cast", ".gif", ".mp4", ".webm")  # suffixes of animations of other programs
SETTINGS = ".toml"  # suffix of files that --config reads back; it is no format of --format


class SaveKind(NamedTuple):
    """One row of the table: the name of the thing, what the file has of it, the proposed file name, the suffixes.

    The first two are translated when they are shown.
    """

    name: str
    about: str
    stem: str
    suffixes: tuple[str, ...]

    def has(self, path: str) -> bool:
        """Returns whether a file of this name can hold it."""
        return path.lower().endswith(self.suffixes)


def _suffixes(column: Column, *, prose: bool = True) -> tuple[str, ...]:
    """Returns the suffixes of the formats that have a column of EXPORTERS."""
    rows = [EXPORTERS[name] for name in formats_of(column)]
    return tuple(row.suffix for row in rows if row.suffix and (prose or not row.is_prose))


# The first row with a suffix gets the files that end so, if the user chose no row.
SUBJECTS = {
    subject.name: subject
    for subject in (
        SaveKind(N_("view"), N_("as it is now"), "view", _suffixes("picture")[::-1]),
        SaveKind(N_("screen"), N_("all that you see"), "screen", _suffixes("picture")[::-1]),
        SaveKind(
            N_("animation"),
            N_("the view at each epoch, or at some: animation.svg 0-40"),
            "animation",
            (EXPORTERS["svg"].suffix,),
        ),
        SaveKind(N_("log"), N_("all epochs trained so far"), "log", _suffixes("writer", prose=False)),
        SaveKind(N_("update"), N_("the arithmetic of the last update"), "update", _suffixes("update")[::-1]),
        SaveKind(N_("settings"), N_("what starts this run again"), "run", (SETTINGS,)),
    )
}


def subject_of(path: str, chosen: str) -> SaveKind:
    """Returns the row for a file of this name: the `chosen` one, unless the suffix fits only another one."""
    rows = (SUBJECTS[chosen], *SUBJECTS.values())
    return next((row for row in rows if row.has(path)), SUBJECTS[chosen])


def parse_target(text: str, chosen: str) -> tuple[SaveKind, str, tuple[str, str] | None]:
    """Parses what the user typed as the target of `w`: the row, the file name, and the moments of a range or None."""
    animation = SUBJECTS["animation"]
    if (match := _EPOCHS.fullmatch(text)) and (chosen == animation.name or animation.has(match[1])):
        return animation, match[1], (match[2], match[3])
    return subject_of(text, chosen), text, None


def with_suffix(path: str, subject: SaveKind) -> str:
    """Returns the path with the suffix that it may lack; raises ValueError if it has another, or names no file."""
    name = os.path.basename(path)
    if name in ("", ".", ".."):
        template = _("it names a directory; allowed: {allowed}")
        raise ValueError(template.format(allowed=access.allowed_text(_("a file"))))
    if subject.has(path):
        return path
    if suffix := os.path.splitext(name)[1]:
        subject = SUBJECTS["animation"] if suffix.lower() in _MOVING else subject
        template = _("a file of the {subject} ends in {suffixes}")
        raise ValueError(template.format(subject=_(subject.name), suffixes=join_or(subject.suffixes)))
    return path + subject.suffixes[0]
