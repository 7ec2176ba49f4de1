"""The lesson on the main screen: its frame, what was said, the question with its field, what to press."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from rich.segment import Segment
from textual import events, on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.geometry import Offset, Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Label

from quadfit_tui.core.text.language import N_
from quadfit_tui.core.text.quoting import normalized
from quadfit_tui.teaching.ui.pane.lesson_page import (
    INDENT,
    LessonPage,
    TextLine,
    frame_texts,
    key_at,
    text_lines,
    with_room,
)
from quadfit_tui.ui.charts.scrollbar import SIGN, marked_rows
from quadfit_tui.ui.fields.late import mount_late
from quadfit_tui.ui.fields.text_field import TextField, typed_within
from quadfit_tui.ui.terminal.terminal_app import TerminalApp, transliterate_for
from quadfit_tui.ui.toolkit.line_widget import WHEEL, LineWidget

_MARKS, _SCROLLS = N_("previous / next choice; scroll the question"), N_("scroll the question")


class LessonText(LineWidget):
    """What was said so far, which scrolls; while choices are open, one of them is marked."""

    STYLES: ClassVar[dict[str, str]] = {
        "title": "bold $foreground",
        "text": "$foreground",
        "choice": "$foreground",
        "said": "bold $foreground",
        "hint": "$text-muted",
        "table": "$foreground",
        "right": "bold $success",
        "wrong": "bold $error",
        "marked": "bold $foreground on $chosen",
        "scrollbar": "$text-muted",
    }

    @dataclass
    class Clicked(Message):
        """The user clicked on a choice."""

        letter: str

    def __init__(self) -> None:
        super().__init__()
        self._page = LessonPage(())
        self._lines: list[TextLine] = []
        self._folded_to = Size(0, 0)
        self._top = 0
        self.marked = ""  # the letter of the choice that Enter would commit

    @property
    def end(self) -> int:
        """The first line in sight when the last one is in sight, too."""
        return max(0, len(self._lines) - self.size.height)

    @property
    def can_scroll(self) -> bool:
        """Whether there is more text than room."""
        return self.end > 0

    def show(self, page: LessonPage) -> None:
        """Shows a page from now on; what is new in it is in sight."""
        before, self._page = self._page, page
        self.can_focus = page.chooses
        if not page.chooses or page.letters != before.letters:
            self.marked = ""
        self.lay_out()

    def on_resize(self) -> None:
        self.lay_out()

    def lay_out(self) -> None:
        """Folds the text to its width; what is to be seen first of it is in sight."""
        self._folded_to = self.size
        self._lines = text_lines(self._page.said, self.size.width - 1, self.size.height)
        first = self._page.first
        self._top = self.end if first is None else self._line_of(first)
        self.refresh()

    def _line_of(self, number: int) -> int:
        """The first line in sight while a paragraph is read: its own, or an earlier one if the text ends in sight."""
        at = next((at for at, line in enumerate(self._lines) if line.begins == number), 0)
        return min(at, self.end)

    def move(self, where: str) -> None:
        """Scrolls: up, down, page_up, page_down."""
        page = max(1, self.size.height - 1)
        self._scroll({"up": -1, "down": 1, "page_up": -page, "page_down": page}[where])

    def on_mouse_scroll_up(self) -> None:
        self._scroll(-WHEEL)

    def on_mouse_scroll_down(self) -> None:
        self._scroll(WHEEL)

    def _scroll(self, by: int) -> None:
        top = max(0, min(self._top + by, self.end))
        if top != self._top:
            self._top = top
            self.refresh()

    def mark(self, letter: str) -> None:
        """Marks the choice of a letter, and keeps it in sight."""
        if letter and letter in self._page.letters:
            self.marked = letter
            rows = [at for at, line in enumerate(self._lines) if line.letter == letter]
            self._top = min(rows[0], max(self._top, rows[-1] + 1 - self.size.height))
            self.refresh()

    def mark_next(self, by: int) -> None:
        """Marks the choice that follows, or the one before."""
        letters = self._page.letters
        at = letters.index(self.marked) + by if self.marked else 0 if by > 0 else -1
        self.mark(letters[at % len(letters)])

    async def on_key(self, event: events.Key) -> None:
        """While the choices have the keys: a letter marks one."""
        letter = normalized(event.character or "").lower()
        if letter and letter in self._page.letters:
            event.stop()
            self.mark(letter)

    def check_consume_key(self, key: str, character: str | None) -> bool:  # noqa: ARG002  Textual's signature
        """Letters stay here, as in a field."""
        return character is not None and character.isprintable()

    def on_click(self, event: events.Click) -> None:
        at = self._top + event.y - self.styles.padding.top
        if self._page.chooses and 0 <= at < len(self._lines) and self._lines[at].letter:
            self.post_message(self.Clicked(self._lines[at].letter))

    @property
    def cursor_offset(self) -> Offset:
        """Where in it a reader is to look: at the marked choice, or at the first line in sight."""
        at = next((at for at, line in enumerate(self._lines) if self.marked and line.letter == self.marked), self._top)
        return Offset(0, max(0, at - self._top))

    def render_line(self, y: int) -> Strip:
        """One line, and at its right end whether it is in the part of the text that is seen."""
        if self._folded_to != self.size:  # a page came while it had no place, and nothing has told of one since
            self.lay_out()
        width, at = self.size.width, self._top + y
        line = self._lines[at] if at < len(self._lines) else TextLine("", "text")
        is_marked = bool(line.letter) and line.letter == self.marked
        before, signed, rest = line.with_sign(isinstance(self.app, TerminalApp) and self.app.capabilities.ascii)
        if is_marked and line.begins is not None:
            before, signed, rest = f"{line.text[:1]} >{line.text[INDENT:]}", "", ""
        first, last = marked_rows(self._top, self.size.height, len(self._lines))
        sign = SIGN if first <= y < last else " "
        style = self.style_of("marked" if is_marked else line.part)
        parts = [Segment(signed, self.style_of(line.mark))] * bool(signed)
        shown = Strip([Segment(before, style), *parts, Segment(rest, style)])
        return Strip(
            [*shown.adjust_cell_length(width - 1, self.style_of("")), Segment(sign, self.style_of("scrollbar"))], width
        )


class LessonFrame(LineWidget):
    """The row above a lesson: which one, which step of it, and what becomes of the answers."""

    STYLES: ClassVar[dict[str, str]] = {"frame": "$text-muted", "place": "bold $foreground"}

    def __init__(self) -> None:
        super().__init__()
        self._page = LessonPage(())

    def show(self, page: LessonPage) -> None:
        """Shows the frame of a page from now on."""
        self._page = page
        self.refresh()

    def render_line(self, y: int) -> Strip:  # noqa: ARG002  there is one line
        texts = frame_texts(self._page.place, self._page.record, self.size.width)
        parts = ("frame", "place", "frame", "frame")
        return Strip(
            [Segment(text, self.style_of(part)) for text, part in zip(texts, parts, strict=True)], self.size.width
        )


class LessonPrompt(Label):
    """The row below a lesson: the keys that lead on; a click on one presses it, as a finger on a phone does."""

    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__(markup=False, id="lesson-prompt")
        self.ways = ""  # what is shown of the keys

    def on_mouse_down(self, event: events.MouseDown) -> None:
        if key := key_at(self.ways, event.x - self.styles.gutter.left):
            self.app.simulate_key(key)


class LessonPane(Vertical):
    """A lesson. While it has the keys, letters choose, anything else is typed into its field; Enter commits."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "app.commit_answer", N_("Submit"), tooltip=N_("submit your answer"), priority=True),
        Binding(
            "escape",
            "leave",
            N_("Back to the app"),
            tooltip=N_("go back to the app; the question stays"),
            priority=True,
        ),
        Binding("up", "move('up')", _MARKS, key_display="↑", show=False, priority=True),
        Binding("down", "move('down')", _MARKS, key_display="↓", show=False, priority=True),
        Binding("pageup", "move('page_up')", _SCROLLS, key_display="PgUp", show=False, priority=True),
        Binding("pagedown", "move('page_down')", _SCROLLS, key_display="PgDn", show=False, priority=True),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._page = LessonPage(())
        self._frame = LessonFrame()
        self._text = LessonText()
        self._asks = Label(markup=False)
        self._input = TextField(id="lesson-answer")
        self._field = Horizontal(id="lesson-field")
        self._prompt = LessonPrompt()
        self._field.display = False
        self._is_read = False  # what was typed, since a page was shown

    def show(self, page: LessonPage) -> None:
        """Shows a page of a lesson from now on."""
        was_read, self._is_read = self._is_read, False
        if was_read and page.asks == self._page.asks:
            self._input.action_select_all()  # what was not right is replaced by what is typed next
        if page == self._page:
            self._show_prompt()  # where a remark stood
            return
        mount_late(self, self._frame, self._text, self._field, self._prompt)
        mount_late(self._field, self._asks, self._input)
        before, self._page = self._page, page
        spell = self._spelled
        shown = replace(
            page,
            place=tuple(map(spell, page.place)),
            record=tuple(map(spell, page.record)),
            said=tuple(each._replace(text=spell(each.text)) for each in page.said),
        )
        self._frame.show(shown)
        self._show_prompt()
        if page.asks != before.asks or page.place != before.place:
            self._input.value = ""
            self._input.placeholder = spell(page.allowed)
            self._input.select_on_focus = not page.writes  # a number is typed anew, a text gone on with
            self._asks.update(spell(page.asks))
            self._field.display = bool(page.asks)
        if not (page.asks or page.chooses) and self.has_focus_within:
            self.screen.set_focus(None)
        self._text.show(shown)
        is_new, is_next = page.place != before.place, page.asks != before.asks and self.has_focus_within
        if is_next or (page.writes and is_new):  # to the sentences, after one's own; to write at once
            self.ask()

    def _show_prompt(self) -> None:
        self._prompt.remove_class("-remark")
        self._prompt.ways = (self.has_focus_within and self._page.typing) or self._page.prompt
        if self.size:
            self._prompt.ways = with_room(self._prompt.ways, self.size.width - self._prompt.styles.gutter.width)
        self._prompt.update(self._spelled(self._prompt.ways))

    def on_resize(self) -> None:
        if self._page.prompt and not self._prompt.has_class("-remark"):
            self._show_prompt()

    def remark(self, text: str) -> None:
        """Says something in the place of the keys that lead on, until another page is shown."""
        self._prompt.ways = ""
        self._prompt.add_class("-remark")
        self._prompt.update(self._spelled(text))

    def _spelled(self, text: str) -> str:
        return transliterate_for(self.app, text)

    @property
    def question(self) -> Widget | None:
        """What takes the keys of the answer, if one is asked for."""
        return self._input if self._page.asks else self._text if self._page.chooses else None

    def ask(self) -> None:
        """Gives the keys to the question: at once, so that what is typed ahead arrives there."""
        if self.question is not None:
            self.screen.set_focus(self.question)

    @property
    def can_scroll(self) -> bool:
        """Whether it has more text than room."""
        return self.display and bool(self._text.size) and self._text.can_scroll

    def move(self, where: str) -> None:
        """Scrolls its text."""
        self._text.move(where)

    @property
    def cursor_offset(self) -> Offset | None:
        """Where on the screen a reader of the lesson is to look; None while it has no place there."""
        region = self._text.content_region
        if not (self.display and region.area):
            return None
        return region.offset + self._text.cursor_offset

    async def read(self) -> str | None:
        """What is committed: the letter of the marked choice, or what was typed; None where nothing is asked."""
        await typed_within(self)
        if self.question is None:
            return None
        self._is_read = True
        return self._input.value if self._page.asks else self._text.marked

    def takes(self, character: str) -> bool:
        """Whether a character answers the question, though that has not the keys yet."""
        return bool(character) and character in self._page.takes

    def insert_key(self, key: str, character: str) -> None:
        """Gives the keys to the question, and a character that it takes: marks its choice, or types it."""
        self.ask()
        if self._page.chooses:
            self._text.mark(character)
        else:
            self._input.post_message(events.Key(key, character))  # behind the news that it has the keys

    async def action_leave(self) -> None:
        """Gives the keys back; what was typed stays there."""
        await typed_within(self)
        self.screen.set_focus(None)

    async def action_move(self, where: str) -> None:
        """Marks another choice, or scrolls the text."""
        await typed_within(self)
        if self._page.chooses and where in ("up", "down"):
            self._text.mark_next(1 if where == "down" else -1)
        else:
            self._text.move(where)

    def on_descendant_focus(self) -> None:
        if self._page.typing:
            self._show_prompt()
            self._text.lay_out()

    on_descendant_blur = on_descendant_focus

    @on(LessonText.Clicked)
    def _clicked(self, event: LessonText.Clicked) -> None:
        event.stop()
        self.ask()
        self._text.mark(event.letter)
