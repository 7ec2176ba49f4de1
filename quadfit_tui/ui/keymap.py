"""The keys of the app: what each does, in the footer and, by sections, on the help page."""

from __future__ import annotations

from typing import Any

from textual.binding import Binding

from quadfit_tui.ui.views import OPTIONS, VIEWS

JUMP = 10  # epochs


def _key(keys: str, action: str, label: str, tooltip: str, command: str = "", **options: Any) -> Binding:
    """A key of the app: in the footer if it has a label there, on the help page by its tooltip.

    In the command palette it has the words of `command`, if there are some, where those of the tooltip are for two.

    It is taken before anything else sees it (unless a field is in use, see the app's `check_action`). Otherwise Textual
    would pass it around first, and keys that were typed ahead would overtake it: of `l0.1` the number would be lost.
    """
    words = label or command or tooltip
    return Binding(keys, action, words, show=bool(label), tooltip=tooltip, priority=True, **options)


_JUMPS, _BACK, _FORWARD = (f"jump {JUMP} epochs {where}" for where in ("back, forward", "back", "forward"))
_SCROLLS = "scroll the log, or the page of a view"
_PAGES = "scroll the log up by a page", "scroll the log down by a page"
_VIEWS = [
    _key(str(number), f"view('{name}')", "", f"show {view.summary}")
    for number, (name, view) in enumerate(VIEWS.items(), 1)
]
_OPTIONS = [_key(option.key, f"turn('{name}')", "", option.what) for name, option in OPTIONS.items()]

# In this order in the footer, too, where a narrow screen cuts what comes last.
SECTIONS: dict[str, tuple[Binding, ...]] = {
    "Time": (
        _key("space", "play_pause", "Play", "play or pause"),
        _key("b,left", "step_back('update')", "Back", "go back one update; also ←", key_display="b"),
        _key("n,right", "step('update')", "Next", "do the next update and pause; also →", key_display="n"),
        _key("B", "step_back('epoch')", "", "go back one epoch"),
        _key("e", "step('epoch')", "", "go to the end of the epoch and pause"),
        _key("left_square_bracket", f"jump({-JUMP})", "", _JUMPS, command=_BACK, key_display="["),
        _key("right_square_bracket", f"jump({JUMP})", "", _JUMPS, command=_FORWARD, key_display="]"),
        _key("home", "first", "", "go to the start of the run", key_display="Home"),
        _key("end", "last", "", "go to the newest update, and follow the log again", key_display="End"),
        _key("g", "ask", "", "go to a moment: 14 is after epoch 14, 15:3 three updates later"),
        _key("u", "unit", "", "play single updates, or whole epochs"),
        _key("plus,equals_sign", "speed(1)", "", "play faster, slower", command="play faster", key_display="+"),
        _key("minus", "speed(-1)", "", "play faster, slower", command="play slower", key_display="-"),
    ),
    "Views": (
        _key("v", "next_view", "View", "show the next view"),
        *_VIEWS,
        *_OPTIONS,
        _key("y", "copy", "", "copy the arithmetic of the last update, for notes"),
        _key("up", "scroll('up')", "", _SCROLLS, command="scroll the log up", key_display="↑"),
        _key("down", "scroll('down')", "", _SCROLLS, command="scroll the log down", key_display="↓"),
        _key("pageup", "scroll('page_up')", "", "scroll it by a page", command=_PAGES[0], key_display="PgUp"),
        _key("pagedown", "scroll('page_down')", "", "scroll it by a page", command=_PAGES[1], key_display="PgDn"),
    ),
    "To understand": (
        _key("i", "diagnose", "Why", "the diagnosis: how fast it may learn, and why a run diverged"),
        _key("f1", "principle", "", "read the principle: five steps, formulas, how to read a view", key_display="F1"),
        _key("question_mark", "help", "Help", "show this page", key_display="?"),
        _key("q", "end", "Quit", "end the program"),
    ),
    "Runs": (
        _key("r", "restart", "Restart", "start again with the same parameters"),
        _key("l", "edit('lr')", "Rate", "type another learning rate; Enter restarts with it"),
        _key("p", "edit('preset')", "", "choose a preset with ← and →; Enter starts it"),
        _key("t", "runs", "Runs", "list the runs, and show an earlier one again"),
        _key("c", "carry_on", "", "begin a new run from the present w"),
        _key("k", "twin", "", "begin a twin: the same run, but for one choice"),
    ),
}
PALETTE = Binding(
    "ctrl+p", "palette", "find a command: themes, presets, a picture of the screen", show=False, priority=True
)
KEYS = tuple(binding for section in SECTIONS.values() for binding in section)
