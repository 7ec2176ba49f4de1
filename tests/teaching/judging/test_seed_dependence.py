"""Answers that hold with the seed of their lesson only, or by where an epoch ends, are refused."""

import pytest
from trials import cases

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.model.cancellation import WorkCancelledError, cancel_unless
from quadfit_tui.core.model.task import make_task
from quadfit_tui.teaching.judging.check import LessonFault, check
from quadfit_tui.teaching.judging.facts import Facts, has_chance
from quadfit_tui.teaching.judging.seed_dependence import find_lucky_answers

# Two questions that the lesson on batches once asked: 800 updates against 300, 277. Below tol after 296, 280, 277.
BATCHES = """
## Sixteen at a time {#mini .predict run=mini}
Both are shuffled. Which of the two needs fewer updates to converge?
- [x] batches of 16 `mini.updates < shuffled.updates`
- [ ] one sample per update `mini.updates > shuffled.updates`
  No.

## Counted in updates {#updates .observe run=full}
Which of these runs needs the fewest updates?
- [x] all samples `first(full, mini) == "mini" and full.updates < mini.updates and full.updates < shuffled.updates`
- [ ] one sample, shuffled `shuffled.updates < full.updates`
  No.
- [ ] one sample, in order `ordered.updates < full.updates`
  No."""

HEAD = """+++
format = 1
id = "made"
title = "Made by a test"
[runs.noisy]
samples = 6
noise = 1
epochs = 1
seed = %s
[runs.exact]
from = "noisy"
noise = 0
+++
"""
CHOICE = """## Too high? {#high .observe run=noisy}
Is the best c too high?
- [%s] yes `noisy.best_c > exact.best_c`
  Yes.
- [%s] no `noisy.best_c < exact.best_c`
  No."""
NUMBER = """## The floor {#floor .%s run=noisy tol=factor:1.5 answer=%s}
Where is the floor?
- [x] there `noisy.least`"""


def head_of(text):
    return text[: text.index("+++", 4) + 4]


def test_questions_that_chance_answers_are_refused(make_lesson, texts):
    tried = len(cases(range(20)))
    lesson = make_lesson(BATCHES, head=head_of(texts["04-batches.md"]))
    facts = Facts(lesson)
    assert check(lesson, facts) == []
    found = {fault.text.partition(" counts ")[0]: fault for fault in find_lucky_answers(lesson, facts, tried)}
    assert {*found} == {answer.expression for step in lesson.steps for answer in step.answers[:2]}
    fault = found["mini.updates < shuffled.updates"]
    assert fault.line == lesson.steps[0].answers[0].line
    # Known from plain training of both: with these seeds one sample per update was below tol first.
    seeds = [seed for seed in (1, 2, 3, 4, 5, 7, 12, 13, 14, 15, 16, 18) if seed < tried]
    told = f"{len(seeds)} of {tried} seeds ({', '.join(map(str, seeds))})"
    assert fault.text.endswith(f"with updates_to_tol it is false with {told}")


def of_seeds(lesson, first):
    """Whether the best c is too high, and the floor, of the seeds from one on: by their samples alone."""
    run = lesson.runs["noisy"]
    problems = [make_task(run.replace(seed=(first + later) % (10**18 + 1))).problem for later in range(20)]
    return [problem.optimum[2] > 3 for problem in problems], [problem.least for problem in problems]


@pytest.mark.parametrize("seed", [3, 10**18])
def test_choice_false_with_other_seeds_refused(make_lesson, seed):
    highs, _ = of_seeds(make_lesson(CHOICE % ("x", " "), head=HEAD % seed), seed)
    lesson = make_lesson(CHOICE % (("x", " ") if highs[0] else (" ", "x")), head=HEAD % seed)
    facts = Facts(lesson)
    assert check(lesson, facts) == []
    seeds = [(seed + later) % (10**18 + 1) for later in range(20) if highs[later] != highs[0]]
    named = f"{len(seeds)} of 20 seeds ({', '.join(map(str, seeds))}); it holds by luck"
    assert find_lucky_answers(lesson, facts) == [
        LessonFault(answer.line, f"{answer.expression} is {'false' if answer.is_right else 'true'} with {named}")
        for answer in lesson.steps[0].answers
    ]
    assert 0 < len(seeds) < 20


def test_noise_matters_only_for_generated_samples():
    assert has_chance(RunConfig(noise=1.0))
    assert not has_chance(RunConfig(noise=1.0, data="samples.csv"))


def test_predicted_number_off_with_other_seeds_refused(make_lesson):
    _, least = of_seeds(make_lesson(CHOICE % ("x", " "), head=HEAD % 3), 3)
    lesson = make_lesson(NUMBER % ("predict", f"{least[0]:.3g}"), head=HEAD % 3)
    far = [3 + later for later in range(20) if max(least[0] / least[later], least[later] / least[0]) > 1.5]
    assert find_lucky_answers(lesson, Facts(lesson)) == [
        LessonFault(
            lesson.steps[0].answers[0].line,
            f"noisy.least is too far from what the lesson says with {len(far)} of 20 seeds "
            f"({', '.join(map(str, far))}); it holds by luck",
        )
    ]
    lesson = make_lesson(NUMBER.replace("noisy.least", "noisy.updates_to_tol") % ("predict", 1), head=HEAD % 3)
    (fault,) = find_lucky_answers(lesson, Facts(lesson))  # nor with any seed has it a value
    assert "with 20 of 20 seeds" in fault.text
    # What was seen is asked of the run that was seen.
    lesson = make_lesson(NUMBER % ("observe", f"{least[0]:.3g}"), head=HEAD % 3)
    assert find_lucky_answers(lesson, Facts(lesson)) == []


def test_seed_independent_questions_tried_once(make_lesson, texts, monkeypatch):
    """Counts of one run are taken; a comparison that only the end of an epoch decides is refused."""
    asked = "## A {#a .predict run=full}\nWhat?\n- [x] y `%s`\n- [ ] n `full.updates < 5`\n  No."
    head = head_of(texts["04-batches.md"])
    monkeypatch.setattr(Facts, "with_later_seeds", None)
    for code in ("full.updates == 277", "full.updates < ordered.updates", "full.epochs > ordered.epochs"):
        lesson = make_lesson(asked % code, head=head)
        assert find_lucky_answers(lesson, Facts(lesson)) == []
    # 20,000 updates in order of x were done, 16,904 were enough; 277 of all samples were both.
    lesson = make_lesson(asked % "ordered.updates > 72 * full.updates", head=head)
    (fault,) = find_lucky_answers(lesson, Facts(lesson))
    assert fault.text.endswith("counts updates to the end of an epoch; with updates_to_tol it is false")


def test_stops_at_time_limit_or_cancellation(make_lesson):
    high = of_seeds(make_lesson(CHOICE % ("x", " "), head=HEAD % 3), 3)[0][0]
    lesson = make_lesson(CHOICE % (("x", " ") if high else (" ", "x")), head=HEAD % 3)
    with pytest.raises(WorkCancelledError), cancel_unless(lambda: False):
        find_lucky_answers(lesson, Facts(lesson))
    assert find_lucky_answers(lesson, Facts(lesson), most_seconds=-1) == []  # with its own seed alone
