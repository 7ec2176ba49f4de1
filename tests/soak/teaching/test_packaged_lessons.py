"""The lessons of the package are true, and mutants of them are refused."""

from collections import defaultdict

import pytest
from give_away import give_aways
from languages import speaking
from lesson_mutants import mutants
from lesson_warnings import warnings
from made_lessons import TEXTS, TRANSLATED
from tables import table
from trials import FOR_RELEASE

from quadfit_tui.core.text.language import ENGLISH, LANGUAGES
from quadfit_tui.teaching.judging.check import check, count_of_facts, differences
from quadfit_tui.teaching.judging.facts import Facts
from quadfit_tui.teaching.judging.seed_dependence import SEEDS, find_lucky_answers
from quadfit_tui.teaching.notation.lesson import StepKind
from quadfit_tui.teaching.notation.reading.notation import read_lesson
from quadfit_tui.teaching.notation.reading.notation_error import NotationError

NAMES = sorted(TEXTS)
# The runs of a lesson are trained once by the process that has all its tests.
EACH = [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in NAMES]


def test_there_are_ten_with_ids_that_stay():
    # Transcripts of classes know the lessons by these.
    assert [name.removesuffix(".md").partition("-")[2] for name in NAMES] == [
        "rate", "update", "limit", "batches", "noise", "minima", "decay", "scaling", "momentum", "own-data",
    ]  # fmt: skip


@pytest.mark.parametrize("name", EACH)
def test_all_that_it_states_is_true(packaged_lesson, name):
    lesson, facts = packaged_lesson(name)
    assert check(lesson, facts) == []
    assert find_lucky_answers(lesson, facts, SEEDS if FOR_RELEASE else 3) == []
    assert warnings(lesson) == []
    assert f"{int(name[:2]):02}-{lesson.id}.md" == name
    assert facts.seconds < 10


@pytest.mark.parametrize(
    "name", [pytest.param(each, marks=pytest.mark.xdist_group(each.partition("/")[2])) for each in TRANSLATED]
)
def test_translations_match_and_leak_nothing(packaged_lesson, name):
    code, _, original = name.partition("/")
    lesson, facts = packaged_lesson(name)
    with speaking(code):
        assert differences(lesson, packaged_lesson(original)[0]) == []
        assert check(lesson, facts) == []
        assert warnings(lesson) == []
        assert give_aways(lesson, facts) == []
    assert code.startswith(lesson.language)


def test_each_language_has_all_lessons():
    assert {
        code: [name.partition("/")[2] for name in TRANSLATED if name.startswith(f"{code}/")]
        for code in LANGUAGES
        if code != ENGLISH
    } == {"zh_CN": NAMES}


@table("name", NAMES)
def test_lessons_have_metadata_and_feedback(packaged_lesson, name):
    lesson, _ = packaged_lesson(name)
    assert "" not in (lesson.aim, lesson.misconception, lesson.source)
    assert count_of_facts(lesson) >= 10
    assert sum(step.kind is StepKind.PREDICT for step in lesson.steps) >= 1
    assert [(step.id, answer.text) for step in lesson.steps for answer in step.answers if not answer.feedback] == []


@table("name", NAMES)
def test_active_steps_have_hints_and_notes(packaged_lesson, name):
    lesson, _ = packaged_lesson(name)
    asks = [step for step in lesson.steps if step.kind is not StepKind.SAY]
    assert [step.id for step in asks if not (step.hints and step.notes)] == []


@table(("run", "factor"), [("drop", 0.5), ("three", -0.5), ("over", -1.1), ("full", 0.8)])
def test_each_update_multiplies_the_error(packaged_lesson, run, factor):
    """As the lesson on the limit tells of every update: by 1 − 2·lr/limit."""
    _, facts = packaged_lesson("03-limit.md")
    for update in range(3):
        before, after = (facts.number(f"{run}[{at}].c") - 2 for at in (update - 1 if update else "start", update))
        assert after / before == pytest.approx(factor, rel=1e-6)
    share = facts.number(f"{run}.lr") / facts.number(f"{run}.limit")
    assert 1 - 2 * share == pytest.approx(factor, rel=1e-6)


def test_two_directions_have_errors_of_their_own(packaged_lesson):
    """Of the samples of y = x² + 2 in the lesson on the limit, at lr 1: factors of −0.2 and 0.8."""
    _, facts = packaged_lesson("03-limit.md")
    for parameter, best, steep, flat in (("a", 1, 40, 8), ("c", 2, 80, -4)):  # the parts of the error at the start
        errors = [facts.number(f"both[{at}].{parameter}") - best for at in ("start", 0, 1, 2)]
        parts = [steep * (-0.2) ** update + flat * 0.8**update for update in range(4)]
        assert errors == pytest.approx(parts, rel=1e-6)


def test_lessons_to_take_before_come_before(packaged_lesson):
    ids = []
    for name in NAMES:
        lesson, _ = packaged_lesson(name)
        assert {*lesson.needs} <= {*ids}
        ids.append(lesson.id)


@pytest.mark.parametrize("name", EACH)
def test_mutants_are_refused(texts, packaged_lesson, name):
    """One of each kind is tried, in each lesson another one: all of them take ten seconds."""
    _, facts = packaged_lesson(name)
    kinds = defaultdict(list)
    for mutant in mutants(texts[name]):
        kinds[mutant[0]].append(mutant)
    assert len(kinds) > 10
    assert sum(map(len, kinds.values())) > 60
    tried = [found[NAMES.index(name) % len(found)] for found in kinds.values()]
    accepted = [
        (what, line, text.split("\n")[line - 1]) for what, line, text in tried if not _is_refused(text, facts, line)
    ]
    assert accepted == []


def _is_refused(text, facts, line):
    """Whether a text is no lesson, or states what is false; near the line that was changed."""
    try:
        lesson = read_lesson(text, "mutant.md")
    except NotationError as refused:
        return abs(refused.line - line) <= 15
    faults = check(lesson, Facts(lesson, facts))
    return any(abs(fault.line - line) <= 15 for fault in faults)
