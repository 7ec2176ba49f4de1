"""A compositor that renders what has changed, and not all that lies in the box around it."""

from __future__ import annotations

from collections.abc import Iterable

from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Region
from textual.strip import Strip


class SparseCompositor(Compositor):
    """Composes a partial update of the widgets that are seen in it.

    Textual's renders every widget whose clip touches the smallest box around all changes: where a line at the top and
    one at the bottom are new, all of the screen, at each frame.
    """

    _parts: frozenset[Region] = frozenset()  # what is being composed, if that is a partial update

    def render_partial_update(self) -> ChopsUpdate | None:
        self._parts = frozenset(self._dirty_regions)
        try:
            return super().render_partial_update()
        finally:
            self._parts = frozenset()

    def _get_renders(self, crop: Region | None = None) -> Iterable[tuple[Region, Region, list[Strip]]]:
        if not self._parts:
            yield from super()._get_renders(crop)
            return
        for widget, (region, clip) in self.visible_widgets.items():
            place = region.intersection(clip)
            seen = [part.intersection(place) for part in self._parts if part.overlaps(place)]
            if seen:
                rows = Region.from_union(seen)
                rows = Region(place.x, rows.y, place.width, rows.height)
                yield region, rows, widget.render_lines(rows.translate(-region.offset))
                # What it covers need not be asked what would be there.
                self._parts -= {part for part in self._parts if place.contains_region(part)}
