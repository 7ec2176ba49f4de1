"""The columns of a character whose width is ambiguous, which the terminal is asked: one, or two as in Chinese type.

Unicode leaves it open (UAX 11: ─ · ² × …), and Textual counts one. In a terminal that takes two, as `xterm -cjk_width`
does, what follows such a character in a row would stand further right, and be written over.
"""

from __future__ import annotations

from textual.events import CursorPosition

from quadfit_tui.ui.terminal import flow_control

# One such character in the first cell of the screen, where the cursor is then, and all of it taken away again.
QUESTION = f"\x1b[H·{flow_control.QUESTION}\r\x1b[K"


def is_two(answer: CursorPosition) -> bool:
    """Whether it takes two columns, by the first report of the cursor after the question."""
    return (answer.x, answer.y) == (2, 0)
