"""How each kind of step of a lesson looks. Read a changed picture before it is accepted: `pytest --snapshot-update`."""

import pytest
from lesson_helpers import go_on, library, says, start
from snapshots import Taken

SIZES = {"80x24": (80, 24), "140x45": (140, 45)}
# The step, keys, and what is said then: one walk through the lesson comes by all of them.
STEPS = {
    "read": (1, [], "updates an epoch"),
    "prediction_open": (2, ["a", *"30"], "How many epochs"),
    "prediction_answered": (2, ["enter"], "You said 30."),
    "prediction_held_back": (3, ["space"], "Answer the question first"),
    "choice": (3, ["a", "b"], "Which way"),
    "choice_answered": (3, ["enter"], "You said B:"),
    "observed_wrong": (4, ["H", "a", *"9", "enter"], "The sign is the other one."),
    "task": (5, [], "Make three updates."),
    "explanation": (6, ["a", *"since"], "Why?"),
    "end": (6, ["escape", "S", "S", "enter"], "You have done all steps."),
}
LIGHT = ["read", "prediction_open", "prediction_answered", "choice", "observed_wrong"]  # all colors of a lesson
SMALL_SIZES = {"slim": (50, 20), "medium": (80, 20)}
PICTURES = {}  # of the walks that were done: one takes as long as a single picture of its end


def pictures(make_app, walk, size, theme="textual-dark"):
    """What a walk takes pictures of, by their names."""
    key = walk, size, theme
    if key not in PICTURES:
        app, taken = make_app(library=library(), passing=True), {}
        app.theme = theme

        async def go(pilot):
            async for name in walk(pilot):
                await pilot.pause()
                taken[name] = Taken(pilot.app)
            app.exit()

        app.run(headless=True, size=size, auto_pilot=go)
        PICTURES[key] = taken
    return PICTURES[key]


async def all_steps(pilot, last="end"):
    """From step to step of the lesson."""
    at = 0
    for name, (step, keys, said) in STEPS.items():
        if step != at:
            await go_on(pilot, step)
        at = step
        await pilot.press(*keys)
        await says(pilot, said)
        yield name
        if name == last:
            return


async def first_steps(pilot):
    """As far as there are all colors of a lesson."""
    async for name in all_steps(pilot, LIGHT[-1]):
        yield name


async def small_sizes(pilot):
    """An answer on small screens."""
    await start(pilot, 3)
    await pilot.press("a", "b", "enter")
    for name, size in SMALL_SIZES.items():
        await pilot.resize_terminal(*size)
        await says(pilot, "You said B:")
        yield name


async def the_list(pilot):
    """The list of lessons, amid the first one."""
    await start(pilot, 2)
    await pilot.press("L", "L")
    await pilot.pause(6)  # the note in the corner has gone
    for name, size in SIZES.items():
        await pilot.resize_terminal(*size)
        yield name


@pytest.mark.xdist_group("walks")
@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("step", STEPS)
def test_step(make_app, compare, step, size):
    compare(pictures(make_app, all_steps, size)[step], (step, size) == ("prediction_answered", SIZES["80x24"]))


@pytest.mark.xdist_group("light walk")
@pytest.mark.parametrize("step", LIGHT)
def test_light_step(make_app, compare, step):
    compare(pictures(make_app, first_steps, SIZES["80x24"], "textual-light")[step])


@pytest.mark.xdist_group("small walk")
@pytest.mark.parametrize("size", SMALL_SIZES)
def test_small_step(make_app, compare, size):
    compare(pictures(make_app, small_sizes, SMALL_SIZES["slim"])[size])


@pytest.mark.xdist_group("list")
@pytest.mark.parametrize("size", SIZES)
def test_the_list(make_app, compare, size):
    compare(pictures(make_app, the_list, SIZES["80x24"])[size])
