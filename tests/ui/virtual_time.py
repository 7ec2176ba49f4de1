"""Time for tests of the app, in which nobody waits: where nothing is left to do, it goes on to the next timer at once.

Pilot sleeps 20 ms before and after each key, and longer on a busy machine. Here such a sleep takes no time, and what is
due earlier is done earlier, however slow the machine is: a loop looks at timers when everything else has been done.
"""

import asyncio
import contextlib
import selectors
import time
from unittest import mock

from quadfit_tui.ui.tasks.training_loop import TrainingLoop


class VirtualTime:
    """Seconds that loops have not waited; one for all of them, since Textual knows but one time."""

    def __init__(self):
        self.skipped = 0.0
        self.turns = 0  # of loops that had something to do

    def of_timers(self):
        """Passes only where everybody waits."""
        return self.skipped

    def of_work(self):
        """Passes also where somebody works: for what works as long as it has time."""
        return time.monotonic() + self.skipped


TIME = VirtualTime()


class Selector(selectors.DefaultSelector):
    """Tells what has come from outside, and does not wait for it if there is a timer."""

    def select(self, timeout=None):
        if timeout is None or timeout <= 0:
            TIME.turns += 1
            return super().select(timeout)
        ready = super().select(0)
        if not ready:
            TIME.skipped += timeout
        return ready


class Loop(asyncio.SelectorEventLoop):
    """Runs by virtual time."""

    def __init__(self):
        super().__init__(Selector())

    def time(self):
        return TIME.of_timers()


class Training(TrainingLoop):
    """A training loop that sleeps by virtual time."""

    def __init__(self, *args, **options):
        super().__init__(*args, **{"clock": TIME.of_work} | options)


async def soon(_at_least=0):
    """Until nothing is left to do without time passing: keys of one `press` come faster than frames."""
    await asyncio.sleep(1e-6)


async def idle(at_least=20):
    """Until next to nothing is done within a fiftieth of a second, or a fifth has passed: a frame has been composed.

    Textual looks at the processor time for it. Where it waits for a picture, all that shows for a while only is gone.
    """
    await asyncio.sleep(at_least)
    for _ in range(10):
        turns = TIME.turns
        await asyncio.sleep(1 / 50)
        if TIME.turns <= turns + 2:
            break


async def settled(pilot):
    """Until what was done is on the screen; Pilot asks each widget for it, which takes longer than what they do."""
    await asyncio.sleep(1 / 50)  # a frame comes sixty times a second
    return pilot.app._exception is None


# All that is replaced, of asyncio, of Textual and of the app.
REPLACED = {
    "asyncio.events.new_event_loop": Loop,  # by which asyncio.run and the test runner make one
    "textual._time.get_time": TIME.of_timers,  # the time of all of Textual's timers
    "textual.app.wait_for_idle": soon,  # between the keys of one `press`
    "textual.pilot.Pilot._wait_for_screen": settled,
    "textual.pilot.wait_for_idle": idle,
    "quadfit_tui.ui.app.TrainingLoop": Training,
}


@contextlib.contextmanager
def virtual_time():
    """Event loops that are begun in it run by virtual time, with Textual's timers and the app's training."""
    with contextlib.ExitStack() as replaced:
        for name, by in REPLACED.items():
            replaced.enter_context(mock.patch(name, by))
        yield
