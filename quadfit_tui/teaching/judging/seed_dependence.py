"""Answers that hold by luck: with the seed of the lesson and not with others, or by where an epoch ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.text.language import _, comma_separated
from quadfit_tui.teaching.judging.check import LessonFault
from quadfit_tui.teaching.judging.facts import MOST_SECONDS, Facts, TooMuchWorkError, has_chance, is_limit, later_seed
from quadfit_tui.teaching.judging.tolerance import MOST_DIGITS, MatchGrade, Written, grade_match
from quadfit_tui.teaching.notation.expression import Expression, ExpressionError, FactSource, Value
from quadfit_tui.teaching.notation.lesson import Answer, Lesson, Step, StepKind, changes_of

SEEDS = 20  # that of the lesson, and those after it


def find_lucky_answers(
    lesson: Lesson, facts: Facts, seeds: int = SEEDS, most_seconds: float = MOST_SECONDS
) -> list[LessonFault]:
    """The answers of a lesson, true with its own seed, that hold by luck, in order of its lines.

    Where a seed decides what a run does, a choice has to be right or wrong, a predicted number near enough, and a task
    that names what may change done by its solution, with each of so many `seeds`, or as many as `most_seconds` of
    training allow. What compares counts of updates has to hold as well for those after which the mean loss was first
    below tol.
    """
    claims, spent = list(_claims(lesson, facts)), 0.0
    for later in range(seeds if any(claim.has_chance for claim in claims) else 1):
        its = facts.with_later_seeds(later) if later else facts
        before = its.seconds
        try:
            for claim in claims:
                claim.try_with(its, later)
        except TooMuchWorkError:
            break
        spent += its.seconds - before
        if spent > most_seconds:
            break
    return [LessonFault(claim.line, text) for claim in claims if (text := claim.refused())]


def _claims(lesson: Lesson, facts: Facts) -> Iterator[_Claim | _Solution]:
    for step in lesson.steps:
        if step.only and step.until is not None and step.run is not None and step.solution is not None:
            yield _Solution(step.line, step.until, lesson.runs[step.run], step.solution)
        for answer in step.answers:
            if step.is_choice or (step.kind is StepKind.PREDICT and answer.is_right):
                yield _Claim(lesson, step, answer, facts)


class _Claim:
    """An answer that a lesson gives, and the seeds with which it is another one than with its own."""

    def __init__(self, lesson: Lesson, step: Step, answer: Answer, facts: Facts) -> None:
        self.line = answer.line
        self._step, self._answer, self._facts = step, answer, facts
        self._expression = Expression.parse(answer.expression)
        self._random = [config for run in self._expression.runs() if has_chance(config := lesson.runs[run])]
        counted = {reference.run for reference in self._expression.references() if reference.fact == "updates"}
        self.has_chance = bool(self._random)
        self._compares_updates = step.is_choice and len(counted) > 1
        self._tried = 0
        self._false: list[int] = []  # how much later than its own the seeds are
        self._false_to_the_update: list[int] = []

    def try_with(self, facts: Facts, later: int) -> None:
        """Tries it with the facts of other seeds; raises TooMuchWorkError."""
        if later and not self.has_chance:
            return
        if not self._holds(facts):
            self._false.append(later)
        if self._compares_updates and not self._is(_to_the_update(facts.source)):
            self._false_to_the_update.append(later)
        self._tried += 1

    def _holds(self, facts: Facts) -> bool:
        if self._step.is_choice:
            return self._is(facts.source)
        assert self._step.tolerance is not None
        expression = self._answer.expression
        try:
            found = Written(facts.number(expression), MOST_DIGITS)
        except ExpressionError:  # with these seeds it has no value
            return False
        return (
            grade_match(found, self._facts.number(expression), self._step.tolerance, is_limit(expression))
            is MatchGrade.RIGHT
        )

    def _is(self, source: FactSource) -> bool:
        """Whether a choice is what the lesson says it is, right or wrong; what has no value is neither."""
        try:
            return self._expression.evaluate(source).value is self._answer.is_right
        except ExpressionError:
            return False

    def refused(self) -> str:
        """What is wrong with it, in a sentence; empty where nothing is."""
        expression, is_right = self._answer.expression, self._answer.is_right
        if self._false:
            if not self._step.is_choice:
                told = _("{expression} is too far from what the lesson says with {seeds}; it holds by luck")
            elif is_right:
                told = _("{expression} is false with {seeds}; it holds by luck")
            else:
                told = _("{expression} is true with {seeds}; it holds by luck")
            return told.format(expression=expression, seeds=self._seeds(self._false))
        if self._false_to_the_update:
            if is_right:
                told = _("{expression} counts updates to the end of an epoch; with updates_to_tol it is false")
            else:
                told = _("{expression} counts updates to the end of an epoch; with updates_to_tol it is true")
            told = told.format(expression=expression)
            seeds = self._seeds(self._false_to_the_update) if self.has_chance else ""
            return _("{problem} with {seeds}").format(problem=told, seeds=seeds) if seeds else told
        return ""

    def _seeds(self, later: list[int]) -> str:
        return _seeds(self._random[0], later, self._tried)


class _Solution:
    """The solution of a task that names what may change, and the seeds with which it does not do it."""

    def __init__(self, line: int, until: str, config: RunConfig, solution: str) -> None:
        self.line, self._until, self._solution = line, until, solution
        self._solved = config.with_values(changes_of(solution))
        self.has_chance = has_chance(self._solved)
        self._tried = 0
        self._false: list[int] = []  # how much later than its own the seeds are

    def try_with(self, facts: Facts, later: int) -> None:
        """Tries it with another seed; raises TooMuchWorkError."""
        if later and not self.has_chance:
            return
        solved = self._solved.replace(seed=later_seed(self._solved, later))
        self._tried += 1
        with suppress(ExpressionError):
            if facts.value(self._until, facts.snapshot(solved)) is True:
                return
        self._false.append(later)

    def refused(self) -> str:
        """What is wrong with it, in a sentence; empty where nothing is."""
        if not self._false:
            return ""
        told = _("the solution {solution} does not do the task with {seeds}; it holds by luck")
        return told.format(solution=self._solution, seeds=_seeds(self._solved, self._false, self._tried))


def _seeds(config: RunConfig, later: list[int], tried: int) -> str:
    """Which of some seeds, by how much later they are than that of a run."""
    seeds = comma_separated([str(later_seed(config, each)) for each in later])
    return _("{n} of {tried} seeds ({seeds})").format(n=len(later), tried=tried, seeds=seeds)


def _to_the_update(source: FactSource) -> FactSource:
    """Facts with the updates after which the mean loss was first below tol as those that were done."""

    def of_run(run: str, fact: str) -> Value:
        with suppress(ExpressionError):  # it never was
            if fact == "updates":
                return source.of_run(run, "updates_to_tol")
        return source.of_run(run, fact)

    return source._replace(of_run=of_run)
