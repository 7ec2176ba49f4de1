"""The page of the diagnosis while something is held back: that is in no word of it, and it says so."""

import re

import pytest

from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.diagnosis.diagnose import diagnose, find_remedy, offered
from quadfit_tui.core.diagnosis.wording.advice import details
from quadfit_tui.core.explain.diagnosis_page import REST_HELD_BACK, diagnosis_page
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.text.numbers import format_short, rounded_down

RUNS = {
    "slow": PRESETS["full-batch"].replace(schedule="constant"),
    "in time": PRESETS["full-batch"].replace(schedule="constant", epochs=400),
    "too fast": PRESETS["full-batch"].replace(lr=1.9, schedule="constant", epochs=20),
    "noisy": PRESETS["noisy"].replace(batch="full", epochs=300),
}
# What no word tells while it is held back.
SECRETS = {
    "limit": lambda told: [rounded_down(told.limit.rate), f"{100 * told.task.config.lr / told.limit.rate:.2g} %"],
    "forecast": lambda _: ["Predicted", "converge after", "ill diverge", "In the long run", "too high"],
    "optimum": lambda told: [format_short(told.least), f"{told.least:.2g}", "at the optimum"],
}


@pytest.fixture(scope="module", params=RUNS.values(), ids=RUNS)
def run(request):
    """A run at its start, after two epochs and at its end, its diagnosis, and what helps."""
    session = RunSession(request.param, speed=None)
    start = session.snapshot()
    moments = [start]
    for epochs in (2, request.param.epochs):
        session.seek(epochs)
        session.advance(1e9)
        moments.append(session.snapshot())
    diagnosis = diagnose(start.task)
    return moments, diagnosis, find_remedy(diagnosis)


def test_nothing_hidden_gives_whole_diagnosis(run):
    moments, diagnosis, remedy = run
    for snapshot in moments:
        found = offered(snapshot, diagnosis, remedy)
        assert diagnosis_page(snapshot, diagnosis, None, found) == details(snapshot, diagnosis, None, found)


@pytest.mark.parametrize("held", SECRETS)
def test_hidden_facts_are_in_no_sentence(run, held):
    moments, diagnosis, remedy = run
    for snapshot in moments:
        found = offered(snapshot, diagnosis, remedy)
        for name in {*SECRETS} - {held}:  # all else that would be told is, too
            both = diagnosis_page(snapshot, diagnosis, None, found, {held, name})
            assert set(both) <= set(diagnosis_page(snapshot, diagnosis, None, found, {held}))
        page = diagnosis_page(snapshot, diagnosis, None, found, {held})
        assert page[-1][1] == REST_HELD_BACK
        assert len(page) > 1
        for secret in SECRETS[held](diagnosis):
            told = re.compile(rf"(?<![\d.]){re.escape(secret)}(?!\.?\d)")
            assert not [text for text in [text for _, text in page] if told.search(text)], secret


def test_the_map_is_no_part_of_it(run):
    (start, *_), diagnosis, _ = run
    assert diagnosis_page(start, diagnosis, None, None, {"map"}) == details(start, diagnosis, None, None)


def test_hidden_remedy_hides_scaling_advice():
    start = RunSession(PRESETS["ill-conditioned"], speed=None).snapshot()
    diagnosis = diagnose(start.task)
    told = " ".join(text for _, text in diagnosis_page(start, diagnosis, None, None))
    held = " ".join(text for _, text in diagnosis_page(start, diagnosis, None, None, {"remedy"}))
    assert ("scale features" in told, "scale features" in held) == (True, False)
