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
from quadfit_tui.core.text.language import _, either, pgettext, pgettext_noop, with_remark
from quadfit_tui.core.text.quoting import did_you_mean, quoted, with_allowed, with_near
from quadfit_tui.core.training.position import Position
from quadfit_tui.teaching.notation.places import LINK_TARGETS

LETTERS = "abcdef"  # of choices, as they are typed
_BOUNDS = {"digits": (1, 12), "rel": (1e-9, 1), "abs": (1e-12, 1e12), "factor": (1.0001, 1000)}  # of tolerances
LONGEST_ANSWER = 40  # characters, as typed and as recorded
FEWEST_TRIES, MOST_TRIES = 2, 8  # runs that a task may ask for
NUMBERS = tuple(  # parameters of which a run has one number, so that runs can be put in order by it
    name for name, row in PARAMETERS.items() if type(row.default) in (int, float)
)


class StepKind(StrEnum):
    """What a student does in a step."""

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
    """A kind of step as a table names it."""
    return pgettext("kind of step", _KINDS[kind])


class WithheldFact(StrEnum):
    """What the program tells of a run by itself, and a lesson may hold back until one of its steps."""

    LIMIT = "limit"  # of the learning rate, also as a gauge or a border
    FORECAST = "forecast"  # how many epochs a run will take, and whether it diverges
    REMEDY = "remedy"  # what would help, and rates that were tried
    OPTIMUM = "optimum"  # the best a, b, c, and the least mean loss
    MAP = "map"  # view 6
    GRADIENT = "gradient"  # the arrow in view 4, which says before an update where it will go


class Face(StrEnum):
    """How somebody takes a lesson."""

    SCREEN = "screen"
    SPOKEN = "spoken"  # line by line, by `lessons play`


QUESTIONS = (StepKind.PREDICT, StepKind.OBSERVE)  # whose answers are judged
PREDICTIONS = (StepKind.PREDICT, StepKind.DRAW)  # answered once, before their run is shown


class Tolerance(NamedTuple):
    """How near a number has to be: `exact`, `digits:3`, `rel:0.05`, `abs:0.03` or `factor:2`; `exact` has amount 0."""

    rule: str
    amount: float


def read_tolerance(text: str) -> Tolerance:
    """The tolerance that a lesson asks for, as in `digits:3`; raises ValueError with the value and what is allowed."""
    rule, colon, amount = text.partition(":")
    if text == "exact":
        return Tolerance(rule, 0.0)
    try:
        value = read_number(amount) if rule in _BOUNDS and colon else math.nan
    except ValueError:
        value = math.nan
    if math.isnan(value):
        examples = ("exact", "digits:3", "rel:0.05", "abs:0.03", "factor:2")
        problem = _("{text} is no tolerance").format(text=quoted(text))
        if share := re.fullmatch(r"(\d+(?:[.,]\d+)?) ?%", text):
            part = read_number(share[1]) / 100
            problem = with_near(problem, f"rel:{part:g}")
        else:
            begun = next((name for name in _BOUNDS if rule.startswith(name)), rule)
            problem = did_you_mean(problem, begun, examples)
        raise ValueError(with_allowed(problem, either(examples)))
    low, high = _BOUNDS[rule]
    if not low <= value <= high or (rule == "digits" and value != int(value)):
        problem = _("{text} is out of bounds; allowed for {rule}: {low} to {high}")
        raise ValueError(problem.format(text=quoted(text), rule=rule, low=f"{low:g}", high=f"{high:g}"))
    return Tolerance(rule, value)


class StatedNumber(NamedTuple):
    """A number in the prose, `[1406](=slow.epochs)`: as it is written, and the expression that it is the value of.

    `?` as written stands for whatever the value is.
    """

    written: str
    expression: str
    line: int


class PlainText(NamedTuple):
    """A piece of the text that is neither a stated number, nor a link, nor code, in one line of the file."""

    text: str
    line: int


class Link(NamedTuple):
    """Words for something to see or to do, `[w](show:w)`: by its name in LINK_TARGETS each face says where that is."""

    text: str
    name: str


class Prose(NamedTuple):
    """Text with paragraphs divided by an empty line.

    Each `{0}`, `{1}`, … stands for the stated number of that index, each `{link0}`, … for a link. Braces of the text
    itself are doubled, as `str.format` reads them.
    """

    template: str
    numbers: tuple[StatedNumber, ...] = ()
    links: tuple[Link, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.template)

    def text(self, *values: str, face: Face | None = None) -> str:
        """The text, with its numbers as given or else as written; for a face with where each link leads there."""
        links = {
            f"link{at}": link.text if face is None else render_link(link, face) for at, link in enumerate(self.links)
        }
        return self.template.format(*(values or [number.written for number in self.numbers]), **links)


@dataclass(frozen=True)
class Answer:
    """A row of a question: what it says, the expression it stands on, and what is said to whoever gave it.

    `expression` is a condition where the question is a choice, a value where it asks for a number.
    """

    text: str
    is_right: bool
    expression: str
    feedback: Prose
    line: int


@dataclass(frozen=True)
class Step:
    """A step of a lesson; `line` is that of its heading in the file.

    `run`, `at`, `view` and `speed` set the app, each where it is given; `removed_view` is the one that the file names,
    where `view` has taken its place. Where `tolerance` is given the question asks for a number, and `written_answer` is
    the right one as a student would write it; else, with `answers`, it is a choice; those of an explanation are
    sentences of which one says what was meant. `until` is the condition that ends a
    `do`, `solution` the settings with which a run of it ends so, as `lr:1.6`; in their place `tries` is how many runs
    there are to be. `only` are the parameters that may change in it, if not all, and `ends` the rows of what is said
    of its runs. A question is `transfer` if it asks for the same idea with new numbers; `recall` is the lesson whose
    idea it was, by its id. `models` are answers to compare an explanation with. `notes` are for the teacher.
    `plain_texts` are what its texts but the notes say in words, `unindented` the lines of its rows that are not
    indented, and belong to the row above all the same.
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
    ends: tuple[Answer, ...] = ()
    recall: str = ""
    transfer: bool = False
    plain_texts: tuple[PlainText, ...] = ()
    unindented: tuple[int, ...] = ()

    @property
    def is_choice(self) -> bool:
        """Whether it is a question that is answered by a letter."""
        return self.kind in QUESTIONS and self.tolerance is None

    @property
    def is_votable(self) -> bool:
        """Whether a class can vote on it."""
        return self.kind in (*QUESTIONS, StepKind.DRAW)

    @property
    def has_sentences(self) -> bool:
        """Whether it is an explanation with sentences, one of which says what was meant."""
        return self.kind is StepKind.EXPLAIN and bool(self.answers)

    @property
    def texts(self) -> tuple[Prose, ...]:
        """All that is said of it."""
        feedback = (row.feedback for row in (*self.answers, *self.ends))
        return (self.text, *self.hints, *self.notes, *self.models, *feedback)

    @property
    def right(self) -> Answer | None:
        """The right answer of a question."""
        return next((answer for answer in self.answers if answer.is_right), None)

    @property
    def success(self) -> Answer | None:
        """The row of a task that says why a run does it."""
        return next((row for row in self.ends if row.is_right), None)


def render_link(link: Link, face: Face) -> str:
    """A link as a face says it: its words, and in brackets where that is seen or how it is done there."""
    place = LINK_TARGETS[link.name]
    return with_remark(link.text, _(place.on_screen if face is Face.SCREEN else place.spoken))


def changes_of(solution: str) -> dict[str, Any]:
    """The settings that `lr:1.6` or `scale_features:yes;lr:0.7` changes; raises ValueError with the reason."""
    found = {}
    for part in solution.split(";"):
        name, colon, value = part.strip().partition(":")
        if name not in PARAMETERS or not colon:
            problem = did_you_mean_name(_("solution: {text} is no setting").format(text=quoted(part)), name, PARAMETERS)
            raise ValueError(with_allowed(problem, _("lr:1.6, or several parted by ;")))
        found[name] = PARAMETERS[name].parse(value)
    return found


@dataclass(frozen=True)
class Lesson:
    """A lesson: its runs by name, and its steps in order.

    `digest` is the first 16 hex digits of the SHA-256 of its file.
    `id` is what transcripts know it by; `needs` are lessons to take before, as advice; `may_skip`: whether a step may
    be given up. `hold` is held back before the step `hold_until`, or to the end where that is empty. `summary` is said
    at the end. `lines` are those of the file in which its summary and its runs begin.
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
        """The steps by their ids."""
        return {step.id: step for step in self.steps}

    def line(self, name: str) -> int:
        """The line of the file in which `summary` begins, or a run such as `runs.slow`; else the first."""
        return self.lines.get(name, 1)

    def withheld_at(self, step: Step | None) -> frozenset[WithheldFact]:
        """What is held back at a step; at the end of the lesson, where that is None, nothing."""
        if step is None or (self.hold_until and self._index(step) >= self._index(self.by_id[self.hold_until])):
            return frozenset()
        return self.hold

    def _index(self, step: Step) -> int:
        return next(at for at, each in enumerate(self.steps) if each.id == step.id)

    def view(self, step: Step) -> str | None:
        """The view that a step is seen in: its own, or else that of a step before it."""
        views = [each.view for each in self.steps[: self.steps.index(step) + 1] if each.view is not None]
        return views[-1] if views else None

    def solving_changes(self, step: Step) -> dict[str, Any]:
        """The settings that the solution of a task changes in its run."""
        assert step.run is not None
        assert step.solution is not None
        config = self.runs[step.run]
        return {name: value for name, value in changes_of(step.solution).items() if getattr(config, name) != value}

    def choices(self, step: Step) -> tuple[Answer, ...]:
        """The answers of a choice in the order in which they are shown: a, b, c, …

        Drawn from the ids of the lesson and the step, so that it is the same for a whole class, and says nothing.
        """
        order = list(step.answers)
        random.Random(f"{self.id}/{step.id}").shuffle(order)
        return tuple(order)

    def letter(self, step: Step, answer: Answer) -> str:
        """The letter of a choice as it is shown."""
        return LETTERS[self.choices(step).index(answer)]

    def file_letter(self, step: Step, answer: Answer) -> str:
        """The letter of a choice by its order in the file, which is the same in every translation."""
        return LETTERS[step.answers.index(answer)]
