"""How paused screens look. Read a changed picture before it is accepted: `pytest --snapshot-update`."""

import pytest
from app_helpers import at_once

from quadfit_tui.core.session.playback import Unit

SIZES = {"80x24": (80, 24), "140x45": (140, 45)}
STATES = {  # preset, steps, keys
    "start": ("article", [], []),
    "paused_after_epochs": ("article", [Unit.EPOCH] * 10, []),
    "paused_within_an_epoch": ("article-minibatch", [Unit.EPOCH, Unit.UPDATE, Unit.UPDATE], []),
    "window_of_the_data": ("noisy", [Unit.EPOCH] * 5, ["z"]),
    "visiting_the_past": ("article", [Unit.EPOCH] * 10, ["left_square_bracket", "e", "e", "e", "e", "b"]),
    "worked_update": ("article-minibatch", [Unit.EPOCH, Unit.UPDATE], ["5", *["down"] * 12]),
    "update_mode": ("noisy", [Unit.EPOCH], ["u", "z", "n", "o"]),
    "wrong_epoch": ("article", [Unit.EPOCH] * 3, ["g", *"200", "enter"]),
    "stopped_on_a_misleading_rule": ("article-as-printed", [Unit.EPOCH] * 2, []),
    "diverged": ("too-fast", [Unit.EPOCH] * 7, []),
    "field_in_use": ("article", [], ["l"]),
    "wrong_input": ("article", [Unit.EPOCH], ["l", *"abc"]),
    "preset_chosen": ("article", [], ["p", "right"]),
    "help": ("article", [], ["question_mark"]),
    "view_loss": ("article", [Unit.EPOCH] * 14, ["2"]),
    "view_parameters": ("article", [Unit.EPOCH] * 14, ["3"]),
    "view_words": ("article", [Unit.EPOCH] * 14, ["6"]),
    "earlier_runs": ("full-batch", [Unit.EPOCH] * 30, ["k", "s", "3", "2"]),
    "runs": ("full-batch", [Unit.EPOCH] * 30, ["k", "s", "t"]),
    "scaled_features": ("ill-conditioned-scaled", [Unit.EPOCH] * 3, ["5"]),
    "principle": ("article", [], ["f1", "pagedown", "pagedown"]),
}


def after(*steps):
    """Takes the steps; quicker than a key for each."""

    async def run(pilot):
        for step in steps:
            pilot.app.action_step(step)
        await pilot.pause()

    return run


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize(("preset", "steps", "keys"), STATES.values(), ids=STATES)
def test_screen(make_app, snap_compare, preset, steps, keys, size):
    assert snap_compare(make_app(preset), press=keys, terminal_size=size, run_before=after(*steps))


@pytest.mark.parametrize("state", ["paused_after_epochs", "wrong_input", "visiting_the_past", "update_mode"])
def test_light_screen(make_app, snap_compare, state):
    preset, steps, keys = STATES[state]
    app = make_app(preset)
    app.theme = "textual-light"
    assert snap_compare(app, press=keys, run_before=after(*steps))


@pytest.mark.parametrize(
    ("size", "keys"),
    [((50, 20), []), ((50, 20), ["l", *"abc"]), ((50, 20), ["5", "pagedown"]), ((80, 16), [])],
    ids=["slim", "slim_wrong_input", "slim_worked_update", "short"],
)
def test_small_screen(make_app, snap_compare, size, keys):
    assert snap_compare(make_app(), press=keys, terminal_size=size, run_before=after(Unit.EPOCH))


@pytest.mark.parametrize(
    ("preset", "steps"),
    [("too-fast", [Unit.EPOCH] * 7), ("article-as-printed", [Unit.EPOCH] * 2)],
    ids=["diverged", "stopped_on_a_misleading_rule"],
)
def test_diagnosis(make_app, snap_compare, preset, steps):
    async def look(pilot):
        await after(*steps)(pilot)
        await pilot.press("i")

    assert snap_compare(make_app(preset, runner=at_once), run_before=look)


def test_diagnosis_in_a_line(make_app, snap_compare):
    assert snap_compare(make_app("too-fast", runner=at_once), run_before=after(*[Unit.EPOCH] * 7))
