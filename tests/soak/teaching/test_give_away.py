"""What gives an answer away is found, in each way in which a lesson once did; what only looks like one is not."""

import pytest
from give_away import give_aways
from made_lessons import TEXTS, packaged

from quadfit_tui.teaching.judging.facts import Facts
from quadfit_tui.teaching.notation.reading.notation import read_lesson

FULL = """
[runs.full]
preset = "full-batch"
schedule = "constant"
lr = 0.1
epochs = 2000
[runs.near]
from = "full"
lr = 1.76
[runs.over]
from = "full"
lr = 1.8
epochs = 100
stop_on = "never"
"""
DECAY = """
[runs.halved]
preset = "full-batch"
[runs.halvedlong]
preset = "full-batch"
epochs = 1000
[runs.constant]
preset = "full-batch"
schedule = "constant"
epochs = 1000
"""
SCALING = """
[runs.raw]
preset = "ill-conditioned"
[runs.scaled]
preset = "ill-conditioned-scaled"
[runs.faster]
preset = "ill-conditioned"
lr = 2e-6
"""
NOISE = """
[runs.noisy]
preset = "noisy"
[runs.longer]
preset = "noisy"
epochs = 1000
"""


def say(run, more="", text="Look."):
    return f"## Look {{#look{run}{len(text)} .say run={run} {more}}}\n{text}\n"


def asks(run, right, wrong, kind="predict", more="", text="What then?"):
    rows = f"- [x] this `{right}`\n  So it is.\n- [ ] that `{wrong}`\n  It is not."
    return f"## Asked {{#asked{len(right + text)} .{kind} run={run} {more}}}\n{text}\n{rows}\n"


NEAR = asks("near", "near.epochs > full.epochs or near.epochs > 400", 'near.status != "converged"')
NEEDED = asks("raw", "raw.needed", "10 * raw.epochs", more="tol=factor:10 answer=19094728")
CONSTANT = asks("constant", "constant.epochs", "0", more="tol=factor:1.5 answer=277")
LONGER = asks("longer", "near(longer.mean_loss, noisy.mean_loss, 0.01)", "longer.mean_loss < 0.9 * noisy.mean_loss")
STAYS = asks(
    "halvedlong", "near(halvedlong.mean_loss, halved.mean_loss, 0.01)", "halvedlong.mean_loss < 0.5*halved.mean_loss"
)
SCALED = asks("scaled", 'scaled.epochs < 100 and scaled.status == "converged"', 'scaled.status == "diverged"')
FASTER = asks("faster", 'faster.status == "diverged"', 'faster.status == "converged"')
UNDER_90 = """## Do {#do .do run=full until="now.status == 'converged' and now.epochs < 90" solution="lr:1.6"}
Find a rate.
"""
# By where they were: the runs, the steps, what gives the last one away, and what a lesson holds back against it.
SEVEN = {
    "rate 1": (FULL, [say("full"), NEAR], "step 1 shows the limit 1.78 in its header, which decides step 2", "limit"),
    "the task of rate": (
        FULL,
        [say("over"), UNDER_90],
        "step 1 offers lr 1.6 in its diagnosis, which does step 2",
        "remedy",
    ),
    "decay 1": (
        DECAY,
        [say("halved"), STAYS],
        "step 1 shows that its run stays at the mean loss 1.142e+04, which decides step 2",
        "forecast",
    ),
    "the best value": (
        NOISE,
        [say("noisy", "at=0:1"), asks("longer", "longer.c", "0", more="tol=rel:0.01 answer=2.982")],
        "step 1 shows 2.98 in its diagnosis, which step 2 asks for",
        "optimum",
    ),
    "decay 1, too": (
        DECAY,
        [say("halved"), CONSTANT],
        "step 1 shows 277 epochs in its diagnosis, which step 2 asks for",
        "forecast",
    ),
    "scaling 1": (
        SCALING,
        [say("raw", "at=start"), NEEDED],
        "step 1 shows 19,094,728 epochs in its diagnosis, which step 2 asks for",
        "forecast",
    ),
    "scaling 1, too": (
        SCALING,
        [say("raw", "at=start"), FASTER],
        "step 1 shows the limit 1.59e-06 in its header, which decides step 2",
        "limit",
    ),
    "scaling 3": (
        SCALING,
        [asks("raw", "raw.c", "raw.best_c", "observe", "tol=digits:3 answer=25.99"), SCALED],
        "step 1 offers scaled features and lr 0.64 in its diagnosis, with which it converges after 54 epochs, as step "
        "2 asks",
        "remedy",
    ),
    "noise 1": (
        NOISE,
        [asks("noisy", "noisy.mean_loss", "noisy.noise", more="tol=abs:0.03 answer=0.2501"), LONGER],
        "step 1 shows that its run stays at the mean loss 0.2501, which decides step 2",
        "optimum",
    ),
    "the task of own-data": (
        SCALING,
        [
            '## Do {#do .do run=raw until="now.status == \'converged\'" solution="scale_features:yes;lr:0.7"}\n'
            "Have it converge.\n"
        ],
        "step 1 offers scaled features and lr 0.64 in its diagnosis, which does step 1",
        "remedy",
    ),
}


def found(runs, steps, front=""):
    """What gives answers away in a lesson of these runs and steps."""
    text = f'+++\nformat = 1\nid = "made"\ntitle = "Made"\n{front}\n{runs}+++\n\n' + "\n".join(steps)
    lesson = read_lesson(text, "made.md")
    return [fault.text for fault in give_aways(lesson, Facts(lesson))]


@pytest.mark.parametrize(("runs", "steps", "told", "held"), SEVEN.values(), ids=SEVEN)
def test_leak_reported_unless_withheld(runs, steps, told, held):
    assert told in found(runs, steps)
    assert told not in found(runs, steps, f'hold = ["{held}"]')
    assert found(runs, steps, 'hold = ["limit", "forecast", "remedy", "optimum"]') == []
    later = [*steps[:-1], "## Now {#now .say}\nNow all is told.\n", steps[-1]]
    assert found(runs, later, f'hold = ["{held}"]\nhold_until = "now"')  # as step 2 has the run in sight still


def test_leak_in_lesson_text_reported():
    (told,) = found(FULL, [say("full", text="The run at 1.76 takes [484](=near.epochs) epochs."), asked_484()])
    assert told == "step 1 tells 484 epochs in its text, which step 2 asks for"
    hinted = say("full", "at=start") + "- note: as a rule\n"
    feedback = asks("full", "full.epochs > 0", "full.epochs < 0", text="It?").replace("So it is.", "It is `484`.")
    assert found(FULL, [hinted, feedback, asked_484()], 'hold = ["limit"]') == [
        "step 2 tells 484 in its feedback, which step 3 asks for"
    ]


def asked_484(text="How many epochs?"):
    return asks("near", "near.epochs", "0", more="tol=exact answer=484", text=text)


def test_prediction_of_run_already_shown():
    slope = asks("near", "near.a", "-near.a", more="tol=rel:0.1 answer=2", text="What is a?")  # of too few digits
    told = "step 1 shows at its end the run that step 2 asks about"
    for later in (slope, NEAR.replace("near.epochs >", "near.updates >")):
        assert told in found(FULL, ["## Draw {#draw .draw run=near}\nDraw.\n", later])
        assert told not in found(FULL, [say("near", "at=start"), later])
        assert told not in found(FULL, [say("near"), later.replace(".predict", ".observe")])


LOOKALIKES = {
    "the question states it": (FULL, [asked_484(), asked_484("It takes [484](=near.epochs). How many?")]),
    "what is observed is seen": (FULL, [say("near"), asked_484().replace(".predict", ".observe")]),
    "the lesson has told the limit": (FULL, [say("full", text="The limit is [1.78](=full.limit)."), NEAR]),
    "other digits": (
        NOISE,
        [
            say("noisy", "at=start", text="It is `2.03` or `2.016`."),
            asks("longer", "longer.a", "0", more="tol=rel:0.01 answer=2.015"),
        ],
    ),
    "a shorter run has not come to where it stays": (
        DECAY,
        [say("halvedlong", "at=0:1"), asks("halved", "halved.mean_loss > 1", "halved.mean_loss < 1")],
    ),
    "any run does the task": (
        FULL,
        [say("over"), '## Do {#do .do run=full until="now.updates > 3" solution="lr:0.2"}\nMake four.\n'],
    ),
    "the text sends to what is offered": (
        FULL,
        [say("over"), UNDER_90.replace("Find a rate", "Take [what helps](show:why)")],
    ),
}


@pytest.mark.parametrize(("runs", "steps"), LOOKALIKES.values(), ids=LOOKALIKES)
def test_what_only_looks_like_one_is_none(runs, steps):
    assert found(runs, steps) == []


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in TEXTS])
def test_packaged_lessons_leak_nothing(name):
    assert give_aways(*packaged(name)) == []
