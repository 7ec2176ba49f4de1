"""SvgAnimation: pictures one after the other, as SVG with CSS animation."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from quadfit_tui.core.export.picture import Picture, svg_end, svg_head, svg_rows


class SvgAnimation:
    """An endless animation as SVG; elements that stay the same in several pictures are written once.

    `begins` are the seconds at which each picture begins, and at last the end of all. Programs without animations, and
    people who want less motion, see the picture number `still`.
    """

    def __init__(self, begins: Sequence[float], still: int = -1) -> None:
        self._begins = begins
        self._still = still % (len(begins) - 1)
        self._count = 0  # number of pictures so far
        self._head: list[str] = []
        self._grounds: list[str] = []  # written before all texts, as either may stay while the other changes
        self._texts: list[str] = []
        self._shown_since: dict[str, int] = {}  # visible elements, and the number of their first picture
        self._durations: set[int] = set()  # milliseconds that groups are visible

    def add_frame(self, picture: Picture) -> None:
        """Adds the next picture, which must have as many rows as the first one."""
        self._head = self._head or svg_head(picture)
        elements = dict.fromkeys(line for row in svg_rows(picture) for line in row)
        self._leave([element for element in self._shown_since if element not in elements])
        for element in elements:
            self._shown_since.setdefault(element, self._count)
        self._count += 1

    def end(self) -> list[str]:
        """Returns the lines of the file; called after the last picture."""
        self._leave([*self._shown_since])
        turns = [
            f"@keyframes s{time}{{0%{{visibility:visible}}{100 * time / self._milliseconds:.3f}%{{visibility:hidden}}}}"
            for time in sorted(self._durations)
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
        return self._milliseconds_at(-1)

    def _milliseconds_at(self, number: int) -> int:
        return round(1000 * self._begins[number])

    def _leave(self, elements: list[str]) -> None:
        """Writes elements that the next picture lacks: in one group for each picture in which some first appeared."""
        for first, group in groupby(elements, self._shown_since.__getitem__):  # in the order of appearance
            begin, lines = self._open_group(first), [*group]
            grounds = [line for line in lines if line.startswith("<rect")]
            texts = [line for line in lines if not line.startswith("<rect")]
            self._grounds += [begin, *grounds, "</g>"] if grounds else []
            self._texts += [begin, *texts, "</g>"] if texts else []
        for element in elements:
            del self._shown_since[element]

    def _open_group(self, first: int) -> str:
        """Returns the tag of a group that is visible from the picture number `first` to the next one to add."""
        begin, end = self._milliseconds_at(first), self._milliseconds_at(self._count)
        if end - begin == self._milliseconds:
            return "<g>"
        self._durations.add(end - begin)
        hidden = "" if first <= self._still < self._count else ' class="h"'
        delay = begin - self._milliseconds  # below 0: the animation began in the past
        return f'<g{hidden} style="animation-name:s{end - begin};animation-delay:{delay}ms">'
