"""In a language that marks its texts nothing that the app says is left in English, also where no screen shows it.

What the screens show, at several sizes, is in test_all_screens.py.
"""

import pytest
from app_helpers import at_once, go
from pseudo_locale import outside, pseudo_locale
from tables import table

from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.session.playback import Unit
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.ui.messages import STATES, MessageContext
from quadfit_tui.ui.screens.runs import table as table_of
from quadfit_tui.ui.tasks.diagnosis_worker import DiagnosisWorker
from quadfit_tui.ui.toolkit.message_queue import Notice
from quadfit_tui.ui.views.view_table import VIEWS
from quadfit_tui.ui.widgets.header import formulas_line, gauge, numerals, progress_line
from quadfit_tui.ui.widgets.log import columns
from quadfit_tui.ui.widgets.run_list import run_rows

WIDE = 1000  # columns, in which nothing is cut
NAMES = {
    *VIEWS,
    "start",
    "bare",
    "a_z",
    "b_z",
    "c_z",
    "g_a",
    "g_b",
    "g_c",
    "y_out",
    "tab",
    "pgup",
    "pgdn",
    "del",
    "esc",
}
RUNS = {
    "article": PRESETS["article"],
    "minibatch": PRESETS["article-minibatch"],
    "far": PRESETS["article"].replace(lr=1.2, epochs=8),
    "small": PRESETS["article"].replace(samples=10, noise=0.1, epochs=3, stop_on="last-update"),
}


@pytest.fixture(autouse=True)
def _marked():
    with pseudo_locale():
        yield


def unmarked(*texts):
    return [word for text in texts for word in outside(text, NAMES)]


def moments(config):
    """A run at its start, within an epoch, at its end, and in its past, before which there was another one."""
    session = RunSession(config)
    yield session
    session.unit = Unit.UPDATE
    yield go(session, (0, min(2, session.timeline.task.updates_per_epoch)))
    yield go(session, (config.epochs,))
    yield go(session, (1,))
    session.restart(session.config.replace(lr=0.3))
    yield go(session, (2,))


def known(snapshot):
    worker = DiagnosisWorker(at_once, lambda: None)
    for _ in range(3):
        findings = worker.get_or_start(snapshot)
    return findings


@table("name", list(RUNS))
def test_header_messages_log_and_runs(name):
    for session in moments(RUNS[name]):
        snapshot = session.snapshot()
        findings = known(snapshot)
        told = MessageContext(snapshot, findings, notice=Notice("42"), base="bare", run=session.run)
        ways = [way for state in STATES.values() for way in state.wordings(told)]
        header = [progress_line(snapshot, findings, WIDE, tells).plain for tells in (False, True)]
        header += [formulas_line(snapshot, WIDE).plain, *numerals(snapshot)]
        header += [text for way in gauge(snapshot, findings) for text in way]
        log = [column.heading(scaled) for column in columns(WIDE, 6) for scaled in (False, True)]
        runs = [row.text for row in run_rows(session.runs, snapshot.number, WIDE)]
        compared = table_of(session.runs, snapshot.number, WIDE)
        rows = [*compared.headings, *(text for row in compared.rows for text in row)]
        assert unmarked(*ways, *header, *log, *runs, *rows) == []
