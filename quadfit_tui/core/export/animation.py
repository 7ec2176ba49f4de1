"""SvgAnimation: pictures one after the other, as SVG that moves by CSS."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from quadfit_tui.core.export.picture import Picture, svg_end, svg_head, svg_rows


class SvgAnimation:
    """A drawing in which what does not change is written once, and what does is seen in its time, again and again.

    `begins` tells in which second each picture begins, then in which all ends. Without animations, as in programs that
    know none, or for people who want less motion, it is the picture number `still`.
    """

    def __init__(self, begins: Sequence[float], still: int = -1) -> None:
        self._begins = begins
        self._still = still % (len(begins) - 1)
        self._taken = 0  # so many pictures
        self._head: list[str] = []
        self._grounds: list[str] = []  # all of them below all texts: either may stay while the other changes
        self._texts: list[str] = []
        self._since: dict[str, int] = {}  # what is seen, and the number of the picture from which on
        self._durations: set[int] = set()  # in milliseconds

    def add_frame(self, picture: Picture) -> None:
        """Adds the next picture; all have as many rows as the first one."""
        self._head = self._head or svg_head(picture)
        shown = dict.fromkeys(line for row in svg_rows(picture) for line in row)
        self._leave([each for each in self._since if each not in shown])
        for each in shown:
            self._since.setdefault(each, self._taken)
        self._taken += 1

    def end(self) -> list[str]:
        """The lines of the file, after the last picture."""
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
        return round(1000 * self._begins[number])

    def _leave(self, elements: list[str]) -> None:
        """Writes what is seen until the next picture: a group for each picture with which some of it came."""
        for first, group in groupby(elements, self._since.__getitem__):  # in the order of coming
            begin, lines = self._open_group(first), [*group]
            grounds = [line for line in lines if line.startswith("<rect")]
            texts = [line for line in lines if not line.startswith("<rect")]
            self._grounds += [begin, *grounds, "</g>"] if grounds else []
            self._texts += [begin, *texts, "</g>"] if texts else []
        for each in elements:
            del self._since[each]

    def _open_group(self, first: int) -> str:
        """Begins a group that is seen from one picture to the next one."""
        begin, end = self._at(first), self._at(self._taken)
        if end - begin == self._milliseconds:
            return "<g>"
        self._durations.add(end - begin)
        hidden = "" if first <= self._still < self._taken else ' class="h"'
        delay = begin - self._milliseconds  # it has begun so long ago that it is seen from its time on
        return f'<g{hidden} style="animation-name:s{end - begin};animation-delay:{delay}ms">'
