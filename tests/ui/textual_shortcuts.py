"""What Textual does over and over at each start of an app is done once: that is two fifths of a start.

Style sheets are the same for every app of a theme: each is parsed once. An app reads what was parsed and changes
nothing of it: its own sheet shares it as well, from one theme to the next.
"""

from textual.css import stylesheet
from textual.css.model import RuleSet
from textual.css.parse import parse
from textual.css.tokenize import tokenize_values
from textual.screen import Screen

_VARIABLES = {}
_RULES = {}


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


def lay_out_once(screen, size, lay_out=Screen._screen_resized):
    """Lays out nothing anew for a size that the screen has: it is told of its first one twice."""
    if size != screen._compositor.size:
        lay_out(screen, size)


def take():
    """From now on every app of this process takes them."""
    stylesheet.tokenize_values = tokenize_once
    stylesheet.parse = parse_once
    Screen._screen_resized = lay_out_once
    RuleSet.__hash__ = object.__hash__  # the same, but for Python in its own words: asked 200 times for each widget
