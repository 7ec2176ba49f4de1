"""The two rows at the top: state, progress and the gauge of the learning rate; the parabolas and the mean loss.

Above an enlarged chart there is one row with the most important of these.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.content import Content
from textual.geometry import Region, Size
from textual.strip import Strip

from quadfit_tui.core.explain.glossary import meaning_at
from quadfit_tui.core.session.playback import DEFAULT_SPEED, Unit
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.session.verdict import heading, is_diverging, stopped_above_tol
from quadfit_tui.core.text.language import N_, _, comma_separated, ngettext
from quadfit_tui.core.text.numbers import format_in_width, format_short
from quadfit_tui.core.text.polynomial import polynomial
from quadfit_tui.core.text.width import cell_width, cut, ellipsize, ljust, rjust
from quadfit_tui.core.training.status import Status
from quadfit_tui.ui.tasks.diagnosis_worker import DiagnosisState
from quadfit_tui.ui.terminal.terminal_app import transliterate_for
from quadfit_tui.ui.toolkit.explained import Explained
from quadfit_tui.ui.toolkit.textual_internals import style_parser

LARGE = "-large"  # the class of the screen while the chart is enlarged
_WIDE = 138  # columns of a screen from which on it may have large numbers
_BIG_LOSS = 22  # columns of the large mean loss
_BAR = 6  # columns of the gauge's bar
_MANY = 10  # a rate so many times its limit or more is shown as a multiple of the limit, not in percent
_DIGITS = (6, 5, 4, 3)  # significant digits of the coefficients: the most for which there is room
_SIGNS = 13  # columns of a parabola without its digits, mostly: -1.235x² - 2.346x + 8.123 has 12 digits
_MISS = 5  # columns of the typical miss, mostly
_MEAN_LOSS = N_("mean loss")
_FITTED, _TRUE = "$fitted bold", "$true"  # the colors of the fitted and the true curve


def progress_line(snapshot: Snapshot, findings: DiagnosisState, width: int, tells_loss: bool = False) -> Content:
    """Renders the first row: state, epochs, update, the learning rate beside its limit, and on the right the speed.

    Without room for all it leaves some out. With `tells_loss`, if no other row has room for the mean loss, that comes
    before them; the bar of time shows the epoch anyway.
    """
    total, limit = snapshot.config.epochs, findings.limit_at(snapshot)
    badge = f" {_heading(snapshot, findings)} "
    done = rjust(str(snapshot.epoch), len(str(total)))
    epochs = _apart(ngettext("{done} of {n} epoch", "{done} of {n} epochs", total, done=done))
    updates = snapshot.updates_per_epoch
    update = ""
    if snapshot.update or (snapshot.unit is Unit.UPDATE and updates > 1):
        template = _("update {update} of {updates}")
        here = template.format(update=snapshot.update, updates=updates)
        last = template.format(update=updates, updates=updates)
        update = _apart(ljust(here, cell_width(last)))
    speed = _apart(speed_text(snapshot))
    gauges = [f"  {''.join(parts)}" for parts in gauge(snapshot, findings)]
    # Ways to fill the row, the best first: the text on the left, and that on the right.
    choices = [(progress + gauge_text, speed) for progress in (epochs + update, epochs) for gauge_text in gauges]
    # Before a run, its user should think about the rate beside its limit, less about a speed that nobody has changed.
    if snapshot.status is Status.READY and snapshot.speed == DEFAULT_SPEED:
        choices[:0] = [(progress + gauges[0], end) for progress in (epochs + update, epochs) for end in (speed, "")]
    choices += [(epochs, speed), (epochs, "")]
    if tells_loss:
        loss, rate = _apart(f"{_(_MEAN_LOSS)} {format_in_width(snapshot.mean_loss, 8)}"), gauges[-1][1:]
        choices[:0] = [*((epochs + loss, end) for end in (rate + speed, rate, "")), (loss, rate), (loss, "")]
    shortest = cut(epochs, width - cell_width(badge)), ""
    left, right = next((choice for choice in choices if cell_width(badge + "".join(choice)) <= width), shortest)
    return Content.assemble(
        (badge, _badge_style(snapshot, limit)), left, rjust(right, width - cell_width(badge + left))
    )


def _heading(snapshot: Snapshot, findings: DiagnosisState) -> str:
    """Returns the state of the run in a word or two, for the badge."""
    return _("AT REST") if findings.is_paused_at_rest else heading(snapshot, findings.limit_at(snapshot))


def _apart(text: str) -> str:
    """Adds the blanks that separate a text from the one before it in a row."""
    return f"  {text}"


def speed_text(snapshot: Snapshot) -> str:
    """Formats the speed of a run, in epochs or updates per second, whichever it plays."""
    of_updates = snapshot.unit is Unit.UPDATE
    if snapshot.speed is None:
        return _("max updates/s") if of_updates else _("max epochs/s")
    if of_updates:
        return ngettext("{n} update/s", "{n} updates/s", snapshot.speed)
    return ngettext("{n} epoch/s", "{n} epochs/s", snapshot.speed)


class Gauge(NamedTuple):
    """The texts of the gauge: the learning rate, a bar as full as its share of the limit, and that share."""

    rate: str
    bar: str = ""
    share: str = ""


def gauge(snapshot: Snapshot, findings: DiagnosisState) -> list[Gauge]:
    """Formats the gauge of the learning rate in several ways, the longest first.

    It is the rate alone if the limit is unknown, or withheld by a lesson.
    """
    diagnosis = findings.diagnosis
    if diagnosis is None or diagnosis.limit.rate is None or "limit" in findings.withheld:
        return [Gauge(rate) for rate in _format_rate(format_short(snapshot.lr))]
    from quadfit_tui.core.diagnosis.wording.rate_comparison import (
        format_rate_and_limit,
        limit_name,
    )  # imported late, since no limit is known at the start of the app

    share = snapshot.lr / diagnosis.limit.rate
    rate, limit = format_rate_and_limit(snapshot.lr, diagnosis.limit.rate, diagnosis.limit.basis)
    templates = (
        (_("{percent} %"), _("{percent} % of {limit}")) if share < _MANY else (_("{n} times"), _("{n} times {limit}"))
    )
    percent = f"{min(100 * share, 99):.2g}" if share < 1 else f"{100 * share:.0f}"  # below the limit never 100
    brief, full = (
        template.format(percent=percent, n=format_short(share), limit=limit_name(diagnosis, limit))
        for template in templates
    )
    filled = _BAR if share >= 1 else min(_BAR - 1, math.ceil(share * _BAR))
    bar = f" ▕{'█' * filled}{'░' * (_BAR - filled)}▏ "
    full_rate, brief_rate = _format_rate(rate)
    return [
        Gauge(full_rate, bar, full),
        Gauge(brief_rate, bar, full),
        Gauge(brief_rate, bar, brief),
        Gauge(brief_rate),
    ]


def _format_rate(rate: str) -> tuple[str, str]:
    """Formats the learning rate, in full and in brief."""
    return _("learning rate {rate}").format(rate=rate), _("lr {rate}").format(rate=rate)


def _badge_style(snapshot: Snapshot, limit: float | None) -> str:
    """Returns the style of the badge with the state, in the color of warnings if the run goes wrong."""
    wrong = stopped_above_tol(snapshot) or snapshot.status is Status.DIVERGED or is_diverging(snapshot, limit)
    return "bold reverse $text-warning" if wrong else "bold reverse $primary"


def formulas_line(snapshot: Snapshot, width: int, spelled: Callable[[str], str] = str) -> Content:
    """Renders the second row: the fitted parabola, the true one, both in the colors of their curves, and the mean loss.

    The typical miss replaces the true parabola if that is unknown. With less room there are fewer digits; then the true
    parabola or the miss is left out, then the mean loss. `spelled` transliterates x² to what the terminal can show.
    """
    truth, mean_loss = (
        snapshot.problem.truth,
        format_in_width(snapshot.mean_loss, 8)[1:],
    )  # a loss has no sign
    name, (x, y) = _apart(f"{_(_MEAN_LOSS)} "), snapshot.problem.quantities.symbols
    named, fit = f"{name}{mean_loss}", _("fitted y = {polynomial}") if y == "y" else f"{y} = {{polynomial}}"
    true = _("true y = {polynomial}").format(polynomial=polynomial(truth)) if truth else typical_miss(snapshot)
    truth_or_miss, color = spelled(_apart(true)), _TRUE if truth else ""
    w = snapshot.w.tolist()
    formulas = [polynomial(w, digits, x=x) for digits in _DIGITS]
    fitted = [spelled(fit.format(polynomial=formula)) for formula in formulas]
    signs = _SIGNS + (0 if x == "x" else 2 * cell_width(x))
    usual_widths = [cell_width(fit.format(polynomial="")) + 3 * digits + signs for digits in _DIGITS]
    for middle in dict.fromkeys((truth_or_miss, "")):
        # The fitted parabola has a usual width, so that what follows it stays in its place.
        first, room = next(
            ((index, usual) for index, usual in enumerate(usual_widths) if usual + cell_width(middle + named) <= width),
            (0, 0),
        )
        within_room = (text for text in fitted[first:] if cell_width(text) <= room)
        within_row = (text for text in fitted if cell_width(text + middle + named) <= width)
        text = next(within_room, "") or next(within_row, "")
        if text:
            return Content.assemble((ljust(text, room), _FITTED), (middle, color), name, (mean_loss, "bold"))
    without_name = [f"{y} = {formula}" for formula in formulas]
    without_symbols = [f"y = {polynomial(w, digits)}" for digits in _DIGITS]
    texts = (*fitted, *map(spelled, (*without_name, *without_symbols)))
    fits = (text for text in texts if cell_width(text) <= width)
    return Content.assemble((next(fits, ellipsize(fitted[-1], width)), _FITTED))


def typical_miss(snapshot: Snapshot) -> str:
    """Formats how far the curve typically is from a sample, mostly in the same width.

    That is the square root of the mean loss, in the unit of y.
    """
    miss, unit = math.sqrt(snapshot.mean_loss), snapshot.problem.quantities.y.unit
    number = f"{miss:.0f}" if 10 <= miss < 1e5 else f"{miss:.2g}"
    text = _("typical miss {miss}").format(miss=f"{number} {unit}".rstrip())
    return ljust(text, cell_width(text) - len(number) + _MISS)


def one_line(snapshot: Snapshot, findings: DiagnosisState, width: int, spelled: Callable[[str], str] = str) -> Content:
    """Renders the only row above an enlarged chart: state, epochs, rate, fitted parabola, mean loss, if there is room.

    `spelled` transliterates x² to what the terminal can show.
    """
    total, limit = snapshot.config.epochs, findings.limit_at(snapshot)
    badge = f" {_heading(snapshot, findings)} "
    done = ngettext(
        "{done} of {n} epoch", "{done} of {n} epochs", total, done=rjust(str(snapshot.epoch), len(str(total)))
    )
    loss = f"{_(_MEAN_LOSS)} {format_in_width(snapshot.mean_loss, 8)[1:]}"
    x, y = snapshot.problem.quantities.symbols
    fits = [spelled(f"{y} = {polynomial(snapshot.w.tolist(), digits, x=x)}") for digits in _DIGITS[-2:]]
    rates = [comma_separated([rate, share]) if share else rate for rate, _bar, share in gauge(snapshot, findings)[-2:]]
    miss = "" if snapshot.problem.truth else typical_miss(snapshot)
    choices: list[tuple[str, ...]] = [(done, rates[0], fit, miss, loss) for fit in fits]
    choices += [(done, rate, fit, loss) for rate in rates for fit in fits]
    choices += [(epochs, fit, loss) for epochs in (done, f"{snapshot.epoch}/{total}") for fit in fits]
    choices += [(done, rates[-1], "", loss), (done, "", loss), ("", loss), ("",)]
    rows = ([_apart(part) for part in parts if part] for parts in choices)
    parts = next(row for row in rows if cell_width(badge + "".join(row)) <= width or not row)
    colors = {_apart(fit): _FITTED for fit in fits}
    return Content.assemble((badge, _badge_style(snapshot, limit)), *((part, colors.get(part, "")) for part in parts))


def big_figure(value: float) -> str:
    """Formats a mean loss in two or three significant digits, to be read from far away: `8.74`, `1596`, `7.6e-6`."""
    if value == 0 or 1e-3 <= value < 1e5 or not math.isfinite(value):
        text = f"{value:.3g}"
        return f"{value:.0f}" if "e" in text else text
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def numerals(snapshot: Snapshot) -> list[str]:
    """Renders the epochs done and the mean loss in large digits, for a class to read: three rows of text."""
    epochs = _big(str(snapshot.epoch), 3 * len(str(snapshot.config.epochs)))
    losses = _big(big_figure(snapshot.mean_loss), _BIG_LOSS)
    of_epochs, of_loss = ([" " * cell_width(text)] * 2 + [text] for text in (_("epochs done"), _(_MEAN_LOSS)))
    return ["  {} {}   {} {}".format(*row) for row in zip(of_epochs, epochs, of_loss, losses, strict=True)]


def _big(text: str, width: int) -> list[str]:
    """Renders a number in large digits: three rows, `width` columns wide."""
    from textual.renderables.digits import Digits  # imported late: only large screens have room for them

    rows = "".join(
        part.text for part in Digits(text).render(Style(bold=True)) if isinstance(part, Segment)
    ).splitlines()
    return [ljust(row, width) for row in rows]


class Header(Explained):
    """The widget with the two rows, which repaints those that change.

    With `has_numerals`, for a screen that a class reads, two numbers are large if the screen is wide.
    """

    def __init__(self, has_numerals: bool = False) -> None:
        super().__init__()
        self._has_numerals = has_numerals
        self._about: tuple[Snapshot, DiagnosisState] | None = None
        self._rows: list[Content] = []

    def show(self, snapshot: Snapshot, findings: DiagnosisState) -> None:
        """Shows a moment, and what is known of its run."""
        self._about = snapshot, findings
        self._update()

    def refresh_charset(self) -> None:
        """Lays out again without large numbers, which need characters of frames; called if a terminal lacks some."""
        self._has_numerals = False
        self.refresh(layout=True)

    def on_resize(self) -> None:
        self._update()

    def render(self) -> Content:
        return Content("\n").join(self._rows)

    def render_line(self, y: int) -> Strip:
        """Renders one row by itself; while text is selected, Textual renders all rows."""
        if y >= len(self._rows) or self.text_selection is not None:
            return super().render_line(y)
        line = self._rows[y].render(self.visual_style, end="", parse_style=style_parser(self))
        strip = Strip([Segment(text, style.rich_style) for text, style in line if text])
        return strip.apply_offsets(0, y)  # selecting by the mouse needs them

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002  Textual's
        """Returns the count of rows; lays them out, so that the first frame is right."""
        if self._about is not None and width:
            self._rows = self._lay_out(*self._about, width)
        return len(self._rows) or 2

    def _lay_out(self, snapshot: Snapshot, findings: DiagnosisState, width: int) -> list[Content]:
        """Returns the rows for a width: one above an enlarged chart, else two, or as many as large numbers take."""
        if self.screen.has_class(LARGE):
            return [one_line(snapshot, findings, width, partial(transliterate_for, self.app))]
        large = numerals(snapshot) if self._has_room_for_numerals(width) else []
        room = width - max(map(cell_width, large), default=0)
        formulas = formulas_line(snapshot, room, partial(transliterate_for, self.app))
        tells_loss = _(_MEAN_LOSS) not in formulas.plain
        rows = [progress_line(snapshot, findings, room, tells_loss), formulas]
        rows += [Content("")] * (len(large) - len(rows))
        for y, row in enumerate(large):
            rows[y] = Content.assemble(rows[y], " " * (room - rows[y].cell_length), (row, "$foreground bold"))
        return rows

    def _has_room_for_numerals(self, width: int) -> bool:
        return self._has_numerals and width >= _WIDE and not self.screen.has_class("-short")

    def meaning_at(self, x: int, y: int) -> str:
        """Returns the glossary's text about the word at a place, for a tooltip; "" if it has none."""
        row = self._rows[y].plain if y < len(self._rows) else ""
        return transliterate_for(self.app, meaning_at(row, x - self.styles.padding.left))

    async def on_click(self, event: events.Click) -> None:
        """Runs the command of the text that was clicked in the first row.

        The badge plays or pauses, the rate opens its field, the bar the page about its limit; the speed switches on.
        """
        if self._about is None or self.screen.focused is not None or event.y:
            return
        (snapshot, findings), row = self._about, self._rows[0].plain
        shown = next(way for way in gauge(snapshot, findings) if "".join(way) in row or not way.bar)
        targets = (
            (row[: row.find("  ")], "play_pause"),
            (shown.rate, "edit('lr')"),
            (shown.bar + shown.share, "diagnose"),
            (speed_text(snapshot), "next_speed"),
        )
        x = event.x - self.styles.padding.left
        for text, action in targets:
            if not text:
                continue
            before, match, _after = row.partition(text)
            if match and 0 <= x - cell_width(before) < cell_width(text):
                await self.run_action(f"app.{action}")

    def _update(self) -> None:
        """Lays out the rows again, and repaints those that change."""
        width, before = self.content_size.width, self._rows
        if self._about is None or not width:
            return
        self._rows = self._lay_out(*self._about, width)
        if len(before) != len(self._rows):
            self.refresh(layout=True)
            return
        changed = [y for y, (old, new) in enumerate(zip(before, self._rows, strict=True)) if old.plain != new.plain]
        if changed:
            self.refresh(*(Region(0, y, width, 1) for y in changed))
