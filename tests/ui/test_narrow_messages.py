"""What the row of messages says of any run, at any time, fits terminals of 40 columns, and is not cut."""

from contextlib import nullcontext
from itertools import product

import numpy as np
import pytest
from app_helpers import at_once
from languages import speaking
from soak.sentences.cases import case, command
from soak.sentences.checking import hurried
from trials import cases

from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.text.width import cell_width
from quadfit_tui.ui.messages import MessageContext, messages
from quadfit_tui.ui.tasks.diagnosis_worker import DiagnosisState, DiagnosisWorker

WIDTHS = (38, 39, 40)  # a terminal of 40 columns has 38 beside the margins


def moments(config, rng):
    """A run before its first update, paused in its midst, at its end, and visited in its midst."""
    session = RunSession(config, speed=None)
    yield session
    session.play()
    session.advance(0)
    session.pause()
    yield session
    session.play()
    while session.is_busy:
        session.advance(1)
    last = session.snapshot()
    yield session
    session.seek(*divmod(int(rng.integers(0, last.updates + 1)), last.updates_per_epoch))
    while session.is_busy:
        session.advance(1)
    yield session


def known(worker, snapshot):
    """All that is found out about a run."""
    with hurried(0.02):
        for _ in range(3):
            findings = worker.get_or_start(snapshot)
    return findings


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("seed", cases(range(40)))
def test_messages_fit_40_columns(language, seed):
    config, rng = case(7, seed, most_samples=12, most_epochs=60), np.random.default_rng(seed)
    worker = DiagnosisWorker(at_once, lambda: None)
    with nullcontext() if language == "en" else speaking(language):
        for session in moments(config, rng):
            snapshot = session.snapshot()
            known_so_far = DiagnosisState(), DiagnosisState(failed="ValueError: no"), known(worker, snapshot)
            for findings, width in product(known_so_far, WIDTHS):
                (said,) = messages(MessageContext(snapshot, findings, base="playground", run=session.run), width)
                assert not said.whole, command(config)
                assert cell_width(said.lines[0]) <= width
