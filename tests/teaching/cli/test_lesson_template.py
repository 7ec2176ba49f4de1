"""A lesson to begin with is true and lacks nothing, whatever samples it is about."""

import re

import numpy as np
import pytest
from both_languages import in_both, speaking
from give_away import give_aways
from hypothesis import example, given
from hypothesis import strategies as st
from lesson_warnings import warnings
from trials import trials

from quadfit_tui.core.model.samples.reader import FileSamples, read_samples
from quadfit_tui.teaching.cli.lesson_template import new_lesson
from quadfit_tui.teaching.judging.advice import advice
from quadfit_tui.teaching.judging.check import check, differences
from quadfit_tui.teaching.judging.facts import Facts
from quadfit_tui.teaching.judging.seed_dependence import find_lucky_answers
from quadfit_tui.teaching.notation.catalog import LessonError
from quadfit_tui.teaching.notation.lesson import StepKind, WithheldFact
from quadfit_tui.teaching.notation.reading.notation import read_lesson

NUMBER = st.floats(-1e3, 1e3).filter(lambda number: abs(number) > 1e-3)


def said_of(text):
    lesson = read_lesson(text)
    facts = Facts(lesson)
    return [
        *(check(lesson, facts) or find_lucky_answers(lesson, facts) or advice(lesson, facts, ["rate"])),
        *warnings(lesson),
    ]


def test_all_step_kinds_without_samples():
    text = new_lesson("our-ball")
    lesson = read_lesson(text)
    assert said_of(text) == []
    assert (lesson.id, lesson.title) == ("our-ball", "Our ball")
    assert {step.kind for step in lesson.steps} == {*StepKind}
    assert [step.id for step in lesson.steps if step.only] == ["try", "first"]
    assert [step.id for step in lesson.steps if step.tries] == ["try"]
    assert [step.id for step in lesson.steps if step.recall] == ["half"]
    assert [step.id for step in lesson.steps if step.has_sentences] == ["why"]
    assert all(f'"{held}"' in text for held in WithheldFact)
    assert give_aways(lesson, Facts(lesson)) == []


def test_no_leaks_with_measured_samples():
    samples = read_samples("example:galileo")
    for text in in_both(lambda: new_lesson("ball", samples, ("time", "distance"))):
        lesson = read_lesson(text)
        assert give_aways(lesson, Facts(lesson)) == []


def test_same_lesson_in_every_language():
    english, chinese = map(read_lesson, in_both(lambda: new_lesson("our-ball")))
    assert differences(chinese, english) == []
    assert (english.language, chinese.language) == ("en", "zh")
    with speaking("zh_CN"):
        text = new_lesson("our-ball")
        assert said_of(text) == []
    prose = re.sub(r"`[^`]*`|\{#[^}]*\}|\]\([^)]*\)", "", text.split("+++\n")[2])
    assert {*re.findall("[A-Za-z]{2,}", prose)} == {"hint", "note"}
    assert [line for line in text.splitlines() if line.startswith("#") and line.isascii()] == []


@trials(100)
@given(
    x=st.lists(NUMBER, min_size=1, max_size=20),
    w=st.tuples(NUMBER, NUMBER, NUMBER),
    noise=st.floats(0, 2),
    seed=st.integers(0, 9),
)
@example(x=[3.0], w=(1.0, 1.0, 1.0), noise=0.0, seed=0)
@example(x=[2.0, 2.0, 2.0], w=(1.0, 1.0, 1.0), noise=1.0, seed=0)
@example(x=[*map(float, range(1, 9))], w=(33.0, 1.0, 1.0), noise=0.01, seed=0)
def test_valid_for_any_samples(x, w, noise, seed):
    y = np.polyval(w, x)
    y += noise * np.abs(y).max() * np.random.default_rng(seed).normal(size=len(x))
    samples = FileSamples(np.array(x), y, [])
    with speaking("zh_CN"):
        assert said_of(new_lesson("own", samples, ("time", "way"))) == []
    text = new_lesson("own", samples, ("time", "way"))
    assert said_of(text) == []
    task = Facts(read_lesson(text)).snapshot(read_lesson(text).runs["ours"]).task
    assert (task.problem.x.tolist(), task.problem.y.tolist()) == (x, y.tolist())  # to the last bit
    assert "\ntime,way\n" in text


def test_sample_count_is_bounded():
    x = np.arange(20_000) / 7
    with pytest.raises(LessonError, match=r"has 20000 samples; allowed in a lesson: about 1[0-9]{3} of these"):
        new_lesson("own", FileSamples(x, x**2, []))
    assert said_of(new_lesson("own", FileSamples(x[:1000], x[:1000] ** 2, []))) == []
