"""How each kind of step of a lesson looks. Read a changed picture before it is accepted: `pytest --snapshot-update`."""

import pytest
from app_helpers import Taken
from lesson_helpers import go_on, library, says, start

SIZES = {"80x24": (80, 24), "140x45": (140, 45)}
# The step, keys, and what is said then: one walk through the lesson comes by all of them.
STEPS = {
    "read": (1, [], "updates an epoch"),
    "prediction_open": (2, ["a", *"30"], "How many epochs"),
    "prediction_answered": (2, ["enter"], "You said 30."),
    "prediction_held_back": (3, ["space"], "First your answer"),
    "choice": (3, ["a", "b"], "Which way"),
    "choice_answered": (3, ["enter"], "You said B:"),
    "observed_wrong": (4, ["H", "a", *"9", "enter"], "The sign is the other one."),
    "task": (5, [], "Make three updates."),
    "explanation": (6, ["a", *"since"], "Why?"),
    "end": (6, ["escape", "S", "S", "enter"], "You have done all steps."),
}
PICTURES = {}  # those of a walk, by size and theme: a walk takes as long as a single picture of its end


def pictures(make_app, size, theme):
    """What a walk through the lesson comes by."""
    if (size, theme) not in PICTURES:
        taken, app = {}, make_app(library=library(), passing=True)
        app.theme = theme

        async def take(pilot):
            at = 0
            for name, (step, keys, said) in STEPS.items():
                if step != at:
                    await go_on(pilot, step)
                at = step
                await pilot.press(*keys)
                await says(pilot, said)
                await pilot.pause()
                taken[name] = Taken(pilot)
            app.exit()

        app.run(headless=True, size=size, auto_pilot=take)
        PICTURES[size, theme] = taken
    return PICTURES[size, theme]


@pytest.mark.xdist_group("walks")
@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("step", STEPS)
def test_step(make_app, snap_compare, step, size):
    assert snap_compare(pictures(make_app, size, "textual-dark")[step])


@pytest.mark.xdist_group("walks")
@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("step", [step for step in STEPS if step not in ("prediction_held_back", "choice_answered")])
def test_light_step(make_app, snap_compare, step, size):
    assert snap_compare(pictures(make_app, size, "textual-light")[step])


@pytest.mark.parametrize("size", [(50, 20), (80, 20)], ids=["slim", "medium"])
def test_small_step(make_app, snap_compare, size):
    async def take(pilot):
        await start(pilot, 3)
        await pilot.press("a", "b", "enter")
        await says(pilot, "You said B:")
        await pilot.pause()

    assert snap_compare(make_app(library=library(), passing=True), terminal_size=size, run_before=take)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_the_list(make_app, snap_compare, size):
    async def take(pilot):
        await start(pilot, 2)
        await pilot.press("L", "L")
        await pilot.pause()

    assert snap_compare(make_app(library=library(), passing=True), terminal_size=size, run_before=take)
