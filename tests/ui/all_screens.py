"""All that the app shows, by its own tables: the views, the commands, what they open, and the keys there."""

import re
from weakref import WeakKeyDictionary

from app_helpers import train
from pseudo_locale import NAMES
from textual.actions import parse
from textual.binding import Binding
from textual.geometry import Region
from textual.widget import Widget
from textual.widgets import DataTable, Input, OptionList
from trials import rounds

from quadfit_tui.ui.charts.spec import TextPage
from quadfit_tui.ui.charts.text_page import FoldedPage
from quadfit_tui.ui.commands.command_list import commands
from quadfit_tui.ui.keymap import KEYS, PALETTE
from quadfit_tui.ui.views.view_table import VIEWS
from quadfit_tui.ui.widgets.chart_view import ChartView
from quadfit_tui.ui.widgets.message_row import MessageRow

SIZES = rounds([(40, 12), (80, 24), (60, 20), (120, 36)])
PRESET = "too-fast"  # of the run
# They follow on each other, after so many epochs of a run; the last one is a twin of it.
STATES = {"ready": 0, "paused": 2, "diverged": 9, "compared": 5}
# As few as have all kinds of screens: for what looks at each with other colors.
SOME = ("edit('lr')", "runs", "diagnose", "help", "presets")
*_, LAST = STATES
WRONG = "?/7"  # in any field

# Names of keys; of files, columns, formats, methods, other programs and languages; what is typed or in formulas.
_OTHER_NAMES = """\
tab esc del Tab PgUp PgDn Home End Del Bksp shift ctrl A-F
example galileo pontius outlier time distance load deflection rates screen animation log settings
svg ansi txt csv CSV cast jsonl toml Parquet auto utf- latin-
Adam AdaGrad RMSProp Nesterov MSE Python English quadfit-tui run explain sweep teacher class shell fg
loss update epoch mean beta optimum custom yes no inf y_out y_true decay_every decay_rate start
preset trained-to view unit Language
"""
_OF_VIEWS = {
    *VIEWS,
    *(each for view in VIEWS.values() for words in view.options.values() for word in words for each in word.split()),
}
_NAMES = NAMES | _OF_VIEWS | {*_OTHER_NAMES.split()}
_WORD = re.compile(r"[A-Za-z][A-Za-z_-]{2,}")
# Paths; what was shortened; a, b and c of something; points of charts, which may stand beside each other.
_NO_WORDS = re.compile(r"\S*/\S*|\S+…|\b[a-z]{1,4}_[abcz]\b|(?<![\w-])[abcosx]+(?![\w-])")


def english(app, text):
    """The words of a text that are no names."""
    names = _NAMES | app.available_themes.keys()
    return [word for word in _WORD.findall(_NO_WORDS.sub(" ", text)) if word not in names]


async def walk(pilot, last=LAST, turns=(LAST,), actions=None):
    """Goes through the states up to one: shows each view, in some states with all words of its options, and in the last
    one does all that the palette has a row for, or some actions. Yields what was done, each time there is more to see.
    """
    for state, epochs in STATES.items():
        if state == "compared":
            pilot.app.runs.action_twin_of("schedule")
        train(pilot.app, epochs)
        await pilot.pause()
        for name, view in VIEWS.items():
            words = [option for option, words in view.options.items() for _word in words if state in turns]
            for action in (f"view('{name}')", *(f"turn('{option}')" for option in words)):
                await pilot.app.run_action(action)
                await pilot.pause()
                yield state, action
        if state == last:
            async for done in opened(pilot, epochs, actions):
                yield state, *done
            return


async def opened(pilot, epochs, actions):
    """Does actions, and presses the keys of what opens; yields what was done."""
    app, known = pilot.app, set()
    for action in actions or _actions(app):
        train(app, epochs)  # another one may have begun a run
        await app.run_action(action)
        await pilot.pause()
        yield (action,)
        if len(app.screen_stack) == 1 and app.query_one(MessageRow).full_notice:
            await pilot.press("i")
            yield action, "i"
        page = app.screen
        if len(app.screen_stack) > 1 and (type(page), page.name) not in known:
            known.add((type(page), page.name))
            for key in _keys(page):
                await pilot.press(key)
                await pilot.pause()
                yield action, key
                if app.screen is not page:
                    await _close(pilot)
                    await app.run_action(action)
                    page = app.screen
        if isinstance(app.focused, Input):
            app.focused.value = WRONG
            await pilot.press("enter")
            await pilot.pause()
            yield action, WRONG
        await _close(pilot)


def _actions(app):
    """All that the palette has a row for but for what leaves the app, and one theme and language of them all."""
    rows = commands(app, app.session.config.unused, (*KEYS, PALETTE), app.presets.summaries)
    found = {row.result: parse(row.result)[1] for row in rows}
    alike = {name: action for action, name in found.items() if name in ("theme", "language")}
    left_out = {"end", "suspend_process", *alike}
    return [*(action for action, name in found.items() if name not in left_out), *alike.values()]


def _keys(page):
    """The keys of a page or list but for those that close it."""
    own = (
        each for kind in type(page).__mro__ for each in vars(kind).get("BINDINGS", ()) if "quadfit" in kind.__module__
    )
    closing = ("dismiss", "take", "choose", "retry")
    return [
        each.key.split(",")[0] for each in own if isinstance(each, Binding) and parse(each.action)[1] not in closing
    ]


async def _close(pilot):
    """Closes all that is open over the main screen, leaves the field that is in use there, and ends what is told."""
    app = pilot.app
    while len(app.screen_stack) > 1:
        app.screen.dismiss()
        await pilot.pause()
    await pilot.press("escape")
    await pilot.pause()


# What stands there

_SEEN = WeakKeyDictionary()  # of lists, what was looked at


def texts(app):
    """The widgets in sight with what they show, also what they are to be scrolled to; a list once as long as it is."""
    for widget in app.screen.walk_children(Widget):
        if widget.region and all(node.display for node in widget.ancestors_with_self if isinstance(node, Widget)):
            yield widget, "\n".join(map(str.rstrip, _rows(widget)))


def _rows(widget):
    if isinstance(widget, ChartView) and isinstance(widget._spec, TextPage):
        width = widget.size.width
        height = FoldedPage(widget._spec, width, 1).end + 1
        return [row.text for row in FoldedPage(widget._spec, width, height).rows()]
    if not isinstance(widget, OptionList):
        return _painted(widget)
    about = [str(option.prompt) for option in widget.options], widget.size
    if _SEEN.get(widget) == about:
        return []
    _SEEN[widget] = about
    top, rows = widget.scroll_y, []
    for y in range(0, widget.virtual_size.height, max(1, widget.size.height)):
        widget.scroll_to(y=y, animate=False, immediate=True)
        rows += _painted(widget)[y - round(widget.scroll_y) :]
    widget.scroll_to(y=top, animate=False, immediate=True)
    return rows


def _painted(widget):
    """All rows of a widget, however far it is scrolled away."""
    return [strip.text for strip in widget.render_lines(Region(0, 0, *widget.region.size))]


def hidden(app):
    """The widgets of which a part lies out of sight, and nothing scrolls down there."""
    for widget in app.screen.walk_children(Widget):
        is_table = widget.region and isinstance(widget, DataTable)
        if is_table and widget.max_scroll_x and widget.cursor_type == "row":  # another cursor goes across
            yield widget
        if not widget.region or widget.children:
            continue
        place, clip = (found := app.screen.find_widget(widget)).region, found.clip
        around = (each for each in widget.ancestors if isinstance(each, Widget) and each is not app.screen)
        is_above = any(each.is_scrollable for each in around) or (clip.y <= place.y and place.bottom <= clip.bottom)
        if not is_above or place.x < clip.x or place.right > clip.right:
            yield widget
