"""How each kind of step of a lesson looks: some in pictures, all of them in text."""

import pytest
from lesson_helpers import go_on, library, says, start

from quadfit_tui.testing import screen_text, settled

# The step, keys, and what is said then: one walk through the lesson comes by all of them.
STEPS = {
    "read": (1, [], "updates an epoch"),
    "prediction_open": (2, [*"30"], "How many epochs"),
    "prediction_answered": (2, ["enter"], "You said 30."),
    "prediction_held_back": (3, ["space"], "Answer the question first"),
    "choice": (3, ["b"], "Which way"),
    "choice_answered": (3, ["enter"], "You said B:"),
    "observed_wrong": (4, ["H", *"9", "enter"], "The sign is the other one."),
    "task": (5, [], "Make three updates."),
    "explanation": (6, [*"since"], "Why?"),
    "end": (6, ["escape", "S", "S", "enter"], "This is the end of the lesson."),
}
# In pictures: the step, the size of the screen, the theme.
LOOKS = {
    "answered": ("prediction_answered", (140, 45), "textual-dark"),
    "wrong": ("observed_wrong", (80, 24), "textual-light"),
    "slim": ("choice_answered", (50, 20), "textual-dark"),
}


async def steps(pilot, last="end"):
    """Goes from step to step of the lesson; yields the name of each."""
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


async def test_all_steps(make_app, snapshot):
    app = make_app(library=library(), passing=True)
    async with app.run_test(size=(100, 30)) as pilot:
        async for name in steps(pilot):
            await settled(pilot)
            assert screen_text(app) == snapshot(name=name)


@pytest.mark.parametrize("look", LOOKS)
def test_look(make_app, snap_compare, look):
    step, size, theme = LOOKS[look]
    app = make_app(library=library(), passing=True)
    app.theme = theme

    async def go(pilot):
        async for _name in steps(pilot, step):
            pass

    assert snap_compare(app, terminal_size=size, run_before=go)


async def test_the_list(make_app, snapshot):
    app = make_app(library=library(), passing=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot, 2)
        await pilot.press("L", "L")
        await pilot.pause(6)  # the note in the corner has gone
        assert screen_text(app) == snapshot
