"""Lessons in the language of tests: each of their texts in ⟦ ⟧, as a translated lesson has them."""

from dataclasses import replace

from made_lessons import packaged
from marked import pseudo

from quadfit_tui.teaching.judging.facts import Facts

# Of what names of their files are made; of an optimizer, its parameters and an encoding.
NAMES_IN_LESSONS = {
    "lesson",
    "example",
    "ball",
    "own-data",
    "limit",
    "five",
    "outlier",
    "pontius",
    "Adam",
    "beta",
    "auto",
}


def marked_lesson(name):
    """A lesson of the package with its texts marked, and its facts."""
    lesson, facts = packaged(name)
    summary = tuple(map(_prose, lesson.summary))
    told = {each: pseudo(getattr(lesson, each)) for each in ("title", "aim", "misconception", "source")}
    lesson = replace(lesson, **told, summary=summary, steps=tuple(map(_step, lesson.steps)))
    return lesson, Facts(lesson, facts)


def _step(step):
    answers = (replace(each, text=pseudo(each.text), feedback=_prose(each.feedback)) for each in step.answers)
    lists = {each: tuple(map(_prose, getattr(step, each))) for each in ("hints", "notes", "models")}
    return replace(step, title=pseudo(step.title), text=_prose(step.text), answers=tuple(answers), **lists)


def _prose(prose):
    links = tuple(link._replace(text=pseudo(link.text)) for link in prose.links)
    return prose._replace(template="\n\n".join(map(pseudo, prose.template.split("\n\n"))), links=links)
