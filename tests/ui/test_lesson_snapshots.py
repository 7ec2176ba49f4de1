"""How each kind of step of a lesson looks. Read a changed picture before it is accepted: `pytest --snapshot-update`."""

import pytest
from lesson_helpers import library, says, start

SIZES = {"80x24": (80, 24), "140x45": (140, 45)}
# The step, keys, and what is said then.
STEPS = {
    "read": (1, [], "updates an epoch"),
    "prediction_open": (2, ["a", *"30"], "How many epochs"),
    "prediction_held_back": (3, ["space"], "First your answer"),
    "prediction_answered": (2, ["a", *"30", "enter"], "You said 30."),
    "choice": (3, ["a", "b"], "Which way"),
    "choice_answered": (3, ["a", "b", "enter"], "You said B:"),
    "observed_wrong": (4, ["H", "a", *"9", "enter"], "The sign is the other one."),
    "task": (5, [], "Make three updates."),
    "explanation": (6, ["a", *"since"], "Why?"),
    "end": (6, ["S", "S", "enter"], "You have done all steps."),
}


def taking(step, keys, said):
    async def take(pilot):
        await start(pilot, step)
        await pilot.press(*keys)
        await says(pilot, said)
        await pilot.pause()

    return take


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_step(make_app, snap_compare, step, size):
    app = make_app(library=library(), passing=True)
    assert snap_compare(app, terminal_size=size, run_before=taking(*step))


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("step", [step for step in STEPS if step not in ("prediction_held_back", "choice_answered")])
def test_light_step(make_app, snap_compare, step, size):
    app = make_app(library=library(), passing=True)
    app.theme = "textual-light"
    assert snap_compare(app, terminal_size=size, run_before=taking(*STEPS[step]))


@pytest.mark.parametrize("size", [(50, 20), (80, 20)], ids=["slim", "medium"])
def test_small_step(make_app, snap_compare, size):
    app = make_app(library=library(), passing=True)
    assert snap_compare(app, terminal_size=size, run_before=taking(*STEPS["choice_answered"]))


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_the_list(make_app, snap_compare, size):
    async def take(pilot):
        await start(pilot, 2)
        await pilot.press("L", "L")
        await pilot.pause()

    assert snap_compare(make_app(library=library(), passing=True), terminal_size=size, run_before=take)
