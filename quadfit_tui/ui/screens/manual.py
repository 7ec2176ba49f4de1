"""ManualScreen: the manual, page by page, with its contents, links, and a search over all pages."""

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
    """A position in the manual: a topic, and a line of its page."""

    topic: str
    line: int


class _PageLink(NamedTuple):
    """A link of a page: its line, its first column, the column after it, and its target."""

    line: int
    start: int
    end: int
    target: str


class PageText(Widget):
    """The widget with the text of a page, wrapped to its width."""

    def __init__(self, lines_of: Callable[[int], Sequence[StyledLine]], follow: Callable[[str], None]) -> None:
        """`lines_of` returns the lines for a width in columns; `follow` is called with the target of a clicked link."""
        super().__init__()
        self._lines_of, self._follow = lines_of, follow
        self.columns = LINE_WIDTH  # its width in columns at the last layout
        self.chosen = -1  # index of the link that Enter follows; -1: none

    @property
    def lines(self) -> Sequence[StyledLine]:
        """The lines of the page, wrapped to its width."""
        return self._lines_of(self.columns)

    @property
    def links(self) -> list[_PageLink]:
        """The links of the page within the manual; a link that is wrapped is two."""
        return [*_links(self.lines)]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """Returns the number of lines for a width, which is stored in `columns`."""
        self.columns = width
        return len(self.lines)

    def render(self) -> Content:
        """Renders the lines with their styles, and the chosen link reversed."""
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
    """Yields the links of some lines that lead to a page of the manual."""
    for number, line in enumerate(lines):
        start = 0
        for span in line.spans:
            end = start + cell_width(span.text)
            if span.target and target_of(FIRST, span.target):
                yield _PageLink(number, start, end, span.target)
            start = end


class ManualScreen(Dialog[None]):
    """The dialog that shows the manual; users go from page to page by keys, links and the contents."""

    AUTO_FOCUS = "VerticalScroll"
    HORIZONTAL_BREAKPOINTS = [(100, "-beside")]  # noqa: RUF012
    # With priority, so that the keys typed after one that closes it are for the screen below.
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
        self._topic = topic  # the topic of the shown page
        self._made: dict[tuple[str, int], list[StyledLine]] = {}  # wrapped lines, by topic and width
        self._before: list[_PageLocation] = []  # the positions before, the last one at the end
        self._sections: list[tuple[str, str]] = []  # topic and anchor of each line of the contents
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
        """Returns the lines of a page, wrapped to a width."""
        if (topic, width) not in self._made:
            self._made[topic, width] = document_lines(pages()[topic], width, partial(transliterate_for, self.app))
        return self._made[topic, width]

    def _show(self, location: _PageLocation) -> None:
        """Shows a page, scrolled to a line."""
        self._topic, self._text.chosen = location.topic, -1
        self._text.refresh(layout=True)
        self._fill_contents()
        self.call_after_refresh(self._page.scroll_to, y=location.line, animate=False)

    def _fill_contents(self) -> None:
        """Lists the pages, and the sections of the shown one."""
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

    def _go(self, location: _PageLocation) -> None:
        """Shows another position, and stores the present one for Backspace."""
        self._before.append(_PageLocation(self._topic, round(self._page.scroll_y)))
        self._show(location)

    def action_turn(self, by: int) -> None:
        """Shows the next page (`by` 1) or the previous one (-1)."""
        topics = [*pages()]
        self._go(_PageLocation(topics[(topics.index(self._topic) + by) % len(topics)], 0))

    def action_back(self) -> None:
        """Returns to the position before."""
        if self._before:
            self._show(self._before.pop())

    def action_choose(self, by: int) -> None:
        """Chooses the next link of the page (`by` 1) or the previous one (-1), and scrolls to it."""
        if links := self._text.links:
            chosen = self._text.chosen
            self._text.chosen = (chosen + by) % len(links) if chosen >= 0 else min(by - 1, 0) % len(links)
            self._text.refresh()
            line = links[self._text.chosen].line
            if not 0 <= line - self._page.scroll_y < self._page.size.height:
                self._page.scroll_to(y=line - self._page.size.height // 2, animate=False)

    def action_follow(self) -> None:
        """Follows the chosen link, if there is one."""
        if 0 <= self._text.chosen < len(links := self._text.links):
            self._follow(links[self._text.chosen].target)

    def _follow(self, link: str) -> None:
        """Shows the target of a link, if that is within the manual."""
        if target := target_of(self._topic, link):
            self._go_to(*target)

    def _go_to(self, topic: str, anchor: str) -> None:
        """Shows the section of an anchor, or the beginning of a page."""
        lines = self._lines(topic, self._text.columns)
        first = next((number for number, line in enumerate(lines) if anchor and line.anchor == anchor), 0)
        self._go(_PageLocation(topic, first))

    @on(OptionList.OptionSelected)
    def _chose_section(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._go_to(*self._sections[event.option_index])

    async def action_search(self) -> None:
        """Opens the search over all pages, and shows the chosen hit."""
        prompt = _("type words to find, such as momentum")
        await self.app.push_screen(ListScreen(_("Search the manual"), (), prompt, find=self._find_hits), self._open)

    def _find_hits(self, words: str) -> list[ListRow]:
        """Returns the rows of the search, or of all pages without words; results have the form `topic:line`."""
        titles = {topic: title_of(markdown) for topic, markdown in pages().items()}
        if not words.strip():
            return [ListRow("", title, f"{topic}:0") for topic, title in titles.items()]
        hits = find(words, {topic: self._lines(topic, self._text.columns) for topic in titles})
        return [ListRow(labeled(hit.section, hit.text), titles[hit.topic], f"{hit.topic}:{hit.line}") for hit in hits]

    def _open(self, result: str | None) -> None:
        """Shows the chosen hit of the search; None or an empty text: none was chosen."""
        if result:
            topic, line = result.split(":")
            self._go(_PageLocation(topic, int(line)))
