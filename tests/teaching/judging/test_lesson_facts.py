"""Facts are those of the runs: worked out here by hand and by plain loops."""

import itertools
import math

import numpy as np
import pytest

from quadfit_tui.core.model.cancellation import WorkCancelledError, cancel_unless
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.teaching.judging import facts as module
from quadfit_tui.teaching.judging.facts import Facts, TooMuchWorkError
from quadfit_tui.teaching.notation.expression import ExpressionError
from quadfit_tui.teaching.notation.lesson import Prose, StatedNumber

SAY = "## Read {#read .say}\nText."
X = [-1.0, -0.5, 0.0, 0.5]
Y = [9.0, 5.5, 3.0, 1.5]


def article_updates(lr, epochs):
    """w before and after each update on the four samples, one at a time, in order: plain Python."""
    w = [0.0, 0.0, 0.0]
    path = [w]
    for _ in range(epochs):
        for x, y in zip(X, Y, strict=True):
            r = w[0] * x * x + w[1] * x + w[2] - y
            w = [w[0] - lr * r * x * x, w[1] - lr * r * x, w[2] - lr * r]
            path.append(w)
    return path


def mean_loss(w):
    return sum((w[0] * x * x + w[1] * x + w[2] - y) ** 2 for x, y in zip(X, Y, strict=True)) / len(X)


@pytest.fixture
def facts(make_lesson):
    return Facts(make_lesson(SAY))


def test_the_first_update_is_as_by_hand(facts):
    by_hand = {
        **{"x": -1, "y": 9, "y_out": 0, "r": -9, "loss": 81, "g_a": -9, "g_b": 9, "g_c": -9},
        **{"step_a": 4.5, "step_b": -4.5, "step_c": 4.5, "before_a": 0, "a": 4.5, "b": -4.5, "c": 4.5, "lr": 0.5},
        # 9² + 5.5² + 3² + 1.5² = 122.5
        **{"mean_before": 30.625, "length": math.sqrt(243)},
    }
    assert {fact: facts.value(f"four[0:1].{fact}") for fact in by_hand} == pytest.approx(by_hand, rel=1e-14)


def test_moments_named_by_last_update(facts):
    path = article_updates(0.5, 2)
    for moment, updates in {"start": 0, "0:1": 1, "0:3": 3, "0": 4, "1:2": 6, "1": 8}.items():
        found = [facts.value(f"four[{moment}].{name}") for name in "abc"]
        assert found == pytest.approx(path[updates], rel=1e-12)
        assert facts.value(f"four[{moment}].mean_loss") == pytest.approx(mean_loss(path[updates]), rel=1e-12)


def test_a_run_at_its_end(facts):
    end = article_updates(0.5, 2)[-1]
    assert facts.value("four.status") == "finished"
    assert [facts.value(f"four.{fact}") for fact in ("epochs", "updates", "updates_per_epoch")] == [2, 8, 4]
    assert facts.value("four.mean_loss") == pytest.approx(mean_loss(end))
    assert facts.value("four.start") == 30.625
    assert facts.value("four.distance") == pytest.approx(math.dist(end, (2, -4, 3)))
    assert [facts.value(f"four.best_{name}") for name in "abc"] == pytest.approx([2, -4, 3])
    assert facts.value("fast.lr") == 0.9
    assert facts.value("four.misled") is False


def test_angles_are_those_of_the_vectors(facts):
    whole = [
        sum(-y * x**power for x, y in zip(X, Y, strict=True)) / 4
        for power in (2, 1, 0)  # residuals are −y at the start
    ]
    own, way = [-9.0, 9.0, -9.0], [2.0, -4.0, 3.0]

    def degrees(one, other):
        return math.degrees(math.acos(np.dot(one, other) / np.linalg.norm(one) / np.linalg.norm(other)))

    assert facts.value("four[0:1].angle") == pytest.approx(degrees(own, whole))
    assert facts.value("four[0:1].aim") == pytest.approx(degrees([-g for g in own], way))
    assert [facts.value(f"four[0:1].whole_{name}") for name in "abc"] == pytest.approx(whole)


@pytest.mark.parametrize("epoch", [0, 1])
def test_rises_are_counted_by_a_plain_loop(facts, epoch):
    losses = list(map(mean_loss, article_updates(0.9, 3)))[4 * epoch : 4 * epoch + 5]
    risen = sum(after > before for before, after in itertools.pairwise(losses))
    assert risen > 0
    assert facts.value(f"rises(fast, {epoch})") == risen


def test_updates_to_tol_match_plain_loop(make_lesson):
    losses = list(map(mean_loss, article_updates(0.5, 100)))
    first = next(update for update, loss in enumerate(losses) if loss < 0.01)
    head = (
        '+++\nformat = 1\nid = "made"\ntitle = "T"\n[runs.four]\nsamples = 4\ninit = [0, 0, 0]\nschedule = "constant"\n'
        'tol = 0.01\n[runs.short]\nfrom = "four"\nepochs = 2\n[runs.there]\nfrom = "four"\ninit = [2, -4, 3]\n+++\n'
    )
    facts = Facts(make_lesson(SAY, head=head))
    assert first % 4 != 0  # amid an epoch, and the run goes on to its end
    assert facts.value("four.updates_to_tol") == first
    assert facts.value("four.updates") == -(-first // 4) * 4
    assert facts.value("there.updates_to_tol") == 0
    with pytest.raises(ExpressionError, match=r"short\.updates_to_tol has no value"):
        facts.value("short.updates_to_tol")
    with pytest.raises(ExpressionError, match=r"now\.updates_to_tol has no value"):
        facts.value("now.updates_to_tol", RunSession(facts.lesson.runs["four"]).snapshot())


def test_the_limit_is_that_of_the_curvature(packaged_lesson):
    lesson, facts = packaged_lesson("01-rate.md")
    x = (np.arange(800) - 400) / 400
    f = np.stack([x * x, x, np.ones_like(x)])
    curvature = f @ f.T / 800
    least, _, largest = np.linalg.eigvalsh(curvature)
    assert facts.value("slow.left") == pytest.approx(1 - 0.1 * least, rel=1e-6)
    assert facts.value("near.limit") == pytest.approx(2 / largest)
    assert facts.value("near.share") == pytest.approx(1.76 * largest / 2)
    assert facts.value("near.ground") == "exact"
    # And so many epochs, by the recursion of the full batch.
    v, epochs = np.array(lesson.runs["ten"].init) - (2, -4, 3), 0
    while v @ curvature @ v >= 1e-5:
        v, epochs = v - curvature @ v, epochs + 1
    assert facts.value("ten.epochs") == epochs


def test_what_has_no_value_says_so(facts):
    for expression, why in {
        "four[1:2].lr + four.gap / (four.epochs - 2)": "divides by zero",
        "four[start].g_a": "there is no update before the start",
        "sqrt(0 - four.lr)": "has no finite value",
        "first(four, fast)": "none of four, fast converges",
        "four.status + 1": "four.status is no number",
        "four.needed and four.misled": "four.needed",
    }.items():
        with pytest.raises(ExpressionError, match=why.replace("(", r"\(")):
            facts.value(expression)


def test_a_moment_after_the_end_is_told(make_lesson):
    head = '+++\nformat = 1\nid = "made"\ntitle = "T"\n[runs.all]\npreset = "article"\n+++\n'
    with pytest.raises(ExpressionError, match="the run ends after 25 epochs"):
        Facts(make_lesson(SAY, head=head)).value("all[60].a")


def test_the_run_on_the_screen_is_now(facts):
    session = RunSession(facts.lesson.runs["four"], speed=None)
    assert facts.value("now.updates == 0", session.snapshot())
    session.seek(0, 1)
    session.advance(10)
    assert facts.value("now.updates", session.snapshot()) == 1
    assert facts.value("now.a", session.snapshot()) == 4.5
    assert facts.value("now.a < four.a + 10", session.snapshot())


def test_prose_formats_stated_and_computed_numbers(facts):
    numbers = (StatedNumber("4.5", "four[0:1].a", 1), StatedNumber("?", "four.updates", 1), StatedNumber("~30", "1", 1))
    assert facts.render_prose(Prose("a {0}, {1} and {2} {{braces}}", numbers)) == "a 4.5, 8 and 30 {braces}"


def test_known_runs_are_not_retrained(facts):
    facts.prepare()
    again = Facts(facts.lesson, facts)
    again.prepare()
    assert facts.seconds > 0
    assert again.value("four.mean_loss") == facts.value("four.mean_loss")
    assert again.seconds == 0


def test_work_is_bounded(make_lesson, monkeypatch):
    run = '+++\nformat = 1\nid = "made"\ntitle = "T"\n[runs.all]\nsamples = {}\nepochs = {}\n+++\n'
    for samples, epochs, why in ((200_000, 10_000, "samples times epochs"), (800, 1_000_000_000, "times epochs")):
        with pytest.raises(TooMuchWorkError, match=why):
            Facts(make_lesson(SAY, head=run.format(samples, epochs))).prepare()
    two = run.replace("+++\n", "", 1).replace("\n+++", '\n[runs.more]\nfrom = "all"\nseed = 1\n+++')
    with pytest.raises(TooMuchWorkError, match="more than 250000 samples together"):
        Facts(make_lesson(SAY, head="+++\n" + two.format(150_000, 1))).prepare()
    monkeypatch.setattr(module, "MOST_SECONDS", 1e-4)
    with pytest.raises(TooMuchWorkError, match="seconds together"):
        Facts(make_lesson(SAY, head=run.format(800, 1000))).prepare()


def test_training_is_given_up_where_nobody_waits(facts):
    with cancel_unless(lambda: False), pytest.raises(WorkCancelledError):
        facts.prepare()
    facts.prepare()
    assert facts.value("four.epochs") == 2
