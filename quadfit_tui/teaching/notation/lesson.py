"""Lesson, Step and Answer: what a lesson file holds, as plain data; read by notation.py."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple

from quadfit_tui.core.config.other_names import did_you_mean_name
from quadfit_tui.core.config.parameters import PARAMETERS, RunConfig
from quadfit_tui.core.config.value_types import read_number
from quadfit_tui.core.text.language import _, join_or, pgettext, pgettext_noop, with_remark
from quadfit_tui.core.text.quoting import did_you_mean, quoted, with_allowed, with_near
from quadfit_tui.core.training.position import Position
from quadfit_tui.teaching.notation.places import LINK_TARGETS

LETTERS = "abcdef"  # a student types one to choose an answer
BOUNDS = {
    "digits": (1, 12),
    "rel": (1e-9, 1),
    "abs": (1e-12, 1e12),
    "factor": (1.0001, 1000),
}  # least and largest amount
LONGEST_ANSWER = 40  # characters; the limit holds for what is typed and for what is recorded
FEWEST_TRIES, MOST_TRIES = 2, 8  # number of runs that a task may ask for
NUMERIC_PARAMETERS = tuple(  # parameters with a single number as value, by which runs can be sorted
    name for name, row in PARAMETERS.items() if type(row.default) in (int, float)
)


class StepKind(StrEnum):
    """The kinds of steps, named by what the student does."""

    SAY = "say"  # reads
    DO = "do"  # acts in the app until a condition is true
    PREDICT = "predict"  # answers once, before the run is shown
    OBSERVE = "observe"  # answers about what was seen, as often as it takes
    EXPLAIN = "explain"  # writes a sentence, which is not judged
    DRAW = "draw"  # draws the mean loss that is expected of a run, before it is shown; not judged


_KINDS = {
    StepKind.SAY: pgettext_noop("kind of step", "say"),
    StepKind.DO: pgettext_noop("kind of step", "do"),
    StepKind.PREDICT: pgettext_noop("kind of step", "predict"),
    StepKind.OBSERVE: pgettext_noop("kind of step", "observe"),
    StepKind.EXPLAIN: pgettext_noop("kind of step", "explain"),
    StepKind.DRAW: pgettext_noop("kind of step", "draw"),
}


def kind_name(kind: StepKind) -> str:
    """Returns the translated name of a kind of step, for a cell of a table."""
    return pgettext("kind of step", _KINDS[kind])


class WithheldFact(StrEnum):
    """Kinds of facts that the program shows unasked, and that a lesson may withhold until one of its steps."""

    LIMIT = "limit"  # limit of the learning rate, also as a gauge or a border
    FORECAST = "forecast"  # how many epochs a run will take, and whether it diverges
    REMEDY = "remedy"  # what would help, and rates that were tried
    OPTIMUM = "optimum"  # the best a, b, c, and the least mean loss
    MAP = "map"  # view 6
    GRADIENT = "gradient"  # the arrow in view 4, which shows before an update where w will go


class Face(StrEnum):
    """The ways to take a lesson: on the screen, or by lines of text."""

    SCREEN = "screen"
    SPOKEN = "spoken"  # line by line, by `lessons play`


QUESTIONS = (StepKind.PREDICT, StepKind.OBSERVE)  # their answers are judged
PREDICTIONS = (StepKind.PREDICT, StepKind.DRAW)  # they are answered once, before their run is shown


class Tolerance(NamedTuple):
    """A rule for when a number counts as right: `exact` (amount 0), `digits:3`, `rel:0.05`, `abs:0.03`, `factor:2`."""

    rule: str
    amount: float


def read_tolerance(text: str) -> Tolerance:
    """Parses the `tol` attribute of a step, such as `digits:3`.

    Raises ValueError, with the value and what is allowed, if it is no tolerance or out of bounds.
    """
    rule, colon, amount = text.partition(":")
    if text == "exact":
        return Tolerance(rule, 0.0)
    try:
        value = read_number(amount) if rule in BOUNDS and colon else math.nan
    except ValueError:
        value = math.nan
    if math.isnan(value):
        examples = ("exact", "digits:3", "rel:0.05", "abs:0.03", "factor:2")
        problem = _("{text} is no tolerance").format(text=quoted(text))
        if percentage := re.fullmatch(r"(\d+(?:[.,]\d+)?) ?%", text):
            fraction = read_number(percentage[1]) / 100
            problem = with_near(problem, f"rel:{fraction:g}")
        else:
            likely = next((name for name in BOUNDS if rule.startswith(name)), rule)
            problem = did_you_mean(problem, likely, examples)
        raise ValueError(with_allowed(problem, join_or(examples)))
    low, high = BOUNDS[rule]
    if not low <= value <= high or (rule == "digits" and value != int(value)):
        problem = _("{text} is out of bounds; allowed for {rule}: {low} to {high}")
        raise ValueError(problem.format(text=quoted(text), rule=rule, low=f"{low:g}", high=f"{high:g}"))
    return Tolerance(rule, value)


class StatedNumber(NamedTuple):
    """A number in a lesson's prose with the expression that computes it: `[1406](=slow.epochs)`.

    `written` is the number as the author wrote it, or `?` if the computed value must be inserted.
    """

    written: str
    expression: str
    line: int


class PlainText(NamedTuple):
    """A piece of prose in one line of the file, outside of stated numbers, links and code."""

    text: str
    line: int


class Link(NamedTuple):
    """Words that refer to a part of the program, `[w](show:w)`; `name` is the key of a row in LINK_TARGETS."""

    text: str
    name: str


class Prose(NamedTuple):
    """A template of text in a lesson, with its stated numbers and links; an empty line divides paragraphs.

    In the template each `{0}`, `{1}`, … stands for the stated number of that index, each `{link0}`, … for a link.
    Braces of the text itself are doubled for `str.format`.
    """

    template: str
    numbers: tuple[StatedNumber, ...] = ()
    links: tuple[Link, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.template)

    def text(self, *values: str, face: Face | None = None) -> str:
        """Renders the template with `values` as its numbers (default: as written); `face` adds each link's place."""
        links = {
            f"link{index}": link.text if face is None else render_link(link, face)
            for index, link in enumerate(self.links)
        }
        return self.template.format(*(values or [number.written for number in self.numbers]), **links)


@dataclass(frozen=True)
class Answer:
    """A possible answer, right or wrong, with its expression and the feedback to a student who gives it.

    `expression` is a condition if the question is a choice, a value if it asks for a number.
    """

    text: str
    is_right: bool
    expression: str
    feedback: Prose
    line: int


@dataclass(frozen=True)
class Step:
    """A step of a lesson; `line` is that of its heading in the file.

    - `run`, `at`, `view` and `speed` set up the app; each that is None leaves it as it is. `removed_view` is the view
      that the file names if it is no more; `view` is then its successor.
    - `tolerance`: set if the question asks for a number; `written_answer` is then the right one as a student would
      write it. A question without it is a choice among `answers`. The answers of an explanation are sentences, one of
      which says what was meant.
    - `until` is the condition that ends a `do`, `solution` the settings with which its run fulfills it, such as
      `lr:1.6`. A task with neither asks for a number of runs, `tries`. `only` are the parameters that may change, or
      empty if all may. `run_feedback` are the rows with feedback to its runs.
    - `transfer`: whether a question asks for the same idea with new numbers; `recall` is the id of the lesson whose
      idea it asks for.
    - `models` are answers to compare an explanation with, `notes` are for the teacher.
    - `plain_texts` are the words of all texts but the notes; `unindented` are lines of rows that lack the indent, and
      belong to the row above nevertheless.
    """

    id: str
    kind: StepKind
    title: str
    text: Prose
    line: int
    answers: tuple[Answer, ...] = ()
    hints: tuple[Prose, ...] = ()
    notes: tuple[Prose, ...] = ()
    models: tuple[Prose, ...] = ()
    run: str | None = None
    at: Position | None = None
    view: str | None = None
    removed_view: str = ""
    speed: str | None = None
    tolerance: Tolerance | None = None
    written_answer: str | None = None
    until: str | None = None
    solution: str | None = None
    tries: int = 0
    only: tuple[str, ...] = ()
    run_feedback: tuple[Answer, ...] = ()
    recall: str = ""
    transfer: bool = False
    plain_texts: tuple[PlainText, ...] = ()
    unindented: tuple[int, ...] = ()

    @property
    def is_choice(self) -> bool:
        """Whether the step is a question that is answered by a letter."""
        return self.kind in QUESTIONS and self.tolerance is None

    @property
    def is_votable(self) -> bool:
        """Whether a class can vote on the step."""
        return self.kind in (*QUESTIONS, StepKind.DRAW)

    @property
    def has_sentences(self) -> bool:
        """Whether the step is an explanation with sentences to choose from, one of which says what was meant."""
        return self.kind is StepKind.EXPLAIN and bool(self.answers)

    @property
    def texts(self) -> tuple[Prose, ...]:
        """All texts of the step: its own, hints, notes, model answers and feedback."""
        feedback = (row.feedback for row in (*self.answers, *self.run_feedback))
        return (self.text, *self.hints, *self.notes, *self.models, *feedback)

    @property
    def right_answer(self) -> Answer | None:
        """The right answer of a question, or None if it has none."""
        return next((answer for answer in self.answers if answer.is_right), None)

    @property
    def success(self) -> Answer | None:
        """The row that explains why a run fulfills the task, or None if there is none."""
        return next((row for row in self.run_feedback if row.is_right), None)


def render_link(link: Link, face: Face) -> str:
    """Formats a link for a face: its words, and in brackets where to look there, or what to press or type."""
    place = LINK_TARGETS[link.name]
    return with_remark(link.text, _(place.on_screen if face is Face.SCREEN else place.spoken))


def parse_solution(solution: str) -> dict[str, Any]:
    """Parses a solution, such as `scale_features:yes;lr:0.7`, to values by parameter; raises ValueError if invalid."""
    changes = {}
    for part in solution.split(";"):
        name, colon, value = part.strip().partition(":")
        if name not in PARAMETERS or not colon:
            problem = did_you_mean_name(_("solution: {text} is no setting").format(text=quoted(part)), name, PARAMETERS)
            raise ValueError(with_allowed(problem, _("lr:1.6, or several parted by ;")))
        changes[name] = PARAMETERS[name].parse(value)
    return changes


@dataclass(frozen=True)
class Lesson:
    """A lesson: its runs by name, and its steps in order.

    - `id` is its name in transcripts; `digest` is the first 16 hex digits of the SHA-256 of its file.
    - `needs` are ids of lessons that a student should take before; this is advice only.
    - `may_skip`: whether a student may give up a step.
    - `hold` are facts that are withheld before the step `hold_until`, or to the end if that is empty.
    - `summary` is shown at the end.
    - `lines` are the lines of the file in which the summary and the runs begin.
    """

    id: str
    version: int
    title: str
    minutes: int
    aim: str
    misconception: str
    source: str
    runs: Mapping[str, RunConfig]
    steps: tuple[Step, ...]
    digest: str
    needs: tuple[str, ...] = ()
    may_skip: bool = True
    language: str = "en"
    file_name: str = ""
    hold: frozenset[WithheldFact] = frozenset()
    hold_until: str = ""
    summary: tuple[Prose, ...] = ()
    lines: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def by_id(self) -> Mapping[str, Step]:
        """The steps by id."""
        return {step.id: step for step in self.steps}

    def line(self, name: str) -> int:
        """Returns the line of the file in which `summary` or a run, such as `runs.slow`, begins; 1 if unknown."""
        return self.lines.get(name, 1)

    def withheld_at(self, step: Step | None) -> frozenset[WithheldFact]:
        """Returns the facts withheld while a student is at a step; none at the end of the lesson (step None)."""
        if step is None or (self.hold_until and self._index(step) >= self._index(self.by_id[self.hold_until])):
            return frozenset()
        return self.hold

    def _index(self, step: Step) -> int:
        return next(index for index, other in enumerate(self.steps) if other.id == step.id)

    def view(self, step: Step) -> str | None:
        """Returns the name of the view for a step: its own, or that of the last step before it that names one."""
        views = [other.view for other in self.steps[: self.steps.index(step) + 1] if other.view is not None]
        return views[-1] if views else None

    def solving_changes(self, step: Step) -> dict[str, Any]:
        """Returns the values by parameter that the solution of a task changes in its run."""
        assert step.run is not None
        assert step.solution is not None
        config = self.runs[step.run]
        return {name: value for name, value in parse_solution(step.solution).items() if getattr(config, name) != value}

    def choices(self, step: Step) -> tuple[Answer, ...]:
        """Returns the answers of a choice, shuffled to the order in which students see them as a, b, c, …

        The seed is made from the ids of lesson and step: a whole class sees one order, which betrays no answer.
        """
        order = list(step.answers)
        random.Random(f"{self.id}/{step.id}").shuffle(order)
        return tuple(order)

    def letter(self, step: Step, answer: Answer) -> str:
        """Returns the letter of an answer in the shuffled order that students see."""
        return LETTERS[self.choices(step).index(answer)]

    def file_letter(self, step: Step, answer: Answer) -> str:
        """Returns the letter of an answer by its order in the file, as transcripts record it; equal in translations."""
        return LETTERS[step.answers.index(answer)]
