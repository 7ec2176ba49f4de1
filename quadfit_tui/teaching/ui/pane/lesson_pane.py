"""LessonPane: a lesson on the main screen: frame, text, the question with its field, and the keys that lead on."""

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
    fit_prompt,
    frame_texts,
    key_at,
    text_lines,
)
from quadfit_tui.ui.charts.scrollbar import SIGN, marked_rows
from quadfit_tui.ui.fields.late import mount_late
from quadfit_tui.ui.fields.text_field import TextField, typed_within
from quadfit_tui.ui.terminal.terminal_app import TerminalApp, transliterate_for
from quadfit_tui.ui.toolkit.line_widget import WHEEL, LineWidget

_MARKS, _SCROLLS = N_("previous / next choice; scroll the question"), N_("scroll the question")


class LessonText(LineWidget):
    """The scrollable text of the current step; while choices are open, one of them can be marked."""

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
        """The scroll position at which the last line is in sight."""
        return max(0, len(self._lines) - self.size.height)

    @property
    def can_scroll(self) -> bool:
        """Whether the text is longer than the widget."""
        return self.end > 0

    def show(self, page: LessonPage) -> None:
        """Shows a page, scrolled to what is new in it."""
        before, self._page = self._page, page
        self.can_focus = page.chooses
        if not page.chooses or page.letters != before.letters:
            self.marked = ""
        self.lay_out()

    def on_resize(self) -> None:
        self.lay_out()

    def lay_out(self) -> None:
        """Wraps the text to the width, and scrolls to the first paragraph that the page wants in sight."""
        self._folded_to = self.size
        self._lines = text_lines(self._page.paragraphs, self.size.width - 1, self.size.height)
        first = self._page.first
        self._top = self.end if first is None else self._line_of(first)
        self.refresh()

    def _line_of(self, number: int) -> int:
        """Returns the scroll position for reading a paragraph: its first line, or an earlier one near the end."""
        index = next((index for index, line in enumerate(self._lines) if line.begins == number), 0)
        return min(index, self.end)

    def move(self, where: str) -> None:
        """Scrolls the text; `where` is up, down, page_up or page_down."""
        page = max(1, self.size.height - 1)
        self._scroll({"up": -1, "down": 1, "page_up": -page, "page_down": page}[where])

    def on_mouse_scroll_up(self) -> None:
        self._scroll(-WHEEL)

    def on_mouse_scroll_down(self) -> None:
        self._scroll(WHEEL)

    def _scroll(self, by: int) -> None:
        """Scrolls by so many lines, within the text."""
        top = max(0, min(self._top + by, self.end))
        if top != self._top:
            self._top = top
            self.refresh()

    def mark(self, letter: str) -> None:
        """Marks the choice of a letter, and scrolls it into sight."""
        if letter and letter in self._page.letters:
            self.marked = letter
            rows = [index for index, line in enumerate(self._lines) if line.letter == letter]
            self._top = min(rows[0], max(self._top, rows[-1] + 1 - self.size.height))
            self.refresh()

    def mark_next(self, by: int) -> None:
        """Marks the next (1) or previous (-1) choice, cyclically."""
        letters = self._page.letters
        if self.marked:
            index = letters.index(self.marked) + by
        elif by > 0:
            index = 0
        else:
            index = -1
        self.mark(letters[index % len(letters)])

    async def on_key(self, event: events.Key) -> None:
        """Marks the choice of a typed letter, while the choices have the focus."""
        letter = normalized(event.character or "").lower()
        if letter and letter in self._page.letters:
            event.stop()
            self.mark(letter)

    def check_consume_key(self, key: str, character: str | None) -> bool:  # noqa: ARG002  Textual's signature
        """Whether a key is used here and not by a binding of the app: every printable character, as in a field."""
        return character is not None and character.isprintable()

    def on_click(self, event: events.Click) -> None:
        """Reports a click on a choice to the pane."""
        index = self._top + event.y - self.styles.padding.top
        if self._page.chooses and 0 <= index < len(self._lines) and self._lines[index].letter:
            self.post_message(self.Clicked(self._lines[index].letter))

    @property
    def cursor_offset(self) -> Offset:
        """The offset where a screen reader must read: the marked choice, or the first line in sight."""
        if self.marked:
            rows = (row for row, line in enumerate(self._lines) if line.letter == self.marked)
            row = next(rows, self._top)
        else:
            row = self._top
        return Offset(0, max(0, row - self._top))

    def render_line(self, y: int) -> Strip:
        """Renders a row: its text, and at the right end the scroll bar."""
        if self._folded_to != self.size:  # the page was shown before the widget had a size, without an event since
            self.lay_out()
        width, index = self.size.width, self._top + y
        line = self._lines[index] if index < len(self._lines) else TextLine("", "text")
        is_marked = bool(line.letter) and line.letter == self.marked
        before, signed, rest = line.with_sign(isinstance(self.app, TerminalApp) and self.app.capabilities.ascii)
        if is_marked and line.begins is not None:
            before, signed, rest = f"{line.text[:1]} >{line.text[INDENT:]}", "", ""
        first, last = marked_rows(self._top, self.size.height, len(self._lines))
        sign = SIGN if first <= y < last else " "
        style = self.style_of("marked" if is_marked else line.part)
        segments = [Segment(before, style)]
        if signed:
            segments.append(Segment(signed, self.style_of(line.mark)))
        strip = Strip([*segments, Segment(rest, style)])
        return Strip(
            [*strip.adjust_cell_length(width - 1, self.style_of("")), Segment(sign, self.style_of("scrollbar"))], width
        )


class LessonFrame(LineWidget):
    """The row above a lesson: its title, the step, and whether the answers are recorded."""

    STYLES: ClassVar[dict[str, str]] = {"frame": "$text-muted", "place": "bold $foreground"}

    def __init__(self) -> None:
        super().__init__()
        self._page = LessonPage(())

    def show(self, page: LessonPage) -> None:
        """Shows the frame of a page."""
        self._page = page
        self.refresh()

    def render_line(self, y: int) -> Strip:  # noqa: ARG002  there is one line
        texts = frame_texts(self._page.place, self._page.record, self.size.width)
        parts = ("frame", "place", "frame", "frame")
        return Strip(
            [Segment(text, self.style_of(part)) for text, part in zip(texts, parts, strict=True)], self.size.width
        )


class LessonPrompt(Label):
    """The row below a lesson with the keys that lead on; a click on one presses it, such as a tap on a phone."""

    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__(markup=False, id="lesson-prompt")
        self.ways = ""  # the keys as shown

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Presses the key that was clicked."""
        if key := key_at(self.ways, event.x - self.styles.gutter.left):
            self.app.simulate_key(key)


class LessonPane(Vertical):
    """The pane of a lesson: frame, text, input field and prompt. With the focus, letters choose, and Enter commits."""

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
        self._is_read = False  # whether an answer was read since the page was shown

    def show(self, page: LessonPage) -> None:
        """Shows a page of a lesson, and focuses the question if the page asks for a text at once."""
        was_read, self._is_read = self._is_read, False
        if was_read and page.field_label == self._page.field_label and not page.wants_text:
            self._input.action_select_all()  # the next number replaces the wrong one
        if page == self._page:
            self._show_prompt()  # it replaces a remark
            return
        mount_late(self, self._frame, self._text, self._field, self._prompt)
        mount_late(self._field, self._asks, self._input)
        before, self._page = self._page, page
        spell = self._spelled
        spelled = replace(
            page,
            place=tuple(map(spell, page.place)),
            record=tuple(map(spell, page.record)),
            paragraphs=tuple(paragraph._replace(text=spell(paragraph.text)) for paragraph in page.paragraphs),
        )
        self._frame.show(spelled)
        self._show_prompt()
        if page.field_label != before.field_label or page.place != before.place:
            self._input.value = ""
            self._input.placeholder = spell(page.allowed)
            self._input.select_on_focus = not page.wants_text  # a number is typed anew, a text is continued
            self._asks.update(spell(page.field_label))
            self._field.display = bool(page.field_label)
        if not (page.field_label or page.chooses) and self.has_focus_within:
            self.screen.set_focus(None)
        self._text.show(spelled)
        is_new, is_next = page.place != before.place, page.field_label != before.field_label and self.has_focus_within
        if is_next or (page.wants_text and is_new):  # the choice after an explanation, or a text to write at once
            self.ask()

    def _show_prompt(self) -> None:
        """Shows the keys that lead on, as far as they fit."""
        self._prompt.remove_class("-remark")
        self._prompt.ways = (self.has_focus_within and self._page.typing) or self._page.prompt
        if self.size:
            self._prompt.ways = fit_prompt(self._prompt.ways, self.size.width - self._prompt.styles.gutter.width)
        self._prompt.update(self._spelled(self._prompt.ways))

    def on_resize(self) -> None:
        """Fits the prompt to the new width."""
        if self._page.prompt and not self._prompt.has_class("-remark"):
            self._show_prompt()

    def end_remark(self) -> None:
        """Shows the keys that lead on again, in the place of a remark."""
        if self._prompt.has_class("-remark"):
            self._show_prompt()

    def on_mouse_down(self) -> None:
        """Ends a remark by a click or tap: the keys that it hides are the way on for who has no keyboard."""
        self.end_remark()

    def remark(self, text: str) -> None:
        """Shows a remark in the place of the prompt, until the next key or click, or another page."""
        self._prompt.ways = ""
        self._prompt.add_class("-remark")
        self._prompt.update(self._spelled(text))

    def _spelled(self, text: str) -> str:
        """Replaces characters that the terminal cannot show."""
        return transliterate_for(self.app, text)

    @property
    def question(self) -> Widget | None:
        """The widget that takes the answer: the input field, the choices, or None if nothing is asked."""
        if self._page.field_label:
            return self._input
        return self._text if self._page.chooses else None

    def ask(self) -> None:
        """Focuses the question at once, so that keys typed ahead arrive there."""
        if self.question is not None:
            self.screen.set_focus(self.question)

    @property
    def can_scroll(self) -> bool:
        """Whether the text of the lesson is longer than its place."""
        return self.display and bool(self._text.size) and self._text.can_scroll

    def move(self, where: str) -> None:
        """Scrolls the text; `where` is up, down, page_up or page_down."""
        self._text.move(where)

    @property
    def cursor_offset(self) -> Offset | None:
        """The position on the screen where a screen reader must read; None while the pane is not shown."""
        region = self._text.content_region
        if not (self.display and region.area):
            return None
        return region.offset + self._text.cursor_offset

    async def read(self) -> str | None:
        """Returns the answer to commit: the typed text or the letter of the marked choice; None if nothing is asked."""
        await typed_within(self)
        if self.question is None:
            return None
        self._is_read = True
        return self._input.value if self._page.field_label else self._text.marked

    def takes(self, character: str) -> bool:
        """Whether a character begins an answer to the question, although that is not focused yet."""
        return bool(character) and character in self._page.answer_keys

    def insert_key(self, key: str, character: str) -> None:
        """Focuses the question, and marks the choice of a character or types it."""
        self.ask()
        if self._page.chooses:
            self._text.mark(character)
        else:
            self._input.post_message(events.Key(key, character))  # it arrives behind the focus event

    async def action_leave(self) -> None:
        """Gives the keys back to the app; the typed text stays."""
        await typed_within(self)
        self.screen.set_focus(None)

    async def action_move(self, where: str) -> None:
        """Marks the next or previous choice, or scrolls the text."""
        await typed_within(self)
        if self._page.chooses and where in ("up", "down"):
            self._text.mark_next(1 if where == "down" else -1)
        else:
            self._text.move(where)

    def on_descendant_focus(self) -> None:
        """Shows the prompt for the new focus, and lays out the text again."""
        if self._page.typing:
            self._show_prompt()
            self._text.lay_out()

    on_descendant_blur = on_descendant_focus

    @on(LessonText.Clicked)
    def _clicked(self, event: LessonText.Clicked) -> None:
        """Focuses the question, and marks the choice that was clicked."""
        event.stop()
        self.ask()
        self._text.mark(event.letter)
