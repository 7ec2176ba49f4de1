"""Lessons that tests make in a line or two, and those of the package with their runs trained once."""

import re
from dataclasses import replace
from functools import cache

import pytest
from pseudo_locale import pseudo

from quadfit_tui.core.files import virtual_files
from quadfit_tui.teaching.judging.facts import Facts
from quadfit_tui.teaching.notation.reading.notation import read_lesson

_ALL = {name: content.decode() for name, content in sorted(virtual_files.program_files("teaching/lessons").items())}
TEXTS = {name: text for name, text in _ALL.items() if "/" not in name}
TRANSLATED = {name: text for name, text in _ALL.items() if name not in TEXTS}  # zh_CN/03-rate.md
HEAD = """+++
format = 1
id = "made"
title = "Made by a test"
[runs.four]
samples = 4
init = [0, 0, 0]
epochs = 2
stop_on = "never"
[runs.fast]
from = "four"
lr = 0.9
epochs = 3
+++
"""


@cache
def packaged(name):
    """A lesson of the package, and its facts; a translation has the runs of its original."""
    lesson = read_lesson(_ALL[name], name)
    return lesson, Facts(lesson, packaged(name.partition("/")[2])[1] if name in TRANSLATED else None)


@pytest.fixture(scope="session")
def packaged_lesson():
    return packaged


@pytest.fixture(scope="session")
def texts():
    return TEXTS


@pytest.fixture(scope="session")
def make_text():
    """The text of a lesson of these steps, with two runs, or with another head."""
    return lambda *steps, head=HEAD: head + "\n" + "\n\n".join(steps) + "\n"


@pytest.fixture(scope="session")
def make_lesson(make_text):
    """A lesson of these steps."""
    return lambda *steps, **other: read_lesson(make_text(*steps, **other), "made.md")


# Words of names in the files of lessons, and of parameters and encodings.
NAMES_IN_LESSONS = frozenset(
    [
        *("lesson", "example", "own-data", "limit", "batches", "five", "outlier", "pontius", "one", "update", "Adam"),
        *("beta", "auto", "scale_featu"),
        *(name for text in TEXTS.values() for name in re.findall(r"^\[data\.([\w-]+)", text, re.MULTILINE)),
    ]
)


def pseudo_lesson(name):
    """A lesson of the package in the language of tests, and its facts."""
    lesson, facts = packaged(name)
    told = {each: pseudo(getattr(lesson, each)) for each in ("title", "aim", "misconception", "source")}
    steps = tuple(map(_pseudo_step, lesson.steps))
    lesson = replace(lesson, **told, summary=tuple(map(_pseudo_prose, lesson.summary)), steps=steps)
    return lesson, Facts(lesson, facts)


def _pseudo_step(step):
    lists = {each: tuple(map(_pseudo_answer, getattr(step, each))) for each in ("answers", "run_feedback")}
    lists |= {each: tuple(map(_pseudo_prose, getattr(step, each))) for each in ("hints", "notes", "models")}
    return replace(step, title=pseudo(step.title), text=_pseudo_prose(step.text), **lists)


def _pseudo_answer(answer):
    return replace(answer, text=pseudo(answer.text), feedback=_pseudo_prose(answer.feedback))


def _pseudo_prose(prose):
    links = tuple(link._replace(text=pseudo(link.text)) for link in prose.links)
    return prose._replace(template="\n\n".join(map(pseudo, prose.template.split("\n\n"))), links=links)
