"""Sets a class of the screen, by which the style sheet lays it out, without styling every widget again."""

from __future__ import annotations

from typing import Any

from textual.screen import Screen


def set_class(screen: Screen[Any], present: bool, name: str) -> None:
    """Gives the screen a class or takes it, and styles anew what the style sheet has by it.

    Textual's own styles all that is on the screen, for a sixtieth of a second: whenever a field is gone to or left.
    """
    if present == screen.has_class(name):
        return
    screen.set_class(present, name, update=False)
    rules = (rule for rule in screen.app.stylesheet.rules if not rule.is_default_rules)  # which are Textual's own
    selectors = (each.selectors for rule in rules for each in rule.selector_set)
    styled = {chain[-1].css for chain in selectors if any(selector.name == name for selector in chain)}
    screen.app.stylesheet.update_nodes(screen.query(", ".join(sorted(styled))))
