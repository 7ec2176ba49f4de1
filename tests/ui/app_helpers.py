"""Helpers for tests of the app: fields and what is said below them, keys in bursts, runners, and waiting."""

from dataclasses import replace

from textual import events
from textual.keys import key_to_character

from quadfit_tui.core.rate_map.pieces import whole_map
from quadfit_tui.core.rate_map.rate_map import Figure, Up
from quadfit_tui.ui.charts.render import draw
from quadfit_tui.ui.form.form import Form
from quadfit_tui.ui.views.scene import scene_of
from quadfit_tui.ui.views.view_table import VIEWS
from quadfit_tui.ui.widgets.log import LogLines
from quadfit_tui.ui.widgets.message_row import MessageRow

LARGE = "".join(f"{n / 1500},{n * n / 1500}\n" for n in range(1500))  # a file of samples that takes a while to be read


def at_once(job, done):
    """Works out a diagnosis here and now."""
    done(job())


def never(job, done):
    """Leaves it at being worked out."""


def field(app, name):
    """What takes the keys of a field."""
    return app.query_one(Form).control(name)


def as_text(spec, width, height, ascii=False):
    """A chart or page as lines of text without colors."""
    return [row.text.rstrip() for row in draw(spec, width, height, ascii)]


def problem(app, name):
    """What is said below a field; nothing where it is not shown."""
    shown = [line for line in app.query(f"#problem-{name}") if line.display]
    return str(shown[0].render()) if shown else ""


def burst(app, keys):
    """The keys as a slow link or a paste delivers them: all at once, before the first has had its effect."""
    for key in keys:
        app.post_message(events.Key(key, key_to_character(key)))


class Later:
    """A runner that keeps jobs until a test says that they are to be done."""

    def __init__(self):
        self.jobs = []

    def __call__(self, job, done):
        self.jobs.append((job, done))

    def work(self):
        job, done = self.jobs.pop(0)
        done(job())


async def until(pilot, condition, seconds=10.0, every=0.01):
    """Waits for something that keys or the worker bring about; looks `every` so many seconds."""
    for _ in range(round(seconds / every)):
        if condition():
            return
        await pilot.pause(every)
    raise AssertionError("it did not come about in time")


def go(session, *points):
    """Visits the points of a session's run, each an epoch or an epoch and an update; gives the session back."""
    for point in points:
        session.seek(*point)
        while session.is_busy:
            session.advance(1)
    return session


def train(app, epochs):
    """Has a run trained up to there with a picture or two, where a key for each epoch would take one for each."""
    app.session.seek(epochs)
    while app.session.is_busy:
        app.training.advance()


def log(app):
    return app.query_one(LogLines)


def records(app):
    """What the log lists."""
    return list(log(app).lines.records)


def message(app):
    """What the rows of messages of the main screen say."""
    said = app.screen_stack[0].query_one(MessageRow).messages
    return " ".join(line for each in said for line in each.lines if line)


def told(app):
    """What was told last and is still to be seen, if anything is."""
    shown = app.message_queue.shown
    return [] if shown is None else [shown.text]


def repaints(widget):
    """Collects the regions that a widget asks to have painted from now on, none for all of it; nothing is painted.

    Until `del widget.refresh`.
    """
    asked = []
    widget.refresh = lambda *regions, **_: asked.append(regions)
    return asked


async def type_in(pilot, name, text):
    """Puts text into a field at once, and presses Enter there."""
    pilot.app.views.action_edit(name)
    field(pilot.app, name).value = text
    await pilot.press("enter")
    await pilot.pause()


def scene_for(view, session, size=(24, 9)):
    """The present moment, with a map of so many columns and rows where the view is the one that shows it."""
    scene = scene_of(session)
    if view != "map":
        return scene
    words = VIEWS[view].initial_options(scene.snapshot)
    found = whole_map(scene.snapshot.task, Up(words["up"]), Figure(words["figure"]), size)
    return replace(scene, rate_map=found)
