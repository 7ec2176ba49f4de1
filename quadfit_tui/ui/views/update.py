"""The view *update*: the arithmetic of the update that led to the visited point, with its numbers."""

from __future__ import annotations

import re
from itertools import zip_longest

from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.text.language import N_, _, paragraph
from quadfit_tui.core.training.position import format_moment
from quadfit_tui.ui.charts.spec import Role, StyledRow, TextPage
from quadfit_tui.ui.views.scene import Scene
from quadfit_tui.ui.views.view import OptionValues, View

# A line of arithmetic up to its result: `name = numbers = `, or `= ` at the start of a continued line.
_ARITHMETIC = re.compile(r"[a-z_'·²]+ = (?:.* = )?|\s+= ")


def draw(scene: Scene, words: OptionValues) -> TextPage:  # noqa: ARG001  every view has one signature
    """Renders the last update as a table, and the arithmetic of `run --explain` below it; formulas at a run's start."""
    # Imported here because only this view needs them: they would take 3 % of the app's start.
    from quadfit_tui.core.explain.update_table import update_table
    from quadfit_tui.core.explain.worked_update import sections

    record = scene.snapshot.record
    text = sections(record, scene.snapshot.task)
    rows: list[StyledRow] = []
    for section in text if record is None else [update_table(record), *text[1:]]:
        lines = section.lines
        if rows:
            rows.append(_row("", Role.TEXT))
        rows.append(_row(section.title, Role.TITLE))
        rows += [_arithmetic(line, after) for line, after in zip_longest(lines, lines[1:], fillvalue="")]
    return TextPage(tuple(rows))


def copy(snapshot: Snapshot, *, has_clipboard: bool = True) -> tuple[str, str]:
    """Returns the text that the key `y` copies, the arithmetic of the visited point, and a message about it.

    The text is empty if there was no update, or if the terminal has no clipboard.
    """
    from quadfit_tui.core.explain.worked_update import NO_UPDATE_YET, worked_update

    record = snapshot.record
    if record is None:
        return "", paragraph(list(map(_, NO_UPDATE_YET[1:])))
    place = format_moment(record.position)
    if not has_clipboard:
        command = f"quadfit-tui run --explain {place}"
        return "", _("This terminal has no clipboard; use: {command}").format(command=command)
    # Terminals don't answer, so nobody knows whether this one took it.
    message = _("Copied update {update} to the clipboard, if this terminal allows it.").format(update=place)
    return "\n".join(worked_update(record)) + "\n", message


def _row(text: str, role: Role) -> StyledRow:
    return StyledRow(text, role * len(text))


def _arithmetic(text: str, after: str) -> StyledRow:
    """Styles a line of text: the result of arithmetic gets the role RESULT, unless the line `after` continues it."""
    begun = None if after.lstrip().startswith("= ") else _ARITHMETIC.match(text)
    end = begun.end() if begun else len(text)
    return StyledRow(text, Role.TEXT * end + Role.RESULT * (len(text) - end))


VIEW = View(
    draw,
    summary=N_("the arithmetic of the last update"),
    reading=N_(
        "The update that led to the moment you view, with its own numbers: a table of a, b and c before it, their "
        "gradients, what is added to them, and a, b and c after it. The angle shows how far the gradient of the batch "
        "differs in direction from that of all samples. Below stand the arithmetic of each number and the formulas. ↑ "
        "and ↓ scroll, n and b go to the next and the previous update while the page stays at the same line, and y "
        "copies the arithmetic."
    ),
    options={},
    is_page=True,
)
