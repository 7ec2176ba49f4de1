"""The list of lessons with how far one is in each, and the page of one's own answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from quadfit_tui.core.text.language import N_, _, listed, paragraph, with_remark
from quadfit_tui.core.text.width import ljust, rjust
from quadfit_tui.teaching.course.answers import OwnAnswer
from quadfit_tui.teaching.course.course import Course
from quadfit_tui.teaching.course.progress import RIGHT, WRONG, LessonProgress
from quadfit_tui.teaching.course.transcript import Transcript
from quadfit_tui.teaching.notation.catalog import present_id
from quadfit_tui.teaching.notation.lesson import Lesson, kind_name
from quadfit_tui.teaching.ui.pane.lesson_page import SIGNS
from quadfit_tui.ui.fields.text_field import typed_within
from quadfit_tui.ui.screens.dialog import Dialog
from quadfit_tui.ui.screens.options_list import OptionsList
from quadfit_tui.ui.screens.text_screen import TextScreen
from quadfit_tui.ui.terminal.terminal_app import transliterate_for


def progress_text(progress: LessonProgress) -> str:
    """How far one is in a lesson, in a word or two."""
    if not progress.is_begun:
        return ""
    said = _("done") if progress.is_ended else _("{n} of {steps}")
    return said.format(n=progress.done, steps=len(progress.lesson.steps))


def lesson_row(number: int, progress: LessonProgress) -> str:
    """A lesson in the list: its number, how far one is, how long it takes, its title."""
    lesson = progress.lesson
    minutes = _("{minutes} min").format(minutes=lesson.minutes)
    return f"{number:2d}  {ljust(progress_text(progress), 8)} {rjust(minutes, 7)}  {lesson.title}"


class LessonsScreen(Dialog[tuple[Lesson, bool]]):
    """Lists lessons; gives the one that is chosen, and whether it is to begin anew."""

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
        """`last` is the id of the lesson that was open last; the list begins at it, or at what follows on it.

        It begins at the lesson that has just been `finished`, whose answers are to be looked at, if there is one.
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
        self._list.add_options(map(self._option, range(len(self._lessons))))
        self._list.highlighted = self._first()

    def _first(self) -> int:
        """Where the list begins: at the lesson one is in, or at the first that is not done from there on."""
        if self._finished in self._lessons:
            return self._lessons.index(self._finished)
        at = next((at for at, lesson in enumerate(self._lessons) if lesson.id == self._last), 0)
        order = [*range(at, len(self._lessons)), *range(at)]
        return next((at for at in order if not self._progress(at).is_ended), 0)

    def _progress(self, at: int) -> LessonProgress:
        lesson = self._lessons[at]
        return LessonProgress(lesson, self._transcript.of_lesson(lesson.id))

    def _option(self, at: int) -> Option:
        return Option(Content(transliterate_for(self.app, lesson_row(at + 1, self._progress(at)))))

    def on_option_list_option_highlighted(self) -> None:
        """Says below the list what the marked lesson is about."""
        at = self._list.highlighted
        if at is None:
            return
        lesson = self._lessons[at]
        ids = [each.id for each in self._lessons]
        needs = {present_id(need, ids) for need in lesson.needs}
        needed = [at for at, id in enumerate(ids) if id in needs]
        missing = [_("lesson {n}").format(n=at + 1) for at in needed if not self._progress(at).is_ended]
        first = _("Take {lessons} first.").format(lessons=listed(missing)) if missing else ""
        self._about.update(transliterate_for(self.app, paragraph([lesson.aim, first])))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss((self._lessons[event.option_index], False))

    async def action_take(self, anew: bool) -> None:
        """Takes the marked lesson, once the keys before this one have had their effect."""
        await typed_within(self)
        if self._list.highlighted is not None:
            self.dismiss((self._lessons[self._list.highlighted], anew))

    async def action_answers(self) -> None:
        """Shows what one has answered in the marked lesson."""
        await typed_within(self)
        at = self._list.highlighted
        if at is not None:
            self._show_answers(self._lessons[at])


def answers_page(
    course: Course, answers: Sequence[OwnAnswer], spell: Callable[[str], str], is_ascii: bool
) -> TextScreen:
    """The page of one's own answers in a lesson, beside the right ones, step by step.

    `spell` puts texts in characters that are shown, which signs have of their own where these are ASCII.
    """
    title = _("Your answers: {title}").format(title=course.lesson.title)
    if not answers:
        return TextScreen(spell(title), _("You have not answered anything in this lesson yet."), keys="a,enter,space")
    blocks = [Content(paragraph(course.progress.score.lines))]
    for own in answers:
        given = [Content(spell(text)) for text in own.given]
        if own.right and given:
            mark, color = (RIGHT, "$success") if own.is_right else (WRONG, "$error")
            given[-1] = Content.assemble((SIGNS[mark][is_ascii], f"bold {color}"), " ", given[-1])
        rows = [(_("You"), text) for text in (*given, Content(spell(own.said))) if text]
        rows += [("", Content(_("skipped")))] * own.is_skipped
        if own.right and not (own.given and own.is_right and own.given[-1] == own.right):
            rows.append((_("Right"), Content(spell(own.right))))
        lines = [Content.assemble(f"  {ljust(who, 6)} ", text) for who, text in rows]
        heading = Content.styled(spell(with_remark(own.step.title, kind_name(own.step.kind))), "bold $accent")
        blocks.append(Content("\n").join([heading, *lines]))
    return TextScreen(spell(title), Content("\n\n").join(blocks), keys="a,enter,space")
