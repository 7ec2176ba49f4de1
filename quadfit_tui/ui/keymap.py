"""The keys of the app: what each does, which the footer has in which state, all by sections for the help page."""

from __future__ import annotations

from typing import Any

from textual.binding import Binding

from quadfit_tui.core.export.subjects import SUBJECTS
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.text.language import either
from quadfit_tui.core.training.status import Status
from quadfit_tui.ui.views import OPTIONS, VIEWS, views_with

JUMP = 10  # epochs


def app_key(keys: str, action: str, label: str, tooltip: str, command: str = "", **options: Any) -> Binding:
    """A key of the app: in the footer if it has a label there, on the help page by its tooltip.

    In the command palette it has the words of `command`, if there are some, where those of the tooltip are for two.

    It is taken before anything else sees it (unless a field is in use, see the app's `check_action`). Otherwise Textual
    would pass it around first, and keys that were typed ahead would overtake it: of `l0.1` the number would be lost.
    """
    words = label or command or tooltip
    return Binding(keys, action, words, show=bool(label), tooltip=tooltip, priority=True, **options)


_JUMPS, _BACK, _FORWARD = (f"jump {where} {JUMP} epochs" for where in ("back / forward", "back", "forward"))
_SCROLLS = "scroll the log or the current page"
_PAGES = "scroll the log up by a page", "scroll the log down by a page"
_CURSOR = "move the cursor of the map (a click does, too)"
_VIEWS = [
    app_key(str(number), f"view('{name}')", "", f"show {view.summary}", command=f"view {number} {name}: {view.summary}")
    for number, (name, view) in enumerate(VIEWS.items(), 1)
]
_OPTIONS = [
    app_key(option.key, f"turn('{name}')", "", f"{option.what} ({views_with(name)})", command=option.what)
    for name, option in OPTIONS.items()
]

# Before all others while the map has the keys: else ← and → are of time, ↑ and ↓ of the log.
_MAP = (
    app_key(
        "left", "move_cell(0, -1)", "Cell", _CURSOR, command="move the cursor of the map left", key_display="arrows"
    ),
    *(
        app_key(key, f"move_cell({up}, {across})", "", _CURSOR, f"move the cursor of the map {key}", system=True)
        for key, up, across in (("right", 0, 1), ("up", 1, 0), ("down", -1, 0))
    ),
    app_key("enter", "begin_cell", "Start run", "start the run at the cursor of the map"),
    app_key("escape", "leave_cell", "This run", "move the cursor of the map back to this run"),
)

SECTIONS: dict[str, tuple[Binding, ...]] = {
    "Time": (
        app_key("space", "play_pause", "Play", "play or pause"),
        app_key("b,left", "step_back('update')", "Back", "go back one update (also ←)", key_display="b"),
        app_key("n,right", "step('update')", "Step", "make one update, then pause (also →)", key_display="n"),
        app_key("B", "step_back('epoch')", "", "go back one epoch"),
        app_key("e", "step('epoch')", "Epoch", "train to the end of the epoch, then pause"),
        app_key("left_square_bracket", f"jump({-JUMP})", "", _JUMPS, command=_BACK, key_display="["),
        app_key("right_square_bracket", f"jump({JUMP})", "", _JUMPS, command=_FORWARD, key_display="]"),
        app_key("home", "first", "Start", "go to the start of the run", key_display="Home"),
        app_key("end", "last", "Latest", "go to the latest update and follow the log", key_display="End"),
        app_key("g", "ask", "Go to", "go to a moment: 14 is after epoch 14, 15:3 three updates later"),
        app_key("u", "unit", "Unit", "switch between single updates and whole epochs"),
        app_key("plus,equals_sign", "speed(1)", "Faster", "faster / slower", key_display="+"),
        app_key("minus", "speed(-1)", "Slower", "faster / slower", key_display="-"),
    ),
    "Views": (
        app_key("v", "next_view", "View", "show the next view"),
        *_VIEWS,
        *_OPTIONS,
        app_key("y", "copy", "", "copy the arithmetic of the last update"),
        app_key("Y", "copy_command", "", "copy the command that gives this run and moment"),
        app_key("up", "scroll('up')", "", _SCROLLS, command="scroll the log up", key_display="↑"),
        app_key("down", "scroll('down')", "", _SCROLLS, command="scroll the log down", key_display="↓"),
        app_key("pageup", "scroll('page_up')", "", "scroll by a page", command=_PAGES[0], key_display="PgUp"),
        app_key("pagedown", "scroll('page_down')", "", "scroll by a page", command=_PAGES[1], key_display="PgDn"),
    ),
    "Map": _MAP,
    "Explanations": (
        app_key("i", "diagnose", "Why", "diagnosis: the largest usable learning rate, why a run diverged"),
        app_key("f1", "manual", "How", "manual: how it works, how to read the views, and all else", key_display="F1"),
        app_key("question_mark", "help", "Keys", "show all keys", key_display="?"),
        app_key("q", "end", "Quit", "quit the app"),
    ),
    "Runs": (
        app_key("r", "restart", "Restart", "restart with identical settings"),
        app_key("l", "edit('lr')", "Rate", "type a new learning rate; Enter restarts"),
        app_key("s", "settings", "Settings", "unfold the settings beside the chart, or fold them"),
        app_key("tab", "edit('preset')", "", "go to the first of the settings", key_display="Tab"),
        app_key("p", "presets", "Presets", "list the presets; Enter starts one"),
        app_key("d", "data", "Data", "list data files with their columns; Enter starts a run"),
        app_key("t", "runs", "Runs", "list the runs; Enter reopens one"),
        app_key("T", "sweep", "Sweep", "list the runs of the sweep that --sweep opened; Enter opens one"),
        app_key("c", "carry_on", "Continue", "start a new run from the current w"),
        app_key("escape", "stop_reading", "", "stop reading a large file of samples"),
        app_key("w", "save", "Save", f"save the {either(tuple(SUBJECTS))}"),
        app_key("k", "twin", "Twin", "start a twin: the same run with one setting changed"),
    ),
    "Lessons": (app_key("L", "lessons", "Lessons", "list the lessons; Enter starts one or goes on with it"),),
}
PALETTE = app_key("ctrl+p", "palette", "All", "find a command, a preset or a theme, or save a screenshot")
KEYS = (*_MAP, *(key for section in SECTIONS.values() if section is not _MAP for key in section))

# What the footer has in each state of the main screen, what leads on first: a narrow screen cuts what comes last. With
# a label where it is not that of the key; a key that there is not, or that has nothing to do now, is left out.
FOOTER: dict[str, dict[str, str]] = {
    state: {key: label for key, _, label in (each.partition(":") for each in keys.split())}
    for state, keys in {
        "ready": "V T space n l s p L ctrl+p question_mark d v w f1 q k c g r t i",
        "playing": "V space:Pause T plus minus u l v s i w g p k c ctrl+p question_mark q",
        "paused": "V T space:Resume n b e l v g i s k c w p r t ctrl+p question_mark q",
        "past": "V T end space n b home g v w l s k c p t i ctrl+p question_mark q",
        "ended": "V T l i r k c b g w s p v t L ctrl+p question_mark q",
        "map": "V enter left escape T space:Play/Pause n b pageup:Log x:Axis z:Colors l v i s w g p k c "
        "ctrl+p question_mark q",
        "drawing": "V enter left tab escape delete H S R G backspace L ctrl+p question_mark v s w g p k c q",
        "taught map": "V a enter left escape H S R m G space:Play/Pause n b l i v backspace L ctrl+p question_mark "
        "s w g p k c q",
        "lesson": "V escape a enter H S R m G space:Play/Pause n b l i v backspace L ctrl+p question_mark "
        "s w g p k c q",
    }.items()
}


def footer_keys(snapshot: Snapshot, is_taught: bool, has_cursor: bool, has_pen: bool = False) -> dict[str, str]:
    """The keys of the footer at a moment: a row of FOOTER; `is_taught`: a lesson is open; `has_cursor`: the map's is
    moved by keys; `has_pen`: keys draw."""
    if has_pen:
        return FOOTER["drawing"]
    if is_taught:
        return FOOTER["taught map" if has_cursor else "lesson"]
    if has_cursor:
        return FOOTER["map"]
    if snapshot.status is Status.RUNNING:
        return FOOTER["playing"]
    if snapshot.position != snapshot.newest:
        return FOOTER["past"]
    if snapshot.status.ended:
        return FOOTER["ended"]
    return FOOTER["ready" if snapshot.status is Status.READY else "paused"]
