"""The two rows at the top: state, progress and the gauge of the learning rate; the parabolas and the mean loss.

Above an enlarged chart there is one row, which has the most important of these.
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
from quadfit_tui.core.text.numbers import figure, short
from quadfit_tui.core.text.polynomial import polynomial
from quadfit_tui.core.text.width import cell_width, cut, ljust, rjust, shortened
from quadfit_tui.core.training.status import Status
from quadfit_tui.ui.tasks.diagnosis_worker import DiagnosisState
from quadfit_tui.ui.terminal.terminal_app import transliterate_for
from quadfit_tui.ui.toolkit.explained import Explained
from quadfit_tui.ui.toolkit.textual_internals import style_parser

LARGE = "-large"  # the class of the screen while the chart is enlarged
_WIDE = 138  # columns, from which on there are large numbers
_BIG_LOSS = 22  # columns of the large mean loss
_BAR = 6  # columns of the bar of the gauge
_MANY = 10  # times the limit, from which on that is told in the place of percents
_DIGITS = (6, 5, 4, 3)  # significant ones of the coefficients, as many as there is room for
_SIGNS = 13  # columns of a parabola beside its digits, most often: -1.235x² - 2.346x + 8.123 has 12 digits
_MISS = 5  # columns of the typical miss, most often
_MEAN_LOSS = N_("mean loss")
_FITTED, _TRUE = "$fitted bold", "$true"  # the colors of their curves


def progress_line(snapshot: Snapshot, findings: DiagnosisState, width: int, tells_loss: bool = False) -> Content:
    """State, epochs, update; the learning rate beside its limit; on the right the speed.

    `tells_loss`: where no other line has it, the mean loss is worth more than these; the bar of time tells the epoch.
    """
    total, limit = snapshot.config.epochs, findings.limit_at(snapshot)
    badge = f" {_heading(snapshot, findings)} "
    done = rjust(str(snapshot.epoch), len(str(total)))
    epochs = _apart(ngettext("{done} of {n} epoch", "{done} of {n} epochs", total, done=done))
    updates = snapshot.updates_per_epoch
    update = ""
    if snapshot.update or (snapshot.unit is Unit.UPDATE and updates > 1):
        said = _("update {update} of {updates}")
        here, last = (said.format(update=at, updates=updates) for at in (snapshot.update, updates))
        update = _apart(ljust(here, cell_width(last)))
    speed = _apart(speed_text(snapshot))
    gauges = [f"  {''.join(parts)}" for parts in gauge(snapshot, findings)]
    choices = [(done + told, speed) for done in (epochs + update, epochs) for told in gauges]
    # What the rate comes to is to be thought about first; the speed is not, unless somebody has changed it.
    if snapshot.status is Status.READY and snapshot.speed == DEFAULT_SPEED:
        choices[:0] = [(done + gauges[0], beside) for done in (epochs + update, epochs) for beside in (speed, "")]
    choices += [(epochs, speed), (epochs, "")]
    if tells_loss:
        loss, rate = _apart(f"{_(_MEAN_LOSS)} {figure(snapshot.mean_loss, 8)}"), gauges[-1][1:]
        choices[:0] = [*((epochs + loss, beside) for beside in (rate + speed, rate, "")), (loss, rate), (loss, "")]
    shortest = cut(epochs, width - cell_width(badge)), ""
    told, beside = next((each for each in choices if cell_width(badge + "".join(each)) <= width), shortest)
    return Content.assemble(
        (badge, _badge_style(snapshot, limit)), told, rjust(beside, width - cell_width(badge + told))
    )


def _heading(snapshot: Snapshot, findings: DiagnosisState) -> str:
    """The state of the run in a word, or that it has come to rest."""
    return _("AT REST") if findings.rests else heading(snapshot, findings.limit_at(snapshot))


def _apart(text: str) -> str:
    """A text as it stands behind another one in a row."""
    return f"  {text}"


def speed_text(snapshot: Snapshot) -> str:
    """How fast it plays, and what: the play unit."""
    of_updates = snapshot.unit is Unit.UPDATE
    if snapshot.speed is None:
        return _("max updates/s") if of_updates else _("max epochs/s")
    if of_updates:
        return ngettext("{n} update/s", "{n} updates/s", snapshot.speed)
    return ngettext("{n} epoch/s", "{n} epochs/s", snapshot.speed)


class Gauge(NamedTuple):
    """The learning rate beside its limit: the rate, a bar as full as its share of it, and what that share is."""

    rate: str
    bar: str = ""
    share: str = ""


def gauge(snapshot: Snapshot, findings: DiagnosisState) -> list[Gauge]:
    """The gauge in the ways there are, the fullest first; the rate alone where no limit is known, or may be told."""
    diagnosis = findings.diagnosis
    if diagnosis is None or diagnosis.limit.rate is None or "limit" in findings.withheld:
        return [Gauge(way) for way in _rate(short(snapshot.lr))]
    from quadfit_tui.core.diagnosis.wording.rate_comparison import (
        format_rate_and_limit,
        the_limit,
    )  # at the start nothing is known

    share = snapshot.lr / diagnosis.limit.rate
    rate, limit = format_rate_and_limit(snapshot.lr, diagnosis.limit.rate, diagnosis.limit.basis)
    ways = (
        (_("{percent} %"), _("{percent} % of {limit}")) if share < _MANY else (_("{n} times"), _("{n} times {limit}"))
    )
    percent = f"{min(100 * share, 99):.2g}" if share < 1 else f"{100 * share:.0f}"  # never 100 below it
    brief, full = (way.format(percent=percent, n=short(share), limit=the_limit(diagnosis, limit)) for way in ways)
    filled = _BAR if share >= 1 else min(_BAR - 1, math.ceil(share * _BAR))
    bar = f" ▕{'█' * filled}{'░' * (_BAR - filled)}▏ "
    told, least = _rate(rate)
    return [Gauge(told, bar, full), Gauge(least, bar, full), Gauge(least, bar, brief), Gauge(least)]


def _rate(rate: str) -> tuple[str, str]:
    """The learning rate, in full and in short."""
    return _("learning rate {rate}").format(rate=rate), _("lr {rate}").format(rate=rate)


def _badge_style(snapshot: Snapshot, limit: float | None) -> str:
    wrong = stopped_above_tol(snapshot) or snapshot.status is Status.DIVERGED or is_diverging(snapshot, limit)
    return "bold reverse $text-warning" if wrong else "bold reverse $primary"


def formulas_line(snapshot: Snapshot, width: int, spelled: Callable[[str], str] = str) -> Content:
    """The fitted parabola in the color of its curve, and the mean loss; between them the true parabola in its own, or
    the typical miss of samples of which none is known.

    The less room there is, the fewer digits; then what is between them goes, then the mean loss. `transliterate_for`
    writes x² in what the terminal has.
    """
    truth, mean_loss = snapshot.problem.truth, figure(snapshot.mean_loss, 8)[1:]  # which is never negative
    name, (x, y) = _apart(f"{_(_MEAN_LOSS)} "), snapshot.problem.quantities.symbols
    named, fit = f"{name}{mean_loss}", _("fitted y = {polynomial}") if y == "y" else f"{y} = {{polynomial}}"
    true = _("true y = {polynomial}").format(polynomial=polynomial(truth)) if truth else typical_miss(snapshot)
    beside, color = spelled(_apart(true)), _TRUE if truth else ""
    w = snapshot.w.tolist()
    formulas = [polynomial(w, digits, x=x) for digits in _DIGITS]
    fitted = [spelled(fit.format(polynomial=each)) for each in formulas]
    signs = _SIGNS + (0 if x == "x" else 2 * cell_width(x))
    for aim in dict.fromkeys((beside, "")):
        # Of one width, so that what follows stays in its place.
        rooms = (cell_width(fit.format(polynomial="")) + 3 * digits + signs for digits in _DIGITS)
        at, room = next(
            ((at, room) for at, room in enumerate(rooms) if room + cell_width(aim + named) <= width), (0, 0)
        )
        held = (text for text in fitted[at:] if cell_width(text) <= room)
        large = (text for text in fitted if cell_width(text + aim + named) <= width)
        text = next(held, "") or next(large, "")
        if text:
            return Content.assemble((ljust(text, room), _FITTED), (aim, color), name, (mean_loss, "bold"))
    short_ways = (*(f"{y} = {each}" for each in formulas), *(f"y = {polynomial(w, digits)}" for digits in _DIGITS))
    fits = (text for text in (*fitted, *map(spelled, short_ways)) if cell_width(text) <= width)
    return Content.assemble((next(fits, shortened(fitted[-1], width)), _FITTED))


def typical_miss(snapshot: Snapshot) -> str:
    """How far the curve is from a sample: the root of the mean loss, in the unit of y, mostly of the same width."""
    miss, unit = math.sqrt(snapshot.mean_loss), snapshot.problem.quantities.y.unit
    number = f"{miss:.0f}" if 10 <= miss < 1e5 else f"{miss:.2g}"
    told = _("typical miss {miss}").format(miss=f"{number} {unit}".rstrip())
    return ljust(told, cell_width(told) - len(number) + _MISS)


def one_line(snapshot: Snapshot, findings: DiagnosisState, width: int, spelled: Callable[[str], str] = str) -> Content:
    """State, epochs, learning rate, the fitted parabola and the mean loss in one row, as many as there is room for."""
    total, limit = snapshot.config.epochs, findings.limit_at(snapshot)
    badge = f" {_heading(snapshot, findings)} "
    done = ngettext(
        "{done} of {n} epoch", "{done} of {n} epochs", total, done=rjust(str(snapshot.epoch), len(str(total)))
    )
    loss = f"{_(_MEAN_LOSS)} {figure(snapshot.mean_loss, 8)[1:]}"
    x, y = snapshot.problem.quantities.symbols
    fits = [spelled(f"{y} = {polynomial(snapshot.w.tolist(), digits, x=x)}") for digits in _DIGITS[-2:]]
    rates = [comma_separated([rate, share]) if share else rate for rate, _bar, share in gauge(snapshot, findings)[-2:]]
    miss = "" if snapshot.problem.truth else typical_miss(snapshot)
    choices: list[tuple[str, ...]] = [(done, rates[0], fit, miss, loss) for fit in fits]
    choices += [(done, rate, fit, loss) for rate in rates for fit in fits]
    choices += [(way, fit, loss) for way in (done, f"{snapshot.epoch}/{total}") for fit in fits]
    choices += [(done, rates[-1], "", loss), (done, "", loss), ("", loss), ("",)]
    rows = ([_apart(part) for part in parts if part] for parts in choices)
    parts = next(row for row in rows if cell_width(badge + "".join(row)) <= width or not row)
    colors = {_apart(fit): _FITTED for fit in fits}
    return Content.assemble((badge, _badge_style(snapshot, limit)), *((part, colors.get(part, "")) for part in parts))


def big_figure(value: float) -> str:
    """A mean loss in two or three significant digits, to be read from far away: `8.74`, `1596`, `7.6e-6`."""
    if value == 0 or 1e-3 <= value < 1e5 or not math.isfinite(value):
        text = f"{value:.3g}"
        return f"{value:.0f}" if "e" in text else text
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def numerals(snapshot: Snapshot) -> list[str]:
    """How many epochs are done, and the mean loss, in digits of three rows."""
    epochs = _big(str(snapshot.epoch), 3 * len(str(snapshot.config.epochs)))
    losses = _big(big_figure(snapshot.mean_loss), _BIG_LOSS)
    of_epochs, of_loss = ([" " * cell_width(text)] * 2 + [text] for text in (_("epochs done"), _(_MEAN_LOSS)))
    return ["  {} {}   {} {}".format(*row) for row in zip(of_epochs, epochs, of_loss, losses, strict=True)]


def _big(text: str, width: int) -> list[str]:
    from textual.renderables.digits import Digits  # only large screens have room for them

    rows = "".join(
        part.text for part in Digits(text).render(Style(bold=True)) if isinstance(part, Segment)
    ).splitlines()
    return [ljust(row, width) for row in rows]


class Header(Explained):
    """Shows the two rows; repaints those that change. On a wide screen that a class reads, two numbers are large."""

    def __init__(self, has_numerals: bool = False) -> None:
        super().__init__()
        self._has_numerals = has_numerals
        self._about: tuple[Snapshot, DiagnosisState] | None = None
        self._rows: list[Content] = []

    def show(self, snapshot: Snapshot, findings: DiagnosisState) -> None:
        """Shows `snapshot` from now on, and what is known of its run."""
        self._about = snapshot, findings
        self._update()

    def refresh_charset(self) -> None:
        """Has formulas in other words, and no large numbers, which are drawn in characters of frames."""
        self._has_numerals = False
        self.refresh(layout=True)

    def on_resize(self) -> None:
        self._update()

    def render(self) -> Content:
        return Content("\n").join(self._rows)

    def render_line(self, y: int) -> Strip:
        """One row; made by itself, where no text is selected."""
        if y >= len(self._rows) or self.text_selection is not None:
            return super().render_line(y)
        line = self._rows[y].render(self.visual_style, end="", parse_style=style_parser(self))
        strip = Strip([Segment(text, style.rich_style) for text, style in line if text])
        return strip.apply_offsets(0, y)  # by which the mouse selects

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002  Textual's
        """Two rows, or as many as large numbers take; laid out here: what is seen first is right, then."""
        if self._about is not None and width:
            self._rows = self._lay_out(*self._about, width)
        return len(self._rows) or 2

    def _lay_out(self, snapshot: Snapshot, findings: DiagnosisState, width: int) -> list[Content]:
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
        """Returns what the word at a place means, of the large numbers, too."""
        row = self._rows[y].plain if y < len(self._rows) else ""
        return transliterate_for(self.app, meaning_at(row, x - self.styles.padding.left))

    async def on_click(self, event: events.Click) -> None:
        """Plays or pauses by the badge, goes to the field of the rate, tells of its limit, takes the next speed."""
        if self._about is None or self.screen.focused is not None or event.y:
            return
        (snapshot, findings), row = self._about, self._rows[0].plain
        told = next(each for each in gauge(snapshot, findings) if "".join(each) in row or not each.bar)
        targets = (
            (row[: row.find("  ")], "play_pause"),
            (told.rate, "edit('lr')"),
            (told.bar + told.share, "diagnose"),
            (speed_text(snapshot), "next_speed"),
        )
        x = event.x - self.styles.padding.left
        for text, action in targets:
            begin, found, _rest = row.partition(text) if text else ("", "", "")
            if found and 0 <= x - cell_width(begin) < cell_width(text):
                await self.run_action(f"app.{action}")

    def _update(self) -> None:
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
