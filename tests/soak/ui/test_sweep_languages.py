"""The page of a sweep in the language of tests and in Chinese, at several sizes: nothing is English, cut or hidden."""

import pytest
from all_screens import LAST, PRESET, SIZES, STATES, opened
from app_helpers import at_once
from pseudo_locale import pseudo_locale
from test_all_screens import faults, faults_of_chinese

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.text import language
from quadfit_tui.sweeps.space import Space
from quadfit_tui.sweeps.ui.sweep_screen import OpenSweep, SweepScreen
from quadfit_tui.sweeps.work import SweepJob


@pytest.fixture
def look(make_app):
    """Looks at the page of a small sweep, and at what its keys do, for faults."""

    async def look(size, faults_of):
        space = Space(RunConfig(samples=6, epochs=4), {"lr": (0.1, 0.5, 9.0), "batch": (1, 6), "seed": (1, 2)})
        app = make_app(PRESET, runner=at_once)
        app.runs.table = OpenSweep("rates.csv", space, SweepJob(space).train(range(len(space))))
        async with app.run_test(size=size) as pilot:
            async for done in opened(pilot, STATES[LAST], ["sweep"]):
                assert faults_of(app) == [], done
            await app.run_action("sweep")
            assert isinstance(app.screen, SweepScreen)

    return look


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_each_text_is_looked_up_and_whole(look, size):
    with pseudo_locale():
        await look(size, faults)


@pytest.mark.parametrize("size", SIZES[:1], ids=str)
async def test_in_chinese(look, size):
    language.set_language("zh_CN")
    await look(size, faults_of_chinese)
