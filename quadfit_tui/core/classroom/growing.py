"""The transcripts of a class while they grow: what was appended since the last look, by whom.

They are read as what others wrote, by the rules of transcript_reader.py: a flood costs so much a look and no more.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from quadfit_tui.core.classroom.transcript_reader import OWN, folder_and_name, name_of, sources
from quadfit_tui.core.course.transcript_entry import Entry, entry_of
from quadfit_tui.core.files.anothers import read_anothers
from quadfit_tui.core.files.refusals import reason
from quadfit_tui.core.files.shared_lines import MOST_BYTES, Tail
from quadfit_tui.core.text.language import _
from quadfit_tui.core.text.quoting import shown_name

Student = int | str  # by the number of the account, or by the name where there is none
BYTES_A_LOOK, LINES_A_LOOK = 65536, 256  # of one transcript


class GrowingTranscripts:
    """The transcripts at some paths. The reader's own is none of the class's, unless it is the only one.

    `students` are those that there are, with their names; `left_out` is why a path cannot be read, or why nobody is
    there, if all are the reader's own.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        self.students: dict[Student, str] = {}
        self.left_out: dict[str, str] = {}
        self._tails = {source: Tail() for source in sources(paths)}

    def look(self) -> Iterator[tuple[Student, Entry]]:
        """The entries that were not read yet, and who wrote each."""
        own: list[str] = []
        for (path, name), tail in self._tails.items():
            try:
                owner, lines = _new_lines(path, tail)
            except OSError as failure:
                self.left_out[shown_name(path)] = reason(failure)
                continue
            self.left_out.pop(shown_name(path), None)
            if owner == os.getuid() and name is None and len(self._tails) > 1:
                own.append(shown_name(path))
                continue
            student: Student = owner if name is None else name
            if student not in self.students:
                self.students[student] = name_of(owner) if name is None else shown_name(name)
            yield from ((student, entry) for line in lines if (entry := entry_of(line)) is not None)
        if not self.students:
            self.left_out |= dict.fromkeys(own, _(OWN))


def _new_lines(path: str, tail: Tail) -> tuple[int, list[bytes]]:
    """Who owns a transcript, and the lines that were not read yet, so many at most; raises OSError where it must not
    be read.
    """
    start = tail.start
    file = read_anothers(*folder_and_name(path), MOST_BYTES, start=start, piece=BYTES_A_LOOK)
    if not tail.is_of(file.place, file.size) and start:  # which is read from its begin at the next look
        return file.owner, []
    lines, _rest = tail.lines(file.content, LINES_A_LOOK)
    if not lines and len(file.content) == BYTES_A_LOOK:  # no line is so long
        tail.start += BYTES_A_LOOK
    return file.owner, lines
