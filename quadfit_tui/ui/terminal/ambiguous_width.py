"""The question to the terminal how many columns a character of ambiguous width takes: one, or two as in Chinese type.

Unicode leaves it open (UAX 11: ─ · ² × …), and Textual counts one. In a terminal that takes two, as `xterm -cjk_width`
does, the rest of the row would stand further right, and be overwritten.
"""

from __future__ import annotations

from textual.events import CursorPosition

from quadfit_tui.ui.terminal import flow_control

# Writes one such character into the first cell of the screen, asks for the cursor's position, and erases the row.
QUESTION = f"\x1b[H·{flow_control.QUESTION}\r\x1b[K"


def is_two(answer: CursorPosition) -> bool:
    """Whether such a character takes two columns, by the first cursor report after `QUESTION`."""
    return (answer.x, answer.y) == (2, 0)
