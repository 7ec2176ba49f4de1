"""What Textual does over and over at each start of an app is done once: that is two fifths of a start.

Style sheets are the same for every app of a theme: each is parsed once. An app reads what was parsed and changes
nothing of it: its own sheet shares it as well, from one theme to the next.

A frame that nobody sees is not composed. On the screen of a test that is every one; it is composed where the test has
pressed keys or paused, as a person sees what has come of them, and where it reads the screen.
"""

from functools import wraps

from textual.css import stylesheet
from textual.css.model import RuleSet
from textual.css.parse import parse
from textual.css.stylesheet import Stylesheet
from textual.css.tokenize import tokenize_values
from textual.dom import DOMNode
from textual.message_pump import MessagePump
from textual.pilot import Pilot
from textual.screen import Screen

from quadfit_tui.ui.toolkit.textual_internals import FrameApp

_VARIABLES = {}
_RULES = {}
_CLASSES = {}


def tokenize_once(variables):
    """The tokens of a theme's variables: one object for each theme, which is kept."""
    key = tuple(variables.items())
    if key not in _VARIABLES:
        _VARIABLES[key] = tokenize_values(variables)
    return _VARIABLES[key]


def parse_once(scope, css, read_from, *, variable_tokens, **options):
    """The rules of a sheet under a theme."""
    key = (scope, css, read_from, id(variable_tokens), *options.items())
    if key not in _RULES:
        _RULES[key] = list(parse(scope, css, read_from, variable_tokens=variable_tokens, **options))
    return _RULES[key]


def handlers(pump, name, message, find=MessagePump._get_dispatch_methods):
    """The handlers of a message, looked for in the classes that have one, and not in all those of a widget."""
    key = type(pump), name, type(message)
    if key not in _CLASSES:
        names = f"_{name}", name
        mro = [cls for cls in type(pump).__mro__ if any(each in cls.__dict__ for each in names)]
        decorated = [cls.__dict__.get("_decorated_handlers") or {} for cls in type(pump).__mro__]
        _CLASSES[key] = None if any(kind in table for kind in type(message).__mro__ for table in decorated) else mro
    if _CLASSES[key] is None:
        yield from find(pump, name, message)
        return
    for cls in _CLASSES[key]:
        method = None if message._no_default_action else cls.__dict__.get(f"_{name}") or cls.__dict__.get(name)
        if method is not None and not getattr(method, "_textual_on", None):
            yield cls, method.__get__(pump, cls)


class Components(dict):
    """The styles of the parts of a widget (component classes), each worked out when it is first asked for."""

    def __init__(self, sheet, widget, names):
        super().__init__()
        self.sheet, self.widget, self.names = sheet, widget, names

    def __contains__(self, name):
        return name in self.names

    def __missing__(self, name):
        if name not in self.names:
            raise KeyError(name)
        part = DOMNode(classes=name)
        part._attach(self.widget)
        self.sheet.apply(part, animate=False)
        self[name] = part.styles
        return part.styles


def style_when_asked(sheet, widget):
    """Draws a widget anew where the styles of a part that was asked for have changed."""
    if names := widget._get_component_classes():
        old, widget._component_styles = widget._component_styles, Components(sheet, widget, names)
        if any(widget._component_styles[name] != styles for name, styles in old.items() if name in names):
            widget.refresh()


def put_off(screen, compose=Screen._compositor_refresh):
    """Leaves what has changed to the next picture, unless a test looks at what is displayed."""
    if screen.app.is_headless and screen is screen.app.screen and type(screen.app)._display is FrameApp._display:
        screen._dirty_widgets.clear()
        screen.app._update_mouse_over(screen)
    else:
        compose(screen)


def looked_at(act, compose=Screen._compositor_refresh):
    """What a pilot does, and a picture of what has come of it; none where it only waits for some time."""

    @wraps(act)
    async def do(pilot, *args, **options):
        result = await act(pilot, *args, **options)
        waits = args and isinstance(args[0], int | float)
        if not waits and pilot.app._exception is None and pilot.app.screen_stack:
            compose(pilot.app.screen)
        return result

    return do


def take():
    """From now on every app of this process takes them."""
    stylesheet.tokenize_values = tokenize_once
    stylesheet.parse = parse_once
    Stylesheet._process_component_classes = style_when_asked
    Screen._compositor_refresh = put_off
    MessagePump._get_dispatch_methods = handlers
    for name in ("press", "click", "pause"):
        setattr(Pilot, name, looked_at(getattr(Pilot, name)))
    RuleSet.__hash__ = object.__hash__  # the same, but for Python in its own words: asked 200 times for each widget
