"""OrderedKeys: a mixin by which keys take effect in the order in which they were typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events

from quadfit_tui.ui.toolkit.textual_internals import bindings_of

if TYPE_CHECKING:
    from textual.widget import Widget
else:
    Widget = object  # a second widget among the bases would hide the style sheet of the first


class OrderedKeys(Widget):
    """A mixin for widgets that runs the widget's own bindings as soon as their keys arrive.

    Textual passes a bound key up to the app first, so that the next keys overtake it: backspace and `2` in one packet
    became `2` and backspace.
    """

    async def on_key(self, event: events.Key) -> None:
        """Runs the action of the widget's own binding for a key, if there is one."""
        for binding in bindings_of(self).key_to_bindings.get(event.key, ()):
            event.stop()
            event.prevent_default()
            await self.run_action(binding.action)
            return
