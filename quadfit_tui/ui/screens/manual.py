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
from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from quadfit_tui.core.explain.manual import FIRST, find, pages, target_of, title_of
from quadfit_tui.core.text.document import LINE_WIDTH, StyledLine, document_lines
from quadfit_tui.core.text.language import N_, _, labeled
from quadfit_tui.core.text.width import cell_width
from quadfit_tui.ui.screens.dialog import Dialog
from quadfit_tui.ui.screens.list_screen import ListRow, ListScreen
from quadfit_tui.ui.screens.options_list import OptionsList
from quadfit_tui.ui.terminal.terminal_app import transliterate_for

_STYLES = {"heading": "bold $accent", "strong": "bold", "code": "bold", "link": "underline $accent"}


class _PageLocation(NamedTuple):
    """Where one is in the manual: a topic and a line of its page."""

    topic: str
    line: int


class _PageLink(NamedTuple):
    """A link of a page: in which line it stands, from which column to which, and where it leads to."""

    line: int
    start: int
    end: int
    target: str


class PageText(Widget):
    """A page of the manual, as wide as there is room for."""

    def __init__(self, lines_of: Callable[[int], Sequence[StyledLine]], follow: Callable[[str], None]) -> None:
        """`lines_of` gives the lines in so many columns; `follow` is told the target of a link that is clicked."""
        super().__init__()
        self._lines_of, self._follow = lines_of, follow
        self.columns = LINE_WIDTH  # that it has, or had when it was last seen
        self.chosen = -1  # which of the links Enter would follow

    @property
    def lines(self) -> Sequence[StyledLine]:
        """The lines as they are shown."""
        return self._lines_of(self.columns)

    @property
    def links(self) -> list[_PageLink]:
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
                self._follow(link.target)


def _links(lines: Sequence[StyledLine]) -> Iterator[_PageLink]:
    for number, line in enumerate(lines):
        start = 0
        for span in line.spans:
            end = start + cell_width(span.text)
            if span.target and target_of(FIRST, span.target):
                yield _PageLink(number, start, end, span.target)
            start = end


class ManualScreen(Dialog[None]):
    """Shows the pages of the manual until it is left; keys and the mouse lead from one to the other."""

    AUTO_FOCUS = "VerticalScroll"
    HORIZONTAL_BREAKPOINTS = [(100, "-beside")]  # noqa: RUF012
    # Before anything else sees them: what is typed next is for what lies below.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,f1,question_mark", "dismiss", N_("Close"), priority=True),
        Binding("slash", "search", N_("Search"), priority=True),
        Binding("left", "turn(-1)", N_("Previous"), priority=True),
        Binding("right", "turn(1)", N_("Next"), priority=True),
        Binding("backspace", "back", N_("Back"), priority=True),
        Binding("tab", "choose(1)", N_("Link"), priority=True),
        Binding("shift+tab", "choose(-1)", N_("Link before"), show=False, priority=True),
        Binding("enter", "follow", N_("Follow"), priority=True),
    ]

    def __init__(self, topic: str = FIRST) -> None:
        super().__init__()
        self._topic = topic  # of the page that is shown
        self._made: dict[tuple[str, int], list[StyledLine]] = {}  # by topic and width
        self._before: list[_PageLocation] = []  # where one came from
        self._sections: list[tuple[str, str]] = []  # topics and anchors that the contents lead to
        self._text = PageText(lambda width: self._lines(self._topic, width), self._follow)
        self._page = VerticalScroll(self._text)
        self._contents = OptionsList()
        self._contents.can_focus = False  # the page has the keys

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = _("Manual")
            yield self._contents
            yield self._page

    def on_mount(self) -> None:
        self._show(_PageLocation(self._topic, 0))

    def _lines(self, topic: str, width: int) -> list[StyledLine]:
        if (topic, width) not in self._made:
            self._made[topic, width] = document_lines(pages()[topic], width, partial(transliterate_for, self.app))
        return self._made[topic, width]

    def _show(self, place: _PageLocation) -> None:
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

    def _go(self, place: _PageLocation) -> None:
        """Shows another place; Backspace leads back to this one."""
        self._before.append(_PageLocation(self._topic, round(self._page.scroll_y)))
        self._show(place)

    def action_turn(self, by: int) -> None:
        """Shows the next page, or the one before."""
        topics = [*pages()]
        self._go(_PageLocation(topics[(topics.index(self._topic) + by) % len(topics)], 0))

    def action_back(self) -> None:
        """Shows what was shown before."""
        if self._before:
            self._show(self._before.pop())

    def action_choose(self, by: int) -> None:
        """Goes to the next link of the page, or the one before, which Enter then follows."""
        if links := self._text.links:
            at = self._text.chosen
            self._text.chosen = (at + by) % len(links) if at >= 0 else min(by - 1, 0) % len(links)
            self._text.refresh()
            line = links[self._text.chosen].line
            if not 0 <= line - self._page.scroll_y < self._page.size.height:
                self._page.scroll_to(y=line - self._page.size.height // 2, animate=False)

    def action_follow(self) -> None:
        """Shows what the chosen link leads to."""
        if 0 <= self._text.chosen < len(links := self._text.links):
            self._follow(links[self._text.chosen].target)

    def _follow(self, link: str) -> None:
        if target := target_of(self._topic, link):
            self._go_to(*target)

    def _go_to(self, topic: str, anchor: str) -> None:
        lines = self._lines(topic, self._text.columns)
        self._go(
            _PageLocation(topic, next((at for at, line in enumerate(lines) if anchor and line.anchor == anchor), 0))
        )

    @on(OptionList.OptionSelected)
    def _chose_section(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._go_to(*self._sections[event.option_index])

    async def action_search(self) -> None:
        """Lists the sections that have the words which are typed, and shows the one that is chosen."""
        asks = _("type words to find, such as momentum")
        await self.app.push_screen(ListScreen(_("Search the manual"), (), asks, find=self._found), self._open)

    def _found(self, words: str) -> list[ListRow]:
        """The rows of what was found, all pages where nothing was typed; each gives a topic and a line."""
        titles = {topic: title_of(markdown) for topic, markdown in pages().items()}
        if not words.strip():
            return [ListRow("", title, f"{topic}:0") for topic, title in titles.items()]
        found = find(words, {topic: self._lines(topic, self._text.columns) for topic in titles})
        return [ListRow(labeled(hit.section, hit.text), titles[hit.topic], f"{hit.topic}:{hit.line}") for hit in found]

    def _open(self, found: str | None) -> None:
        if found:
            topic, line = found.split(":")
            self._go(_PageLocation(topic, int(line)))
