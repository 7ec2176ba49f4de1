"""VotePage: the question that a class votes on, how many have answered, and at the end the votes (key V).

It may be projected: who answered what is not shown, and what was answered only when that is asked for.
"""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from quadfit_tui.core.files import refusals
from quadfit_tui.core.text.language import N_, _, full_stop, ngettext, ngettext_noop, paragraph
from quadfit_tui.core.text.width import wrapped
from quadfit_tui.teaching.classroom.classroom import ALONE, DISCUSSED, INTERVAL, Classroom, Question, VoteState, now
from quadfit_tui.teaching.classroom.tally import Tally, bar_lines, counted_text
from quadfit_tui.teaching.notation.lesson import LETTERS, StepKind
from quadfit_tui.teaching.ui.drawings import class_chart
from quadfit_tui.ui.display.capabilities import Capabilities
from quadfit_tui.ui.fields.text_field import typed_within
from quadfit_tui.ui.screens.dialog import Dialog
from quadfit_tui.ui.terminal.terminal_app import transliterate_for
from quadfit_tui.ui.widgets.chart_view import ChartView

_WIDEST = 100  # maximum width of the text, in columns
_IS_OPEN = {ALONE: N_("The vote is open."), DISCUSSED: N_("The second vote is open.")}
_IS_CLOSED = {ALONE: N_("The vote is closed."), DISCUSSED: N_("The second vote is closed.")}


class VotePage(Dialog[bool]):
    """The page on which a teacher opens and closes the vote on a step; its result is whether to show the outcome."""

    AUTO_FOCUS = "VerticalScroll"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,V", "dismiss", N_("Close"), priority=True),
        Binding("o", "open", N_("Open the vote"), priority=True),
        Binding("c", "close", N_("Close the vote"), priority=True),
        Binding("2", "second", N_("Second vote"), priority=True),
        Binding("b", "bars", N_("Bars"), priority=True),
        Binding("enter", "reveal", N_("Show the run"), priority=True),
    ]

    def __init__(self, room: Classroom, tally: Tally, text: str, capabilities: Capabilities) -> None:
        """`text` is the text of the question."""
        super().__init__()
        self._room = room
        self._tally = tally
        self._text = text
        self._body = Static(markup=False)
        self._cloud = ChartView("cloud", capabilities, {})
        self._shows_bars = False
        self._had_bars = False  # if so, no advice: beside the bars, the share of right votes would give the answer away
        self._failure = ""

    def compose(self) -> ComposeResult:
        with VerticalScroll() as page:
            page.border_title = transliterate_for(self.app, _("Vote: {title}").format(title=self._tally.step.title))
            yield self._body
            if self._tally.step.kind is StepKind.DRAW:
                yield self._cloud

    def on_mount(self) -> None:
        self._room.refresh()
        self._tally.refresh(self._question)
        self._show()
        self.set_interval(INTERVAL, self._look)

    @property
    def _question(self) -> Question | None:
        """The vote on this step, or None if there is none."""
        question = self._room.question
        is_here = question is not None and question.place == (self._tally.lesson.id, self._tally.step.id)
        return question if is_here else None

    def _look(self) -> None:
        """Refreshes the page if new votes have arrived; called every second."""
        if self._tally.refresh(self._question):
            self._show()

    def on_resize(self) -> None:
        self._show()

    # What is seen

    @property
    def _width(self) -> int:
        return max(20, min(_WIDEST, self.size.width - 5))

    def _show(self) -> None:
        """Renders the page: question, answers or bars, and the state of the vote."""
        lines = [line for part in self._text.split("\n\n") for line in wrapped(part, self._width)]
        self._body.update(transliterate_for(self.app, "\n".join([*lines, "", *self._answers(), "", *self._state()])))
        self._show_cloud()

    def _show_cloud(self) -> None:
        """Shows the drawn curves while votes are shown; at the end, below the curve of the run."""
        tally, question = self._tally, self._question
        self._cloud.display = self._shows_bars and question is not None and bool(tally.curves)
        if self._cloud.display and question is not None:
            run = tally.run_curve
            chart = class_chart(run.axes, tally.curves, run if question.state is VoteState.SHOWN else None)
            self._cloud.show(chart, "cloud")

    def _answers(self) -> list[str]:
        """Returns the lines on the answers: the choices, or the bars of the votes."""
        tally, question = self._tally, self._question
        if self._shows_bars and question is not None:
            return bar_lines(
                tally, range(ALONE, question.round + 1), self._width, marks=question.state is VoteState.SHOWN
            )
        if tally.step.kind is StepKind.DRAW:
            return [_("The answer is a curve.")]
        if not tally.step.is_choice:
            return [_("The answer is a number.")]
        choices = zip(LETTERS, tally.lesson.choices(tally.step), strict=False)
        folded = (wrapped(answer.text, self._width, f"{letter.upper()}  ", "   ") for letter, answer in choices)
        return [line for lines in folded for line in lines]

    def _state(self) -> list[str]:
        """Returns the lines on the state of the vote: how many have answered, what to do next, files left out."""
        tally, question = self._tally, self._question
        if self._failure:
            return [self._failure]
        left_out = []
        if tally.left_out:
            left_out.append(
                _("Files that cannot be read: {n}; lessons watch names them.").format(n=len(tally.left_out))
            )
        if question is None:
            counts = ngettext_noop("{n} student. No vote is open yet.", "{n} students. No vote is open yet.")
            return [ngettext(*counts, tally.students), *left_out]
        states = _IS_OPEN if question.state is VoteState.OPEN else _IS_CLOSED
        lines = [paragraph([_(states[question.round]), counted_text(tally, question)])]
        if question.state is VoteState.CLOSED and not self._had_bars:
            lines += wrapped(self._advice(question.round), self._width)
        return [*lines, *left_out]

    def _advice(self, round: int) -> str:
        """Returns what to do after a vote; before the second one without a share of right votes: it would sway it."""
        if round == ALONE and self._tally.answered(round) and self._tally.step.kind is not StepKind.DRAW:
            return _("'lessons watch' says how many are right, on a screen that the class does not see.")
        return self._tally.advice(round)

    # Keys

    def _ask(self, question: Question) -> bool:
        """Writes the state of the vote for the class, and counts the last votes; returns whether that worked."""
        try:
            self._room.publish(question)
        except OSError as failure:
            self._failure = full_stop(refusals.write_error(self._room.folder, failure))
            self._show()
            return False
        self._failure = ""
        self._tally.refresh(question)
        self._show()
        return True

    async def action_open(self) -> None:
        """Opens the vote, or reopens it."""
        await typed_within(self)
        question = self._question
        if question is None or question.state is VoteState.SHOWN:
            self._shows_bars = self._had_bars = False
            question = Question(self._tally.lesson.id, self._tally.step.id, ALONE, VoteState.OPEN, now())
        self._shows_bars = False
        self._ask(question.opened(question.round))

    async def action_close(self) -> None:
        """Closes the vote; later votes do not count."""
        await typed_within(self)
        if self._question is not None and self._question.state is VoteState.OPEN:
            self._ask(self._question.ended(VoteState.CLOSED))

    async def action_second(self) -> None:
        """Opens the second vote, after the discussion, or reopens it; closes the first one."""
        await typed_within(self)
        question = self._question
        if question is not None and question.round == ALONE:
            await self.action_close()
            question = self._question
        if question is not None and question.state is VoteState.CLOSED:
            self._shows_bars = self._had_bars = False
            self._ask(question.opened(DISCUSSED))

    async def action_bars(self) -> None:
        """Toggles the bars of the votes, unless the vote is open."""
        await typed_within(self)
        if self._question is not None and self._question.state is not VoteState.OPEN:
            self._shows_bars = not self._shows_bars
            self._had_bars = True
            self._show()

    async def action_reveal(self) -> None:
        """Ends the vote, and closes the page to show everybody the outcome."""
        await typed_within(self)
        question = self._question
        if question is None or question.state is VoteState.SHOWN or self._ask(question.ended(VoteState.SHOWN)):
            self.dismiss(True)
