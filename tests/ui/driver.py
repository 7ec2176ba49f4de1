"""Drives the app and the Model with the same commands, and looks whether both agree."""

import asyncio
from functools import partial
from unittest import mock

import pytest
from app_helpers import never, problem
from model import Model
from model_fields import BOUNDS, CHARACTERS, REFUSED
from screen import Screen, check, point_of
from textual import events
from textual.geometry import Region, Size
from textual.keys import _character_to_key
from textual.widgets import Input

from quadfit_tui.core.session.playback import Unit
from quadfit_tui.core.session.session import Session
from quadfit_tui.ui.app import QuadfitApp
from quadfit_tui.ui.fields.choice_field import ChoiceField
from quadfit_tui.ui.tasks.training_loop import TrainingLoop
from quadfit_tui.ui.widgets.chart_view import ChartView
from quadfit_tui.ui.widgets.diagnosis_line import DiagnosisLine
from quadfit_tui.ui.widgets.form import Form
from quadfit_tui.ui.widgets.header import Header
from quadfit_tui.ui.widgets.key_bar import KeyBar
from quadfit_tui.ui.widgets.log import LogLines
from quadfit_tui.ui.widgets.panes import Panes
from quadfit_tui.ui.widgets.scrubber import ScrubBar
from quadfit_tui.ui.widgets.view_bar import ViewBar

FPS = 1000
ActsOnClicks = ChartView | DiagnosisLine | Header | ViewBar  # in ways that depend on where: their own tests try them


class LoopClock:
    """The training loop's clock: it stands still, and the loop with it, except where the test lets both go on."""

    def __init__(self):
        self.now = 0.0
        self.beats = 0
        self.gate = asyncio.Event()

    def __call__(self):
        return self.now

    async def sleep(self, seconds):
        await self.gate.wait()
        self.now += seconds
        self.beats += 1
        await asyncio.sleep(0)


class Clock:
    """The session's."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


class Driver:
    """An app and a Model of it that are told the same."""

    def __init__(self, config):
        self.clock, self.beat = Clock(), LoopClock()
        self.session = Session(config, clock=self.clock)
        loop = partial(TrainingLoop, clock=self.beat, sleep=self.beat.sleep)
        with mock.patch("quadfit_tui.ui.app.TrainingLoop", loop):
            self.app = QuadfitApp(self.session, fps=FPS, runner=never)
        self.model = Model(config)
        self.bits = {}  # w at each point of each run, the first time

    # Waiting

    async def messages(self):
        """Until everything that was sent has had its effect: nothing is left that could run without time passing.

        To ask every widget, as Pilot does, takes longer than what they have to do.
        """
        app, loop = self.app, asyncio.get_running_loop()
        for _ in range(3):
            # A press of the mouse waits until what was done before is composed.
            while (loop._ready or app._pointed) and app._exception is None:
                await asyncio.sleep(0 if loop._ready else 0.001)
            if app._resize_timer is not None:
                app._check_resize()
            app.screen._on_timer_update()
            if app._exception is not None:
                raise app._exception

    async def settle(self):
        """Until all is done and shown that is due now."""
        while True:
            await self.messages()
            before, started = (self.session.snapshot(), self.app.snapshot), self.beat.beats
            self.beat.gate.set()
            while self.app.training._busy.is_set() and self.beat.beats < started + 8 and self.app._exception is None:
                await asyncio.sleep(0)
            self.beat.gate.clear()
            if before == (self.session.snapshot(), self.app.snapshot):
                break
        await self.messages()
        self.model.due()

    # Commands

    async def start(self):
        """Opens the app; `stop` closes it."""
        self._open = self.app.run_test(size=(80, 24))
        await self._open.__aenter__()
        await self.settle()

    async def stop(self):
        await self._open.__aexit__(None, None, None)

    async def begin(self, config, size):
        """Another sequence: nothing is open, nothing was trained."""
        while self.model.pages or self.model.typing:
            await self.do_key("escape")
        session = self.session
        session.pause()
        session.speed, session.unit = 10, Unit.EPOCH
        self.app.runs.restart(config)
        for run in session.earlier:
            session.forget(run.number)
        self.app.training.publish()
        self.model = Model(config)
        self.model.run.number = self.model.begun = session.run.number
        self.model.view = self.app.query_one(Panes).view
        self.bits = {}
        if self.app.size != size:
            await self.do_resize(*size)

    async def do(self, command):
        kind, *arguments = command
        await getattr(self, f"do_{kind}")(*arguments)
        self.check()

    def post(self, keys):
        """Keys as they come from a terminal."""
        for key in keys:
            character = CHARACTERS.get(key, key)
            self.app.post_message(events.Key(key, character if len(character) == 1 else None))

    async def do_key(self, key):
        if key == "c" and not self.model.pages and not self.model.typing:
            self.model.carry_on(self.session.snapshot().w.tolist())
        elif not self.model.key(key):
            return
        self.post([key])
        await self.settle()

    async def do_keys(self, keys):
        """Typed ahead: all of them before the first has had its effect."""
        self.post([key for key in keys if self.model.key(key)])
        await self.settle()

    async def leave(self):
        while self.model.pages or self.model.typing:
            await self.do_key("escape")

    async def do_rate(self, text, after):
        await self.leave()
        await self.do_keys(["l", *map(key_of, text), *after])

    async def do_goto(self, text, after):
        await self.leave()
        await self.do_keys(["g", *map(key_of, text), *after])

    async def do_field(self, name, text, after):
        """To a field by Tab, and what is typed there."""
        await self.leave()
        await self.do_key("l")
        fields = self.model.fields
        if name in fields:
            by = fields.index(name) - fields.index("lr")
            await self.do_keys(["tab" if by > 0 else "up"] * abs(by))
            await self.do_keys([*map(key_of, text), *after])

    async def do_twin(self, letter):
        await self.leave()
        await self.do_keys(["k", letter])

    async def do_runs(self, moves, after):
        """To the table of runs; what is done there is typed when it is there."""
        await self.leave()
        for key in ("t", *moves, after):
            await self.do_key(key)

    async def do_to_and_fro(self):
        """From a run to its twin, back to it, and to the same twin again, of which there is to be one."""
        for _ in range(2):
            await self.leave()
            await self.do_keys(["n", "b", "e"])
            await self.do_keys(["k", "c"])
            for key in ("b", "t", "up", "enter"):
                await self.do_key(key)
                self.check()

    async def do_another(self, key):
        """From some point of the run, such as one does not come to by whole epochs, another one begins."""
        await self.leave()
        await self.do_key("n")
        await self.do_key(key)

    async def do_paste(self, text):
        """What a terminal hands over at once; a line of it is taken, as if typed."""
        typing = self.model.typing
        if typing is not None and not self.model.pages and typing.name in ("goto", *BOUNDS):
            typing.type(text.splitlines()[0])
            self.app.post_message(events.Paste(text))
            await self.settle()

    async def do_wait(self, seconds):
        self.clock.now += seconds
        self.model.wait(seconds)
        await self.settle()

    async def do_resize(self, width, height):
        size = Size(width, height)
        self.app._driver._size = size
        self.app.post_message(events.Resize(size, size))
        await self.settle()

    async def do_away(self):
        """Another window of the terminal's has the keys for a while."""
        for event in (events.AppBlur(), events.AppFocus()):
            self.app.post_message(event)
            await self.settle()
        self.look_at_the_selection()

    async def do_palette(self, text):
        """The command palette is opened, something is typed, and it is left again."""
        before = len(self.app.screen_stack)
        self.post(["ctrl+p"])
        await self.settle()
        self.post(map(key_of, text))
        await self.settle()
        for _ in range(3):
            if len(self.app.screen_stack) > before:
                self.post(["escape"])
                await self.settle()
        self.look_at_the_selection()

    def look_at_the_selection(self):
        """Whether what is typed next replaces what is there."""
        if self.model.typing is not None and isinstance(self.app.focused, Input):
            self.model.typing.fresh = not self.app.focused.selection.is_empty
            if not self.model.typing.fresh:
                self.app.focused.cursor_position = len(self.app.focused.value)

    async def do_tab(self, key):
        """Into the form, where there is room for one."""
        if not self.model.pages and not self.model.typing:
            self.post([key])
            await self.settle()
            if self.app.focused is not None:
                assert self.app.focused.id.startswith("input-")
                self.model.edit(self.app.focused.id.removeprefix("input-"))

    # The mouse

    async def mouse(self, xs, y):
        """Pressed at the first x, moved to the others, released."""
        kinds = [events.MouseDown, *[events.MouseMove] * (len(xs) - 1), events.MouseUp]
        for kind, x in zip(kinds, [*xs, xs[-1]], strict=True):
            self.app.post_message(kind(None, x, y, 0, 0, int(kind is not events.MouseMove), False, False, False, x, y))
        await self.messages()

    async def do_wheel(self, part_x, part_y, up):
        width, height = self.app.size
        x, y = int(part_x * width), int(part_y * height)
        kind = events.MouseScrollUp if up else events.MouseScrollDown
        self.app.post_message(kind(None, x, y, 0, 0, 0, False, False, False, x, y))
        self.model.scrolled = True
        await self.settle()

    async def do_drag(self, *parts):
        """In the bar of time: it leads to where the mouse was last, if that is trained; a click leads anywhere."""
        region = self.seen_region(ScrubBar)
        if not self.model.pages and region.area:
            cells = [int(part * region.width) for part in parts]
            await self.mouse([region.x + cell for cell in cells], region.y)
            await self.settle()
            if self.model.typing is not None:
                self.model.typing = None
            else:
                self.follow(cells[-1], region.width, is_click=len({*cells}) == 1)

    def follow(self, cell, width, is_click):
        """Where a cell of the bar leads: to within a cell of it; a drag to the newest point at most."""
        run, point = self.model.run, tuple(self.session.snapshot().position)
        updates = run.oracle.per_epoch
        there, total = point[0] * updates + point[1], run.config.epochs * updates
        off = there / total * (width - 1) - cell
        if off < -1 and not is_click:
            assert point == run.newest
        elif not self.session.status.ended:
            assert abs(off) <= 1 + (width - 1) / total / 2, (point, run.newest, cell, width)
        beyond = is_click and off < -1  # the end, which is known from then on
        self.model.go((run.config.epochs, 0) if beyond else point)

    async def do_line(self, part):
        """A click on a line of the log leads to the point that it is about."""
        region = self.seen_region(LogLines)
        if not self.model.pages and region.area:
            y = region.y + int(part * region.height)
            row = Screen(self.app).rows[y][region.x : region.right]
            await self.mouse([region.x + region.width // 2], y)
            await self.settle()
            if self.model.typing is not None:
                self.model.typing = None
            elif row[:-1].strip() and "Press" not in row:
                self.model.go(min(point_of(row.lstrip(" >").split()[0].rstrip("<")), self.model.run.newest))

    def seen_region(self, kind):
        widget, whole = self.app.query_one(kind), self.app.screen_stack[0].region
        is_there = widget.display and widget.is_on_screen and widget.region in whole
        return widget.region if is_there else Region()

    async def do_click(self, part_x, part_y):
        """Anywhere."""
        width, height = self.app.size
        x, y = int(part_x * width), int(part_y * height)
        widget, _ = self.app.screen.get_widget_at(x, y)
        model = self.model
        if model.pages:
            if model.pages[-1] not in ("runs", "twin"):
                await self.mouse([x], y)
                await self.settle()
        elif isinstance(widget, ScrubBar | LogLines):
            return
        elif model.typing is not None:
            if isinstance(widget, ChartView | Header):
                await self.mouse([x], y)
                model.typing = None
                await self.settle()
        elif isinstance(widget, KeyBar) and (pressed := widget.key_at(x)):
            if pressed.key not in ("q", "c") and model.key(pressed.key):
                await self.mouse([x], y)
                await self.settle()
        elif not isinstance(widget, KeyBar | ActsOnClicks):
            await self.mouse([x], y)
            await self.settle()
            assert isinstance(widget, Input | ChoiceField) <= (self.app.focused is widget)
            if self.app.focused is not None:
                assert self.app.query_one(Form) in widget.ancestors
                model.edit("lr")
                await self.do_key("escape")

    # Agreement

    def check(self):
        """The session, the app's focus and the screen are where the model is; w is what the oracle says."""
        app, model, run = self.app, self.model, self.model.run
        snapshot = self.session.snapshot()
        assert app._exception is None
        assert app.is_running
        assert app.snapshot is snapshot, (app.snapshot, snapshot)
        said = snapshot.run, str(snapshot.status), tuple(snapshot.position), tuple(snapshot.newest)
        assert said == (run.number, model.status, run.point, run.newest), said
        assert (str(snapshot.unit), snapshot.speed) == (model.unit, model.speed)
        assert snapshot.config == run.config
        assert snapshot.lr == pytest.approx(model.lr, rel=1e-12)
        assert [each.number for each in self.session.earlier] == [each.number for each in model.earlier]
        assert app.query_one(Panes).view == model.view
        self.check_w(snapshot)
        self.check_focus()
        check(app, model)

    def check_w(self, snapshot):
        run, oracle = self.model.run, self.model.run.oracle
        most = 1e-9 * oracle.size[run.point]
        assert (
            max(abs(one - other) for one, other in zip(snapshot.w.tolist(), oracle.w[run.point], strict=True)) <= most
        )
        bits = self.bits.setdefault((repr(run.config), run.point), snapshot.w.tobytes())
        assert bits == snapshot.w.tobytes()

    def check_focus(self):
        app, model = self.app, self.model
        assert len(app.screen_stack) == 1 + len(model.pages)
        focused = app.screen_stack[0].focused
        if model.typing is None:
            assert focused is None
            return
        name = model.typing.name
        assert focused is not None
        assert focused.id == ("go-to" if name == "goto" else f"input-{name}")
        assert focused.value == model.typing.text, (focused.value, model.typing.text)
        if name != "goto" and not model.typing.fresh and name in BOUNDS:
            assert bool(problem(app, name)) or model.typing.value(name) is not REFUSED


def key_of(character):
    return _character_to_key(character)
