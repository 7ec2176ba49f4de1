"""The list of lessons with the student's progress in each, and the page of the student's own answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from quadfit_tui.core.text.language import N_, _, join_and, paragraph, with_remark
from quadfit_tui.core.text.width import cell_width, ljust, rjust
from quadfit_tui.teaching.course.answers import OwnAnswer
from quadfit_tui.teaching.course.course import Course
from quadfit_tui.teaching.course.progress import RIGHT, WRONG, LessonProgress
from quadfit_tui.teaching.course.transcript import Transcript
from quadfit_tui.teaching.notation.catalog import current_id
from quadfit_tui.teaching.notation.lesson import Lesson, kind_name
from quadfit_tui.teaching.ui.pane.lesson_page import SIGNS
from quadfit_tui.ui.fields.text_field import typed_within
from quadfit_tui.ui.screens.dialog import Dialog
from quadfit_tui.ui.screens.options_list import OptionsList
from quadfit_tui.ui.screens.text_screen import TextScreen
from quadfit_tui.ui.terminal.terminal_app import transliterate_for


def progress_text(progress: LessonProgress) -> str:
    """Formats how far the student is in a lesson: `done`, `3 of 9`, or empty if it was not begun."""
    if not progress.is_begun:
        return ""
    template = _("done") if progress.is_ended else _("{n} of {steps}")
    return template.format(n=progress.done, steps=len(progress.lesson.steps))


def lesson_rows(progresses: Sequence[LessonProgress]) -> list[str]:
    """Formats the rows of the list: number, progress, minutes and title, in columns no wider than they need."""
    done = [progress_text(progress) for progress in progresses]
    minutes = [_("{minutes} min").format(minutes=progress.lesson.minutes) for progress in progresses]
    widths = [max(map(cell_width, column), default=0) for column in (done, minutes)]
    gap = "  " * bool(widths[0])
    return [
        f"{number:2d}  {ljust(text, widths[0])}{gap}{rjust(time, widths[1])}  {progress.lesson.title}"
        for number, (text, time, progress) in enumerate(zip(done, minutes, progresses, strict=True), 1)
    ]


class LessonsScreen(Dialog[tuple[Lesson, bool]]):
    """A dialog with the lessons; its result is the chosen one, and whether to begin it anew."""

    AUTO_FOCUS = "OptionList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,L", "dismiss", N_("Close"), priority=True),
        Binding("enter", "take(False)", N_("Start or go on"), priority=True),
        Binding("n", "take(True)", N_("Begin anew"), priority=True),
        Binding("a", "answers", N_("Your answers"), priority=True),
    ]

    def __init__(
        self,
        lessons: Sequence[Lesson],
        transcript: Transcript,
        show_answers: Callable[[Lesson], None],
        last: str,
        finished: Lesson | None = None,
    ) -> None:
        """`last` is the id of the lesson that was open last: the list starts there, or at the next unfinished one.

        If a lesson has just been `finished`, the list starts at that, so that its answers can be looked at.
        """
        super().__init__()
        self._lessons = lessons
        self._transcript = transcript
        self._show_answers = show_answers
        self._last, self._finished = last, finished
        self._list = OptionsList()
        self._about = Static(markup=False)

    def compose(self) -> ComposeResult:
        with Vertical() as page:
            page.border_title = _("Lessons")
            yield self._list
            yield self._about

    def on_mount(self) -> None:
        self._transcript.refresh()
        rows = lesson_rows([self._progress(index) for index in range(len(self._lessons))])
        self._list.add_options(Option(Content(transliterate_for(self.app, row))) for row in rows)
        self._list.highlighted = self._first()

    def _first(self) -> int:
        """Returns the index to highlight first: the finished lesson, or the first unfinished from the last one on."""
        if self._finished in self._lessons:
            return self._lessons.index(self._finished)
        index = next((index for index, lesson in enumerate(self._lessons) if lesson.id == self._last), 0)
        order = [*range(index, len(self._lessons)), *range(index)]
        return next((index for index in order if not self._progress(index).is_ended), 0)

    def _progress(self, index: int) -> LessonProgress:
        lesson = self._lessons[index]
        return LessonProgress(lesson, self._transcript.of_lesson(lesson.id))

    def on_option_list_option_highlighted(self) -> None:
        """Shows the aim of the highlighted lesson below the list, and which lessons to take first."""
        highlighted = self._list.highlighted
        if highlighted is None:
            return
        lesson = self._lessons[highlighted]
        ids = [listed_lesson.id for listed_lesson in self._lessons]
        needs = {current_id(need, ids) for need in lesson.needs}
        needed = [index for index, id in enumerate(ids) if id in needs]
        missing = [_("lesson {n}").format(n=index + 1) for index in needed if not self._progress(index).is_ended]
        first = _("Take {lessons} first.").format(lessons=join_and(missing)) if missing else ""
        self._about.update(transliterate_for(self.app, paragraph([lesson.aim, first])))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss((self._lessons[event.option_index], False))

    async def action_take(self, anew: bool) -> None:
        """Closes the list with the highlighted lesson as its result, once the keys before this one took effect."""
        await typed_within(self)
        if self._list.highlighted is not None:
            self.dismiss((self._lessons[self._list.highlighted], anew))

    async def action_answers(self) -> None:
        """Shows the page of the student's answers in the highlighted lesson."""
        await typed_within(self)
        highlighted = self._list.highlighted
        if highlighted is not None:
            self._show_answers(self._lessons[highlighted])


def answers_page(
    course: Course, answers: Sequence[OwnAnswer], spell: Callable[[str], str], is_ascii: bool
) -> TextScreen:
    """Returns the page of the student's answers in a lesson, beside the right ones, step by step.

    `spell` replaces characters that the terminal cannot show; marks have signs of their own if `is_ascii`.
    """
    title = _("Your answers: {title}").format(title=course.lesson.title)
    if not answers:
        return TextScreen(spell(title), _("You have not answered anything in this lesson yet."), keys="a,enter,space")
    blocks = [Content(paragraph(course.progress.score.lines))]
    for own in answers:
        texts = [Content(spell(text)) for text in own.answers]
        if own.right and texts:
            mark, color = (RIGHT, "$success") if own.is_right else (WRONG, "$error")
            texts[-1] = Content.assemble((SIGNS[mark][is_ascii], f"bold {color}"), " ", texts[-1])
        rows = [(_("You"), text) for text in (*texts, Content(spell(own.explanation))) if text]
        if own.is_skipped:
            rows.append(("", Content(_("skipped"))))
        if own.right and not (own.answers and own.is_right and own.answers[-1] == own.right):
            rows.append((_("Right"), Content(spell(own.right))))
        lines = [Content.assemble(f"  {ljust(who, 6)} ", text) for who, text in rows]
        heading = Content.styled(spell(with_remark(own.step.title, kind_name(own.step.kind))), "bold $accent")
        blocks.append(Content("\n").join([heading, *lines]))
    return TextScreen(spell(title), Content("\n\n").join(blocks), keys="a,enter,space")
