"""ANIMATIONS: pictures one after the other, as SVG that moves by CSS, or as a recording of a terminal (asciinema)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from quadfit_tui.core.export.picture import Picture, ansi_lines, svg_end, svg_head, svg_rows
from quadfit_tui.core.text.width import columns


class Animation:
    """Turns pictures into lines of text. `begins` tells in which second each one begins, then in which all ends.

    What does not move shows the picture number `still`.
    """

    def __init__(self, begins: Sequence[float], still: int = -1) -> None:
        self.begins = begins
        self.still = still % (len(begins) - 1)
        self.frames = 0  # so many pictures are taken

    def take(self, picture: Picture) -> list[str]:
        """The lines that are due with the next picture; all have as many rows as the first one."""
        lines = self.lines(picture)
        self.frames += 1
        return lines

    def lines(self, picture: Picture) -> list[str]:
        """The lines of what differs from the picture before."""
        raise NotImplementedError

    def end(self) -> list[str]:
        """The lines after the last picture."""
        raise NotImplementedError


class SvgAnimation(Animation):
    """A drawing in which what does not change is written once, and what does is seen in its time, again and again.

    Without animations, as in programs that know none, or for people who want less motion, it is a still picture.
    """

    def __init__(self, begins: Sequence[float], still: int = -1) -> None:
        super().__init__(begins, still)
        self._head: list[str] = []
        self._grounds: list[str] = []  # all of them below all texts: either may stay while the other changes
        self._texts: list[str] = []
        self._since: dict[str, int] = {}  # what is seen, and the number of the picture from which on
        self._durations: set[int] = set()  # in milliseconds

    def lines(self, picture: Picture) -> list[str]:
        self._head = self._head or svg_head(picture)
        shown = dict.fromkeys(line for row in svg_rows(picture) for line in row)
        self._leave([each for each in self._since if each not in shown])
        for each in shown:
            self._since.setdefault(each, self.frames)
        return []

    def end(self) -> list[str]:
        self._leave([*self._since])
        turns = [
            f"@keyframes s{each}{{0%{{visibility:visible}}{100 * each / self._milliseconds:.3f}%{{visibility:hidden}}}}"
            for each in sorted(self._durations)
        ]
        moves = f"animation-duration:{self._milliseconds}ms;animation-iteration-count:infinite"
        return [
            *self._head,
            *self._grounds,
            *self._texts,
            "<style>",
            ".h{visibility:hidden}",
            *turns,
            f"@media (prefers-reduced-motion:no-preference){{g g{{{moves};animation-timing-function:step-end}}}}",
            "</style>",
            *svg_end(),
        ]

    @property
    def _milliseconds(self) -> int:
        return self._at(-1)

    def _at(self, number: int) -> int:
        return round(1000 * self.begins[number])

    def _leave(self, elements: list[str]) -> None:
        """Writes what is seen until the next picture: a group for each picture with which some of it came."""
        for first, group in groupby(elements, self._since.__getitem__):  # in the order of coming
            begin, lines = self._begin(first), [*group]
            grounds = [line for line in lines if line.startswith("<rect")]
            texts = [line for line in lines if not line.startswith("<rect")]
            self._grounds += [begin, *grounds, "</g>"] if grounds else []
            self._texts += [begin, *texts, "</g>"] if texts else []
        for each in elements:
            del self._since[each]

    def _begin(self, first: int) -> str:
        """Begins a group that is seen from one picture to the next one."""
        begin, end = self._at(first), self._at(self.frames)
        if end - begin == self._milliseconds:
            return "<g>"
        self._durations.add(end - begin)
        hidden = "" if first <= self.still < self.frames else ' class="h"'
        delay = begin - self._milliseconds  # it has begun so long ago that it is seen from its time on
        return f'<g{hidden} style="animation-name:s{end - begin};animation-delay:{delay}ms">'


class CastAnimation(Animation):
    """A recording of a terminal, of the format asciicast 2: a line about it, then its output with the seconds."""

    def __init__(self, begins: Sequence[float], still: int = -1) -> None:
        super().__init__(begins, still)
        self._rows: list[str] = []

    def lines(self, picture: Picture) -> list[str]:
        rows, head = ansi_lines(picture), []
        if not self.frames:
            width = max((sum(columns(span.text) for span in row) for row in picture.rows), default=0)
            head = [_json({"version": 2, "width": width, "height": len(rows), "title": picture.title})]
            self._rows = [""] * len(rows)
        changes = [
            f"\x1b[{number};1H\x1b[2K{row}"
            for number, (row, before) in enumerate(zip(rows, self._rows, strict=True), 1)
            if row != before
        ]
        self._rows = rows
        begin = "" if self.frames else "\x1b[?25l\x1b[2J"  # the cursor would be seen at work
        return [*head, self._output(begin + "".join(changes))] if changes else head

    def end(self) -> list[str]:
        return [self._output("")]

    def _output(self, text: str) -> str:
        return _json([round(self.begins[self.frames], 3), "o", text])


def _json(value: object) -> str:
    import json  # the table alone needs none

    return json.dumps(value, ensure_ascii=False)


ANIMATIONS: dict[str, type[Animation]] = {".svg": SvgAnimation, ".cast": CastAnimation}
