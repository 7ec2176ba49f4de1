"""F1: the manual, page by page, with its contents, links, and a search over all pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import ClassVar, NamedTuple

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from quadfit_tui.core.explain.manual import FIRST, Found, find, pages, target_of, title_of
from quadfit_tui.core.text.document import LINE_WIDTH, Line, document_lines
from quadfit_tui.core.text.width import columns
from quadfit_tui.ui.fields.text_field import TextField, typed_within
from quadfit_tui.ui.screens.dialog import Dialog
from quadfit_tui.ui.screens.options_list import OptionsList
from quadfit_tui.ui.terminal.terminal_app import spelled

_KEYS = "/: search, ← →: page, Tab: link, Esc: close"
_STYLES = {"heading": "bold $accent", "strong": "bold", "code": "bold", "link": "underline $accent"}


class _Place(NamedTuple):
    """Where one is in the manual: a topic and a line of its page."""

    topic: str
    line: int


class _Link(NamedTuple):
    """A link of a page: in which line it stands, from which column to which, and where it leads to."""

    line: int
    start: int
    end: int
    target: str


class PageText(Widget):
    """A page of the manual, as wide as there is room for."""

    class Followed(Message):
        """A link was clicked."""

        def __init__(self, target: str) -> None:
            super().__init__()
            self.target = target

    def __init__(self, lines_of: Callable[[int], Sequence[Line]]) -> None:
        """`lines_of` gives the lines in so many columns."""
        super().__init__()
        self._lines_of = lines_of
        self.columns = LINE_WIDTH  # that it has, or had when it was last seen
        self.chosen = -1  # which of the links Enter would follow

    @property
    def lines(self) -> Sequence[Line]:
        """The lines as they are shown."""
        return self._lines_of(self.columns)

    @property
    def links(self) -> list[_Link]:
        """The links of the page, but for those that lead out of the manual; one that is wrapped is two."""
        return [*_links(self.lines)]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """One row for each line."""
        self.columns = width
        return len(self.lines)

    def render(self) -> Content:
        """The lines in their styles."""
        lines = [
            Content.assemble(*((span.text, _STYLES.get(span.style, "")) for span in line.spans)) for line in self.lines
        ]
        if 0 <= self.chosen < len(links := self.links):
            line, start, end, _ = links[self.chosen]
            lines[line] = lines[line].stylize("reverse", start, end)
        return Content("\n").join(lines)

    def on_click(self, event: events.Click) -> None:
        """Follows the link that was clicked."""
        for link in self.links:
            if link.line == event.y and link.start <= event.x < link.end:
                event.stop()
                self.post_message(self.Followed(link.target))


def _links(lines: Sequence[Line]) -> Iterator[_Link]:
    for number, line in enumerate(lines):
        start = 0
        for span in line.spans:
            end = start + columns(span.text)
            if span.target and target_of(FIRST, span.target):
                yield _Link(number, start, end, span.target)
            start = end


class ManualScreen(Dialog[None]):
    """Shows the pages of the manual until it is left; keys and the mouse lead from one to the other."""

    AUTO_FOCUS = "VerticalScroll"
    HORIZONTAL_BREAKPOINTS = [(0, "-below"), (100, "-beside")]  # noqa: RUF012
    # Before anything else sees them: what is typed next is for what lies below, or for the list of what was found.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Close", priority=True),
        Binding("q,f1,question_mark", "dismiss", "Close", priority=True),
        Binding("slash", "search", "Search", priority=True),
        Binding("left", "turn(-1)", "Page before", priority=True),
        Binding("right", "turn(1)", "Next page", priority=True),
        Binding("backspace", "back", "Back", priority=True),
        Binding("tab", "choose(1)", "Next", priority=True),
        Binding("shift+tab", "choose(-1)", "Before", priority=True),
        Binding("enter", "take", "Open", priority=True),
        Binding("up", "move('cursor_up')", "Up", priority=True),
        Binding("down", "move('cursor_down')", "Down", priority=True),
        Binding("pageup", "move('page_up')", "Page up", priority=True),
        Binding("pagedown", "move('page_down')", "Page down", priority=True),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._topic = FIRST
        self._made: dict[tuple[str, int], list[Line]] = {}  # by topic and width
        self._before: list[_Place] = []  # where one came from
        self._sections: list[tuple[str, str]] = []  # topics and anchors that the contents lead to
        self._found: list[Found] = []
        self._text = PageText(lambda width: self._lines(self._topic, width))
        self._page = VerticalScroll(self._text)
        self._contents, self._hits = OptionsList(id="contents"), OptionsList(id="hits")
        self._field = TextField(placeholder="words to find in all pages, such as momentum")
        self._contents.can_focus = self._hits.can_focus = False  # the page or the field has the keys

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = "Manual"
            yield self._contents
            yield self._page
            yield self._field
            yield self._hits

    def on_mount(self) -> None:
        self._tell_keys()
        self._show(_Place(FIRST, 0))

    def _tell_keys(self) -> None:
        keys = "↑ ↓: select, Enter: open, Esc: back" if self._is_searching else _KEYS
        self.query_one(Vertical).border_subtitle = spelled(self.app, keys)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Leaves the letters to the field while words are typed, and else the arrows to the page."""
        if action in ("dismiss", "search", "turn", "back"):
            return not self._is_searching
        return self._is_searching or action != "move"

    @property
    def _is_searching(self) -> bool:
        return self.has_class("-searching")

    def _lines(self, topic: str, width: int) -> list[Line]:
        if (topic, width) not in self._made:
            self._made[topic, width] = document_lines(pages()[topic], width, partial(spelled, self.app))
        return self._made[topic, width]

    def _show(self, place: _Place) -> None:
        """Shows a page from a line on."""
        self._topic, self._text.chosen = place.topic, -1
        self._text.refresh(layout=True)
        self._fill_contents()
        self.call_after_refresh(self._page.scroll_to, y=place.line, animate=False)

    def _fill_contents(self) -> None:
        """Lists the pages, and the sections of the one that is shown."""
        self._sections, options = [], []
        for topic, markdown in pages().items():
            self._sections.append((topic, ""))
            options.append(Content.styled(title_of(markdown), "bold" if topic == self._topic else ""))
            if topic == self._topic:
                for line in self._text.lines:
                    if line.level == 2 and line.anchor:
                        self._sections.append((topic, line.anchor))
                        options.append(Content(f"  {line.text}"))
        self._contents.clear_options()
        self._contents.add_options(map(Option, options))
        self._contents.highlighted = self._sections.index((self._topic, ""))

    def _go(self, place: _Place) -> None:
        """Shows another place; Backspace leads back to this one."""
        self._before.append(_Place(self._topic, round(self._page.scroll_y)))
        self._show(place)

    def action_turn(self, by: int) -> None:
        """Shows the next page, or the one before."""
        topics = [*pages()]
        self._go(_Place(topics[(topics.index(self._topic) + by) % len(topics)], 0))

    def action_back(self) -> None:
        """Shows what was shown before."""
        if self._before:
            self._show(self._before.pop())

    async def action_choose(self, by: int) -> None:
        """Goes to the next link of the page, or among what was found."""
        if self._is_searching:
            await self.action_move("cursor_down" if by > 0 else "cursor_up")
        elif links := self._text.links:
            at = self._text.chosen
            self._text.chosen = (at + by) % len(links) if at >= 0 else min(by - 1, 0) % len(links)
            self._text.refresh()
            line = links[self._text.chosen].line
            if not 0 <= line - self._page.scroll_y < self._page.size.height:
                self._page.scroll_to(y=line - self._page.size.height // 2, animate=False)

    async def action_take(self) -> None:
        """Follows the chosen link, or opens what is marked among what was found."""
        if self._is_searching:
            await self._after_typing()
            self._open(self._hits.highlighted)
        elif 0 <= self._text.chosen < len(links := self._text.links):
            self._follow(links[self._text.chosen].target)

    @on(PageText.Followed)
    def _clicked_link(self, event: PageText.Followed) -> None:
        event.stop()
        self._follow(event.target)

    def _follow(self, link: str) -> None:
        if target := target_of(self._topic, link):
            self._go_to(*target)

    def _go_to(self, topic: str, anchor: str) -> None:
        lines = self._lines(topic, self._text.columns)
        self._go(_Place(topic, next((at for at, line in enumerate(lines) if anchor and line.anchor == anchor), 0)))

    @on(OptionList.OptionSelected, "#contents")
    def _chose_section(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._go_to(*self._sections[event.option_index])

    # The search

    def action_search(self) -> None:
        """Has words typed that are to be found."""
        self.add_class("-searching")
        self._tell_keys()
        self._field.value = ""
        self._field.focus()
        self._find()

    def action_leave(self) -> None:
        """Leaves the search, or else the manual."""
        if self._is_searching:
            self.remove_class("-searching")
            self._tell_keys()
            self._page.focus()
        else:
            self.dismiss()

    async def action_move(self, how: str) -> None:
        """Goes through the list of what was found for all that was typed before this key."""
        await self._after_typing()
        getattr(self._hits, f"action_{how}")()

    async def _after_typing(self) -> None:
        await typed_within(self)
        self._find()

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self._find()

    def _find(self) -> None:
        """Lists the sections that have the words."""
        found = find(self._field.value, {topic: self._lines(topic, self._text.columns) for topic in pages()})
        if found == self._found and self._hits.option_count:
            return
        self._found = found
        self._hits.clear_options()
        for hit in found:
            where = spelled(self.app, f"{title_of(pages()[hit.topic])}: {hit.section}")
            self._hits.add_option(Option(Content.assemble((where, "bold"), f"\n  {hit.text}")))
        if not found:
            self._hits.add_option(Option("nothing was found" if self._field.value.strip() else "", disabled=True))
        self._hits.highlighted = 0 if found else None

    @on(OptionList.OptionSelected, "#hits")
    def _chose_hit(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._open(event.option_index)

    def _open(self, index: int | None) -> None:
        if index is not None and index < len(self._found):
            self.action_leave()
            hit = self._found[index]
            self._go(_Place(hit.topic, hit.line))
