"""Finds answers that hold by luck: with the seed of the lesson but not with others, or by where an epoch ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.text.language import _, comma_separated
from quadfit_tui.teaching.judging.check import LessonFault
from quadfit_tui.teaching.judging.facts import MOST_SECONDS, Facts, TooMuchWorkError, has_chance, is_limit, later_seed
from quadfit_tui.teaching.judging.tolerance import MOST_DIGITS, MatchGrade, Written, grade_match
from quadfit_tui.teaching.notation.expression import Expression, ExpressionError, FactSource, Value
from quadfit_tui.teaching.notation.lesson import Answer, Lesson, Step, StepKind, parse_solution

SEEDS = 20  # number of seeds tried: that of the lesson, and those after it


def find_lucky_answers(
    lesson: Lesson, facts: Facts, seeds: int = SEEDS, most_seconds: float = MOST_SECONDS
) -> list[LessonFault]:
    """Returns the answers that are true with the lesson's own seed alone, as faults in order of lines.

    If a seed decides what a run does, the following must hold with each of `seeds` seeds, or as many as `most_seconds`
    of training allow: a choice is right or wrong as the lesson says, a predicted number is near enough, and the
    solution of a task with `only` fulfills it. A condition that compares counts of updates must hold as well for the
    counts after which the mean loss was first below tol.
    """
    claims, spent = list(_claims(lesson, facts)), 0.0
    for later in range(seeds if any(claim.has_chance for claim in claims) else 1):
        seeded_facts = facts.with_later_seeds(later) if later else facts
        before = seeded_facts.seconds
        try:
            for claim in claims:
                claim.try_with(seeded_facts, later)
        except TooMuchWorkError:
            break
        spent += seeded_facts.seconds - before
        if spent > most_seconds:
            break
    return [LessonFault(claim.line, text) for claim in claims if (text := claim.problem())]


def _claims(lesson: Lesson, facts: Facts) -> Iterator[_Claim | _Solution]:
    """Yields all answers and solutions of a lesson that other seeds must confirm, in order of lines."""
    for step in lesson.steps:
        if step.only and step.until is not None and step.run is not None and step.solution is not None:
            yield _Solution(step.line, step.until, lesson.runs[step.run], step.solution)
        for answer in step.answers:
            if step.is_choice or (step.kind is StepKind.PREDICT and answer.is_right):
                yield _Claim(lesson, step, answer, facts)


class _Claim:
    """An answer of a lesson, and the seeds tried with which it does not hold."""

    def __init__(self, lesson: Lesson, step: Step, answer: Answer, facts: Facts) -> None:
        self.line = answer.line
        self._step, self._answer, self._facts = step, answer, facts
        self._expression = Expression.parse(answer.expression)
        self._random = [config for run in self._expression.runs() if has_chance(config := lesson.runs[run])]
        counted = {reference.run for reference in self._expression.references() if reference.fact == "updates"}
        self.has_chance = bool(self._random)
        self._compares_updates = step.is_choice and len(counted) > 1
        self._tried = 0
        self._false: list[int] = []  # offsets to its own seed with which it does not hold
        self._false_to_the_update: list[int] = []

    def try_with(self, facts: Facts, later: int) -> None:
        """Checks the answer with facts of seeds `later` than its own; raises TooMuchWorkError after MOST_SECONDS."""
        if later and not self.has_chance:
            return
        if not self._holds(facts):
            self._false.append(later)
        if self._compares_updates and not self._is(_to_the_update(facts.source)):
            self._false_to_the_update.append(later)
        self._tried += 1

    def _holds(self, facts: Facts) -> bool:
        """Whether the answer is true of some facts: as a choice, or as a number near enough to the lesson's."""
        if self._step.is_choice:
            return self._is(facts.source)
        assert self._step.tolerance is not None
        expression = self._answer.expression
        try:
            number = Written(facts.number(expression), MOST_DIGITS)
        except ExpressionError:  # it has no value with these seeds
            return False
        return (
            grade_match(number, self._facts.number(expression), self._step.tolerance, is_limit(expression))
            is MatchGrade.RIGHT
        )

    def _is(self, source: FactSource) -> bool:
        """Whether a choice is right or wrong as the lesson says; false if its expression has no value."""
        try:
            return self._expression.evaluate(source).value is self._answer.is_right
        except ExpressionError:
            return False

    def problem(self) -> str:
        """Returns the message that the answer holds by luck; empty if it holds with all seeds tried."""
        expression, is_right = self._answer.expression, self._answer.is_right
        if self._false:
            if not self._step.is_choice:
                template = _("{expression} is too far from what the lesson says with {seeds}; it holds by luck")
            elif is_right:
                template = _("{expression} is false with {seeds}; it holds by luck")
            else:
                template = _("{expression} is true with {seeds}; it holds by luck")
            return template.format(expression=expression, seeds=self._seeds(self._false))
        if self._false_to_the_update:
            if is_right:
                template = _("{expression} counts updates to the end of an epoch; with updates_to_tol it is false")
            else:
                template = _("{expression} counts updates to the end of an epoch; with updates_to_tol it is true")
            problem = template.format(expression=expression)
            if not self.has_chance:
                return problem
            return _("{problem} with {seeds}").format(problem=problem, seeds=self._seeds(self._false_to_the_update))
        return ""

    def _seeds(self, later: list[int]) -> str:
        return _seeds(self._random[0], later, self._tried)


class _Solution:
    """The solution of a task with `only`, and the seeds tried with which it does not fulfill the task."""

    def __init__(self, line: int, until: str, config: RunConfig, solution: str) -> None:
        self.line, self._until, self._solution = line, until, solution
        self._solved = config.with_values(parse_solution(solution))
        self.has_chance = has_chance(self._solved)
        self._tried = 0
        self._false: list[int] = []  # offsets to its own seed with which it does not hold

    def try_with(self, facts: Facts, later: int) -> None:
        """Checks the solution with a seed `later` than its own; raises TooMuchWorkError after MOST_SECONDS."""
        if later and not self.has_chance:
            return
        solved = self._solved.replace(seed=later_seed(self._solved, later))
        self._tried += 1
        with suppress(ExpressionError):
            if facts.value(self._until, facts.snapshot(solved)) is True:
                return
        self._false.append(later)

    def problem(self) -> str:
        """Returns the message that the solution works by luck; empty if it works with all seeds tried."""
        if not self._false:
            return ""
        template = _("the solution {solution} does not do the task with {seeds}; it holds by luck")
        return template.format(solution=self._solution, seeds=_seeds(self._solved, self._false, self._tried))


def _seeds(config: RunConfig, later: list[int], tried: int) -> str:
    """Formats the seeds of a run at some offsets, and how many of those tried they are."""
    seeds = comma_separated([str(later_seed(config, offset)) for offset in later])
    return _("{n} of {tried} seeds ({seeds})").format(n=len(later), tried=tried, seeds=seeds)


def _to_the_update(source: FactSource) -> FactSource:
    """Returns a source of facts whose `updates` is the count after which the mean loss was first below tol, if ever."""

    def of_run(run: str, fact: str) -> Value:
        with suppress(ExpressionError):  # the mean loss was never below tol
            if fact == "updates":
                return source.of_run(run, "updates_to_tol")
        return source.of_run(run, fact)

    return source._replace(of_run=of_run)
