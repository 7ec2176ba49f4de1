"""VIEWS, the table of views: each makes a ChartSpec or a TextPage of a Scene. OPTIONS: the keys that change a view."""

from __future__ import annotations

from typing import NamedTuple

from quadfit_tui.core.config.view_names import VIEW_NAMES
from quadfit_tui.core.text.language import N_, _, comma_separated, join_and, ngettext, pgettext, pgettext_noop
from quadfit_tui.core.text.quoting import did_you_mean, quoted, with_allowed
from quadfit_tui.ui.views import fit, loss, parameters, rate_map, surface, update
from quadfit_tui.ui.views.view import View

_MODULES = fit, loss, parameters, surface, update, rate_map
VIEWS: dict[str, View] = {name: module.VIEW for name, module in zip(VIEW_NAMES, _MODULES, strict=True)}
# The name of each view in the bar and above its picture. The option --view takes the key instead.
NAMES = {
    "fit": pgettext_noop("view", "Fit"),
    "loss": pgettext_noop("view", "Loss"),
    "parameters": pgettext_noop("view", "Parameters"),
    "surface": pgettext_noop("view", "Surface"),
    "update": pgettext_noop("view", "Update"),
    "map": pgettext_noop("view", "Map"),
}

# The words of the views' options as --view takes them, marked for translation: they stand above pictures, too.
WORDS = (
    pgettext_noop("word of a view", "article"),
    pgettext_noop("word of a view", "data"),
    pgettext_noop("word of a view", "follow"),
    pgettext_noop("word of a view", "least squares"),
    pgettext_noop("word of a view", "all"),
    pgettext_noop("word of a view", "recent"),
    pgettext_noop("word of a view", "epoch"),
    pgettext_noop("word of a view", "near"),
    pgettext_noop("word of a view", "path"),
    pgettext_noop("word of a view", "a c"),
    pgettext_noop("word of a view", "b c"),
    pgettext_noop("word of a view", "a b"),
    pgettext_noop("word of a view", "third at best"),
    pgettext_noop("word of a view", "third fixed"),
    pgettext_noop("word of a view", "momentum"),
    pgettext_noop("word of a view", "beta1"),
    pgettext_noop("word of a view", "rho"),
    pgettext_noop("word of a view", "decay_rate"),
    pgettext_noop("word of a view", "batch"),
    pgettext_noop("word of a view", "scale_features"),
    pgettext_noop("word of a view", "speed"),
    pgettext_noop("word of a view", "settles"),
    pgettext_noop("word of a view", "ends"),
)


class Option(NamedTuple):
    """An option that views may have: the key that switches to its next word, and a help text.

    Two options may share a key if no view has both: the key switches the one whose view is in sight.
    """

    key: str
    what: str


OPTIONS: dict[str, Option] = {
    "window": Option("z", N_("zoom: change the range that the chart shows")),
    "optimum": Option("o", N_("show or hide the least-squares parabola")),
    "pair": Option("x", N_("choose which two parameters are on the axes")),
    "third": Option("h", N_("fix the third parameter, or keep it at its best value")),
    "up": Option("x", N_("choose what the map shows the learning rate against")),
    "figure": Option("z", N_("choose what the colors of the map tell")),
}


def parse_option_values(name: str, text: str) -> dict[str, str]:
    """Parses words for the options of a view, a list such as `near, third fixed`; returns the word of each option.

    Raises ValueError, with the allowed words, if the view has no such word.
    """
    values = {}
    options = VIEWS[name].options
    for word in filter(None, (part.strip() for part in text.split(","))):
        option = next((option for option, words in options.items() if word in words), None)
        if option is None:
            words = [word for words in options.values() for word in words]
            if not words:
                problem = _("{word} is not one of the choices; view {view} has no options")
                raise ValueError(problem.format(word=quoted(word), view=name))
            problem = did_you_mean(_("{word} is not one of the choices").format(word=quoted(word)), word, words)
            raise ValueError(with_allowed(problem, comma_separated(words)))
        values[option] = word
    return values


def view_name(name: str) -> str:
    """Returns the translated name of a view, for titles and messages."""
    return pgettext("view", NAMES[name])


def word_name(word: str) -> str:
    """Returns the translated name of a word of an option, for titles."""
    return pgettext("word of a view", word)


def views_with(*options: str) -> str:
    """Formats which views have one of these options: `view 4`, `views 1, 2 and 3`."""
    numbers = [
        str(number) for number, view in enumerate(VIEWS.values(), 1) if not view.options.keys().isdisjoint(options)
    ]
    return ngettext("view {numbers}", "views {numbers}", len(numbers), numbers=join_and(numbers))
