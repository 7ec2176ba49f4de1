"""The lines at the top: state and progress, and the current numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TypeVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.content import Content
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.parabola import PARAMETER_NAMES
from quadfit_tui.core.session.playback import Unit
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.session.verdict import misled
from quadfit_tui.core.text.numbers import counted, figure, short
from quadfit_tui.core.text.width import columns, cut, left, right
from quadfit_tui.core.training.status import Status
from quadfit_tui.ui.toolkit.textual_internals import style_parser

Line = TypeVar("Line", str, Content)

_WIDE = 138  # columns, from which on there are large numbers
_BIG_LOSS = 22  # columns of the large mean loss


def progress_line(snapshot: Snapshot, width: int, tells_loss: bool = False) -> Content:
    """State, epochs, update; on the right the learning rate and the speed.

    `tells_loss`: where no other line has it, the mean loss is worth more than these; the bar of time tells the epoch.
    """
    total = snapshot.config.epochs
    badge = f" {'STOPPED' if misled(snapshot) else snapshot.status.upper()} "
    done = f"  {snapshot.epoch:{len(str(total))}d}"
    epochs = f"{done} of 1 epoch done" if total == 1 else f"{done} of {total} epochs done"
    updates = snapshot.updates_per_epoch
    update = ""
    if snapshot.update or (snapshot.unit is Unit.UPDATE and updates > 1):
        update = left(f"  update {snapshot.update} of {updates}", columns(f"  update {updates} of {updates}"))
    rate, speed = f"  lr {short(snapshot.lr)}", f"  {speed_text(snapshot)}"
    # What there is no room for is left out, the least important first.
    choices = [(f"{epochs}{update}", rate + speed), (epochs, rate + speed), (epochs, speed), (epochs, "")]
    if tells_loss:
        loss = f"  mean loss {figure(snapshot.mean_loss, 8)}"
        choices[:0] = [(epochs + loss, rate), (epochs + loss, ""), (loss, rate), (loss, "")]
    shortest = cut(epochs, width - columns(badge)), ""
    told, beside = next((each for each in choices if columns(badge + "".join(each)) <= width), shortest)
    return Content.assemble(
        (badge, f"bold reverse {_color(snapshot)}"), told, right(beside, width - columns(badge + told))
    )


def speed_text(snapshot: Snapshot) -> str:
    """How fast it plays, and what: the play unit."""
    return f"max {snapshot.unit}s/s" if snapshot.speed is None else f"{counted(snapshot.speed, snapshot.unit)}/s"


def _color(snapshot: Snapshot) -> str:
    if misled(snapshot):
        return "$warning"
    colors = {Status.RUNNING: "$success", Status.CONVERGED: "$success", Status.DIVERGED: "$error"}
    return colors.get(snapshot.status, "$primary")


def numbers_line(snapshot: Snapshot, width: int) -> Content:
    """The current w and losses, of these the mean loss alone where there is no room for both.

    Where the features are scaled also w in z, if there is room.
    """
    loss = "       –" if snapshot.loss is None else figure(snapshot.loss, 8)
    mean_loss = ("  mean loss ", _bold(figure(snapshot.mean_loss, 8)))
    losses = ("   loss ", _bold(loss), *mean_loss)
    w = _parts_of(snapshot.w)
    full, brief = (Content.assemble("w", *w, *each) for each in (losses, mean_loss))
    plain = brief if brief.cell_length <= width < full.cell_length else full
    if snapshot.task.scale is None:
        return plain
    in_x = Content.assemble("w in x", *w, *losses)
    in_both = Content.assemble("w in x", *w, "   in z", *_parts_of(snapshot.trained_w), *losses)
    return _first_to_fit((in_both, in_x), width, plain)


def _parts_of(w: Array) -> list[str | tuple[str, str]]:
    values = zip(PARAMETER_NAMES, w.tolist(), strict=True)
    return [part for name, value in values for part in (f" {name} ", _bold(figure(value, 9)))]


def _bold(text: str) -> tuple[str, str]:
    return text, "bold"


def _first_to_fit(choices: Iterable[Line], width: int, otherwise: Line) -> Line:
    return next((line for line in choices if _columns(line) <= width), otherwise)


def _columns(line: Line) -> int:
    return columns(line) if isinstance(line, str) else line.cell_length


def big_figure(value: float) -> str:
    """A mean loss in two or three significant digits, to be read from far away: `8.74`, `1596`, `7.6E-6`."""
    if value == 0 or 1e-3 <= value < 1e5 or not math.isfinite(value):
        text = f"{value:.3g}"
        return f"{value:.0f}" if "e" in text else text
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa}E{int(exponent)}"


def numerals(snapshot: Snapshot) -> list[str]:
    """How many epochs are done, and the mean loss, in digits of three rows."""
    epochs = _big(str(snapshot.epoch), 3 * len(str(snapshot.config.epochs)))
    losses = _big(big_figure(snapshot.mean_loss), _BIG_LOSS)
    of_epochs, of_loss = ([" " * columns(text)] * 2 + [text] for text in ("epochs done", "mean loss"))
    return ["  {} {}   {} {}".format(*row) for row in zip(of_epochs, epochs, of_loss, losses, strict=True)]


def _big(text: str, width: int) -> list[str]:
    from textual.renderables.digits import Digits  # only large screens have room for them

    rows = "".join(
        part.text for part in Digits(text).render(Style(bold=True)) if isinstance(part, Segment)
    ).splitlines()
    return [left(row, width) for row in rows]


class Header(Widget):
    """Shows its lines; repaints those that change. On wide screens two numbers stand beside them, in large."""

    def __init__(self, has_numerals: bool = True) -> None:
        super().__init__()
        self._has_numerals = has_numerals
        self._snapshot: Snapshot | None = None
        self._lines: list[Content] = []
        self._fits = False  # whether each takes one row
        self._room = (0, 0)  # columns and rows that they take

    def show(self, snapshot: Snapshot) -> None:
        """Shows `snapshot` from now on."""
        self._snapshot = snapshot
        self._update()

    def leave_numerals_out(self) -> None:
        """Has none of the large numbers from now on, which are drawn in characters of frames."""
        self._has_numerals = False
        self._update()

    def on_resize(self) -> None:
        self._update()

    def render(self) -> Content:
        return Content("\n").join(self._lines)

    def render_line(self, y: int) -> Strip:
        """One line; made by itself, where each has a row of its own and no text is selected."""
        if y >= len(self._lines) or not self._fits or self.text_selection is not None:
            return super().render_line(y)
        line = self._lines[y].render(self.visual_style, end="", parse_style=style_parser(self))
        strip = Strip([Segment(text, style.rich_style) for text, style in line if text])
        return strip.apply_offsets(0, y)  # by which the mouse selects

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002  Textual's
        """The rows that it takes, laid out here for the width: what is seen first is right, then."""
        if self._snapshot is None or not width:
            return 0
        self._lines = self._lay_out(self._snapshot, width)
        self._room = width, self._height(width)
        return self._room[1]

    def _lay_out(self, snapshot: Snapshot, width: int) -> list[Content]:
        has_room = numbers_line(snapshot, width).cell_length <= width
        large = numerals(snapshot) if self._has_numerals and width >= _WIDE and not self._is_short else []
        room = width - max(map(columns, large), default=0)
        tells_loss = self._is_short and not has_room  # of the numbers only w is seen
        lines = [progress_line(snapshot, room, tells_loss), numbers_line(snapshot, room)]
        lines += [Content("")] * (len(large) - len(lines))
        for y, row in enumerate(large):
            lines[y] = Content.assemble(lines[y], " " * (room - lines[y].cell_length), (row, "$text-accent"))
        return lines

    async def on_click(self, event: events.Click) -> None:
        """Plays or pauses by the badge, takes the next speed, goes to the field of the rate."""
        if self._snapshot is None or self.screen.focused is not None or event.y:
            return
        line, x = self._lines[0].plain, event.x - self.styles.padding.left
        rate, speed = f"lr {short(self._snapshot.lr)}", speed_text(self._snapshot)
        targets = ((line[: line.find("  ")], "play_pause"), (rate, "edit('lr')"), (speed, "next_speed"))
        for text, action in targets:
            begin, found, _ = line.partition(text)
            if found and 0 <= x - columns(begin) < columns(text):
                await self.run_action(f"app.{action}")

    @property
    def _is_short(self) -> bool:
        return self.screen.has_class("-short")

    def _height(self, width: int) -> int:
        self._fits = all(line.cell_length <= width for line in self._lines)
        return len(self._lines) if self._fits else self.render().get_height(self.styles.get_rules(), width)

    def _update(self) -> None:
        width, before = self.content_size.width, self._lines
        if self._snapshot is None or not width:
            return
        self._lines = self._lay_out(self._snapshot, width)
        height = self._height(width)
        if (width, height) != self._room:
            self._room = width, height
            self.refresh(layout=True)  # which repaints the whole screen
        elif height > len(self._lines) or len(before) != len(self._lines):
            self.refresh()
        else:
            changed = [
                y for y, (old, new) in enumerate(zip(before, self._lines, strict=True)) if old.plain != new.plain
            ]
            if changed:
                self.refresh(*(Region(0, y, width, 1) for y in changed))
