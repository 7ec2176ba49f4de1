"""SUBJECTS: what the app saves to a file, a row each: its name, what of it is in the file, and how a file may end."""

from __future__ import annotations

import os
import re
from typing import NamedTuple

from quadfit_tui.core.export.formats import EXPORTERS, Column, formats_of
from quadfit_tui.core.files import access
from quadfit_tui.core.text.language import N_, _, either

_EPOCHS = re.compile(r"(.*\S)\s+(\d+|start)\s*-\s*(\d+)", re.IGNORECASE)  # behind the name of a file
_MOVING = (".cast", ".gif", ".mp4", ".webm")  # as which other programs save what moves
SETTINGS = ".toml"  # of the one kind of file that --config reads back, which is no format of --format


class SaveKind(NamedTuple):
    """One row of the table: how it is called, what is written of it, the name that is proposed, the suffixes.

    The first two are yet to be translated.
    """

    name: str
    about: str
    stem: str
    suffixes: tuple[str, ...]

    def has(self, path: str) -> bool:
        """Whether a file of this name can hold it."""
        return path.lower().endswith(self.suffixes)


def _suffixes(column: Column, *, prose: bool = True) -> tuple[str, ...]:
    rows = [EXPORTERS[name] for name in formats_of(column)]
    return tuple(row.suffix for row in rows if row.suffix and (prose or not row.is_prose))


# Of those that a suffix may belong to, the first is meant, if none was chosen.
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
    """What a file of this name is to hold: what was chosen, unless the name ends as only a file of another one does."""
    rows = (SUBJECTS[chosen], *SUBJECTS.values())
    return next((row for row in rows if row.has(path)), SUBJECTS[chosen])


def parted(text: str, chosen: str) -> tuple[SaveKind, str, tuple[str, str] | None]:
    """What is to be saved, the name of its file, and the first and the last moment where that is of a range."""
    animation = SUBJECTS["animation"]
    if (found := _EPOCHS.fullmatch(text)) and (chosen == animation.name or animation.has(found[1])):
        return animation, found[1], (found[2], found[3])
    return subject_of(text, chosen), text, None


def completed(path: str, subject: SaveKind) -> str:
    """The path with the suffix that it may lack; raises ValueError where it has another, or names no file."""
    name = os.path.basename(path)
    if name in ("", ".", ".."):
        said = _("it names a directory; allowed: {allowed}")
        raise ValueError(said.format(allowed=access.allowed_text(_("a file"))))
    if subject.has(path):
        return path
    if suffix := os.path.splitext(name)[1]:
        subject = SUBJECTS["animation"] if suffix.lower() in _MOVING else subject
        said = _("a file of the {subject} ends in {suffixes}")
        raise ValueError(said.format(subject=_(subject.name), suffixes=either(subject.suffixes)))
    return path + subject.suffixes[0]
