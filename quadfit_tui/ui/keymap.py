"""The key bindings of the app: their actions and texts, their sections on the help page, and the keys of the footer."""

from __future__ import annotations

from typing import Any

from textual.actions import parse
from textual.binding import Binding

from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.text.language import N_, _, labeled, pgettext, pgettext_noop
from quadfit_tui.core.training.status import Status
from quadfit_tui.ui.terminal.terminal_app import SUSPEND
from quadfit_tui.ui.views.view_table import OPTIONS, VIEWS, view_name, views_with

JUMP = 10  # epochs


def app_key(keys: str, action: str, label: str, tooltip: str, command: str = "", **options: Any) -> Binding:
    """Returns a key binding of the app: `label` is its text in the footer, `tooltip` on the help page.

    A key without a label is not in the footer. `command` is its text in the command palette, if two keys share the
    tooltip.

    The binding has priority over widgets, unless a field is in use (see `check_action` of the app). Otherwise Textual
    would forward the key first, and keys typed ahead would overtake it: of `l0.1` the number would be lost.
    """
    description = label or command or tooltip
    return Binding(keys, action, description, show=bool(label), tooltip=tooltip, priority=True, **options)


_JUMPS = N_("jump back / forward {jump} epochs")
_BACK, _FORWARD = N_("jump back {jump} epochs"), N_("jump forward {jump} epochs")
_HALVES = N_("halve the learning rate, restart and play (also ,)")
_DOUBLES = N_("double the learning rate, restart and play (also .)")
_SCROLLS = N_("scroll the log or the current page")
_PAGES = N_("scroll the log up by a page"), N_("scroll the log down by a page")
_CURSOR = N_("move the cursor of the map (a click does, too)")
_VIEWS = [
    app_key(str(number), f"view('{name}')", "", N_("show {what}"), command=N_("view {number} {name}: {what}"))
    for number, name in enumerate(VIEWS, 1)
]
# Former keys, which keep their action until a view needs them.
_FORMER = (app_key("7", "view('map')", "", "", system=True),)
_OPTIONS = [
    app_key(option.key, f"turn('{name}')", "", N_("{what} ({views})"), command=option.what)
    for name, option in OPTIONS.items()
]

# These come before all others while the map has the keys; otherwise ← and → move in time, ↑ and ↓ scroll the log.
_MAP = (
    app_key(
        "left",
        "move_cell(0, -1)",
        N_("Cell"),
        _CURSOR,
        command=N_("move the cursor of the map left"),
        key_display="arrows",
    ),
    *(
        app_key(key, f"move_cell({up}, {across})", "", _CURSOR, command, system=True)
        for key, up, across, command in (
            ("right", 0, 1, N_("move the cursor of the map right")),
            ("up", 1, 0, N_("move the cursor of the map up")),
            ("down", -1, 0, N_("move the cursor of the map down")),
        )
    ),
    app_key("enter", "begin_cell", N_("Start run"), N_("start the run at the cursor of the map")),
    app_key("escape", "leave_cell", N_("This run"), N_("move the cursor of the map back to this run")),
)

SECTIONS: dict[str, tuple[Binding, ...]] = {
    N_("Time"): (
        app_key("space", "play_pause", N_("Play"), N_("play or pause")),
        app_key(
            "b,left",
            "step_back('update')",
            pgettext_noop("time", "Back"),
            N_("go back one update (also ←)"),
            key_display="b",
        ),
        app_key("n,right", "step('update')", N_("Step"), N_("make one update, then pause (also →)"), key_display="n"),
        app_key("B", "step_back('epoch')", "", N_("go back one epoch")),
        app_key("e", "step('epoch')", N_("Epoch"), N_("train to the end of the epoch, then pause")),
        app_key("left_square_bracket", f"jump({-JUMP})", "", _JUMPS, command=_BACK, key_display="["),
        app_key("right_square_bracket", f"jump({JUMP})", "", _JUMPS, command=_FORWARD, key_display="]"),
        app_key("home", "first", pgettext_noop("time", "Start"), N_("go to the start of the run"), key_display="Home"),
        app_key("end", "last", N_("Latest"), N_("go to the latest update and follow the log"), key_display="End"),
        app_key("g", "ask", N_("Go to"), N_("go to a moment: 14 is after epoch 14, 15:3 three updates later")),
        app_key("u", "unit", N_("Unit"), N_("switch between single updates and whole epochs")),
        app_key("plus,equals_sign", "speed(1)", N_("Faster"), N_("faster / slower"), key_display="+"),
        app_key("minus", "speed(-1)", N_("Slower"), N_("faster / slower"), key_display="-"),
    ),
    N_("Views"): (
        app_key("v", "next_view", N_("View"), N_("show the next view")),
        app_key("f", "enlarge", N_("Large"), N_("enlarge the chart, or bring the rest back (also Esc)")),
        app_key("escape", "shrink", "", N_("bring back what stands around the enlarged chart")),
        *_VIEWS,
        *_FORMER,
        *_OPTIONS,
        app_key("y", "copy", "", N_("copy the arithmetic of the last update")),
        app_key("Y", "copy_command", "", N_("copy the command that gives this run and moment")),
        app_key("up", "scroll('up')", "", _SCROLLS, command=N_("scroll the log up"), key_display="↑"),
        app_key("down", "scroll('down')", "", _SCROLLS, command=N_("scroll the log down"), key_display="↓"),
        app_key("pageup", "scroll('page_up')", "", N_("scroll by a page"), command=_PAGES[0], key_display="PgUp"),
        app_key("pagedown", "scroll('page_down')", "", N_("scroll by a page"), command=_PAGES[1], key_display="PgDn"),
    ),
    N_("Map"): _MAP,
    N_("Explanations"): (
        app_key("i", "diagnose", N_("Why"), N_("diagnosis: the largest usable learning rate, why a run diverged")),
        app_key(
            "f1",
            "manual",
            N_("How"),
            N_("manual: how it works, how to read the views, and all else"),
            key_display="F1",
        ),
        app_key("question_mark", "help", N_("Keys"), N_("show all keys"), key_display="?"),
        app_key("q", "end", N_("Quit"), N_("quit the app")),
    ),
    N_("Runs"): (
        app_key("r", "restart", N_("Restart"), N_("restart with identical settings")),
        app_key("less_than_sign", "scale_rate(0.5)", N_("Halve"), _HALVES, key_display="<"),
        app_key("comma", "scale_rate_unshifted(0.5)", "", "", system=True),
        app_key("greater_than_sign", "scale_rate(2)", N_("Double"), _DOUBLES, key_display=">"),
        app_key("full_stop,ideographic_full_stop", "scale_rate_unshifted(2)", "", "", system=True),
        app_key("l", "edit('lr')", N_("Rate"), N_("type a new learning rate; Enter restarts")),
        app_key("s", "settings", N_("Settings"), N_("unfold the settings beside the chart, or fold them")),
        app_key("tab", "edit('preset')", "", N_("go to the first of the settings"), key_display="Tab"),
        app_key("p", "presets", N_("Presets"), N_("list the presets; Enter starts one")),
        app_key("d", "data", N_("Data"), N_("list data files with their columns; Enter starts a run")),
        app_key("t", "runs", N_("Runs"), N_("list the runs; Enter reopens one")),
        app_key("T", "sweep", N_("Sweep"), N_("list the runs of the sweep that --sweep opened; Enter opens one")),
        app_key("c", "carry_on", N_("Continue"), N_("start a new run from the current w")),
        app_key("escape", "stop_reading", "", N_("stop reading a large file of samples")),
        app_key("w", "save", N_("Save"), N_("save the view, screen, animation, log, update or settings")),
        app_key("k", "twin", N_("Twin"), N_("start a twin: the same run with one setting changed")),
    ),
    N_("Lessons"): (
        app_key("L", "lessons", N_("Lessons"), N_("list the lessons; Enter starts one or goes on with it")),
    ),
}
PALETTE = app_key("ctrl+p", "palette", N_("All"), N_("find a command, a preset or a theme, or save a screenshot"))
_OF_TIME = ("step_back('update')", "first")  # actions with labels in the gettext context "time"
KEYS = (*_MAP, *(key for section in SECTIONS.values() if section is not _MAP for key in section))


_SIGNS = {"<": "less_than_sign", ">": "greater_than_sign", "+": "plus", "-": "minus", "?": "question_mark"}


def _keys(keys: str, **labels: str) -> dict[str, str]:
    """Returns Textual's names of some keys, each with its label if that is not the usual one."""
    return {_SIGNS.get(key, key): labels.get(key, "") for key in keys.split()}


# The keys of the footer in each state of the main screen, the most useful first, since a narrow screen cuts the last
# ones; each with its label if that is not the usual one. A key without a binding or an action now is left out.
_PLAY_PAUSE = N_("Play/Pause")
FOOTER: dict[str, dict[str, str]] = {
    "ready": _keys("V T space n < > f L s p d ctrl+p v l w f1 q k c g r t i ?"),
    "playing": _keys(
        "V space T < > f + - l v i u s w g p k c ctrl+p q ?",
        space=N_("Pause"),
    ),
    "paused": _keys(
        "V T space n b < > f l v i e g s k c w p r t ctrl+p q ?",
        space=N_("Resume"),
    ),
    "past": _keys("V T end space n b home < > f g v l w s k c p t i ctrl+p q ?"),
    "ended": _keys("V T < > i r f l k c b g w s p v t L ctrl+p q ?"),
    "large": _keys(
        "V f space < > v + - i z q ?",
        f=N_("Small"),
        space=_PLAY_PAUSE,
        z=N_("Zoom"),
    ),
    "map": _keys(
        "V enter left f escape T space n b pageup x z v i l s w g p k c ctrl+p q ?",
        space=_PLAY_PAUSE,
        pageup=N_("Log"),
        x=N_("Axis"),
        z=N_("Colors"),
    ),
    "drawing": _keys("V enter left tab escape delete H S R G backspace L ctrl+p v s w g p k c q ?"),
    "taught map": _keys(
        "V enter left escape H S R m G space n b l i v backspace L ctrl+p < > s w g p k c q ?",
        space=_PLAY_PAUSE,
    ),
    "lesson": _keys(
        "V escape enter H S R m G space n b l i v backspace L ctrl+p < > s w g p k c q ?",
        space=_PLAY_PAUSE,
    ),
}


def footer_keys(
    snapshot: Snapshot, is_taught: bool, has_cursor: bool, has_pen: bool = False, is_large: bool = False
) -> dict[str, str]:
    """Returns the keys of the footer at a moment, a row of FOOTER.

    `is_taught`: a lesson is open; `has_cursor`: keys move the cursor of the map; `has_pen`: keys draw a curve;
    `is_large`: the chart is enlarged.
    """
    if has_pen:
        return FOOTER["drawing"]
    if is_large:
        return FOOTER["large"]
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


def footer_label(key: Binding) -> str:
    """Returns the label of a key in the footer; `Start` and `Back` mean something else here than on pages."""
    return pgettext("time", key.description) if key.action in _OF_TIME else _(key.description)


def help_text(key: Binding) -> str:
    """Returns a key's text for the help page."""
    return _filled(key.tooltip, key.action) if key.tooltip else footer_label(key)


def palette_text(key: Binding) -> str:
    """Returns a key's text for the command palette; two keys that share one on the help page have their own here."""
    if not key.show and key is not SUSPEND:
        return _filled(key.description, key.action)
    return labeled(footer_label(key), help_text(key))


def _filled(text: str, action: str) -> str:
    """Translates the text of a key, and fills its placeholders by the argument of its action."""
    match parse(action):
        case _, "view", (str(name),):
            what = _(VIEWS[name].summary)
            return _(text).format(number=[*VIEWS].index(name) + 1, name=view_name(name), what=what)
        case _, "turn", (str(name),):
            return _(text).format(what=_(OPTIONS[name].what), views=views_with(name))
        case _, "jump", _:
            return _(text).format(jump=JUMP)
    return _(text)
