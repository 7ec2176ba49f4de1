"""What the tests of diagnoses share: what mends a run is looked for once, also for its last words."""

import pytest
from diagnoses import mended

from quadfit_tui.core.diagnosis.wording import advice


@pytest.fixture(autouse=True)
def _mended_once(monkeypatch):
    monkeypatch.setattr(advice, "find_remedy", lambda diagnosis: mended(diagnosis.task.config))
