"""A function that sets a class of the screen, and restyles only the widgets whose style depends on it."""

from __future__ import annotations

from typing import Any

from textual.screen import Screen


def set_class(screen: Screen[Any], present: bool, name: str) -> None:
    """Adds or removes a class of the screen, and restyles the widgets that the app's style sheet selects by it.

    Textual's own `set_class` restyles every widget of the screen, which takes 1/60 s whenever a field gets or loses
    the focus.
    """
    if present == screen.has_class(name):
        return
    screen.set_class(present, name, update=False)
    rules = (rule for rule in screen.app.stylesheet.rules if not rule.is_default_rules)  # without Textual's own
    chains = (selector_set.selectors for rule in rules for selector_set in rule.selector_set)
    styled = {chain[-1].css for chain in chains if any(selector.name == name for selector in chain)}
    screen.app.stylesheet.update_nodes(screen.query(", ".join(sorted(styled))))
