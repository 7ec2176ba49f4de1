"""The view *update*: the arithmetic of the update that led to the visited point, with its own numbers."""

from __future__ import annotations

from quadfit_tui.core.explain import expected_update, worked_update
from quadfit_tui.ui.chartspec import Page, Role, Row, View, Words
from quadfit_tui.ui.scene import Scene


def draw(scene: Scene, words: Words) -> Page:  # noqa: ARG001  every view has one signature
    """The worked update as `run --explain` prints it; before the first one, its formulas."""
    said = worked(scene)
    if said is None:
        config = scene.snapshot.config
        said = [
            "No update has been done yet: n does the first one, and shows its numbers.",
            "",
            *expected_update(config),
        ]
    return Page((_row(said[0], Role.TITLE), *map(_row, said[1:])))


def worked(scene: Scene) -> list[str] | None:
    """The worked update of the visited point as lines of plain text; None where no update leads there."""
    snapshot = scene.snapshot
    if snapshot.record is None:
        return None
    return worked_update(snapshot.record, snapshot.config, snapshot.problem)


def _row(text: str, role: Role = Role.TEXT) -> Row:
    """A line of text; of arithmetic, what it comes to is marked as the result."""
    begun, equals, result = text.rpartition(" = ")
    if role is Role.TEXT and equals and not text.startswith(" "):
        return Row(text, role * len(begun + equals) + Role.RESULT * len(result))
    return Row(text, role * len(text))


VIEW = View(
    draw,
    summary="the arithmetic of the last update",
    reading=(
        "The update that led to the visited point, worked out: first its formulas, then the same with its own numbers "
        "put into them. The gradient of the whole data set stands below that of the batch: the angle between them "
        "tells how far the batch leads elsewhere than all samples would. ↑ and ↓ scroll, n and b go to the next "
        "update and back, and the page stays at the same line."
    ),
    options={},
)
