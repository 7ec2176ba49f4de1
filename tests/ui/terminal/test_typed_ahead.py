"""What is typed ahead: in its order, not more than can be done, and told where it is dropped."""

from textual.events import Key, Paste

from quadfit_tui.ui.terminal.typed_ahead import MOST_GIVEN, MOST_WAITING, TypedAhead


class SlowApp:
    """An app that has acted upon what it was given when it is told so, and the inputs on the way to it."""

    def __init__(self):
        self.given, self.told, self.ends, self.now = [], [], 0, 0.0
        self.done = 0  # how much of it the app has acted upon
        self._marks = []  # who is to be called back, behind how many inputs
        self.inputs = TypedAhead(
            lambda message: self.given.append(message.key if isinstance(message, Key) else message.text),
            lambda callback: self._marks.append((len(self.given), callback)),
            self.told.append,
            self._end,
            lambda: self.now,
        )

    def _end(self):
        self.ends += 1

    def type(self, *keys):
        """Keys of one read."""
        self.inputs.collect([Key(key, None) for key in keys])

    def act(self, count=1_000_000):
        """Acts upon so many inputs, or all that there are and that come behind them."""
        while count > 0 and (self.done < len(self.given) or self._marks):
            until = min(len(self.given), self.done + count)
            count -= until - self.done
            self.done = until
            reached = [callback for place, callback in self._marks if place <= until]
            self._marks = [mark for mark in self._marks if mark[0] > until]
            for callback in reached:
                callback()

    def lose_marks(self):
        """A widget that was to call back has gone."""
        assert self._marks
        self._marks.clear()

    @property
    def ahead(self):
        return len(self.given) - self.done


def test_keys_pass_through_in_order():
    app = SlowApp()
    app.type("a", "b")
    app.type("ctrl+q")
    assert app.given == ["a", "b", "ctrl+q"]
    assert not app.ends  # in its turn
    app.act()
    assert app.told == []


def test_repeated_keys_are_queued_without_loss():
    app = SlowApp()
    app.type(*["n"] * 400)
    app.type("b")
    while app.ahead:
        assert app.ahead <= MOST_GIVEN
        app.act(7)
    assert app.given == [*["n"] * 400, "b"]
    assert app.told == []


def test_overflow_is_dropped_and_reported():
    app, most = SlowApp(), MOST_GIVEN + MOST_WAITING
    app.type(*["x"] * (most + 1))
    assert app.told == ["Keys came faster than the app could act on them: one was dropped."]
    app.type(*["y"] * 99)
    assert len(app.told) == 1
    app.now = 1.5
    app.type("z")
    assert app.told[1:] == ["Keys came faster than the app could act on them: 101 were dropped."]
    app.type(*["y"] * 9)
    app.act()
    assert app.given == ["x"] * most
    assert app.told[2:] == ["Keys came faster than the app could act on them: 110 were dropped."]
    app.now = 9
    app.type("a")
    app.act()
    assert len(app.told) == 3
    assert app.given[most:] == ["a"]


def test_queue_frees_room_as_app_acts():
    app = SlowApp()
    for _ in range(50):
        app.type(*["n"] * (MOST_GIVEN + MOST_WAITING))
        app.act()
    assert len(app.given) == 50 * (MOST_GIVEN + MOST_WAITING)
    assert app.told == []


def test_lost_mark_is_recovered_by_next():
    app = SlowApp()
    for _ in range(10):
        app.type(*["a"] * (MOST_GIVEN // 2))
        app.lose_marks()
        app.type(*["b"] * (MOST_GIVEN // 2))
        app.act()
    assert len(app.given) == 10 * MOST_GIVEN


def test_ctrl_q_overtakes_what_waits():
    app = SlowApp()
    app.type(*["n"] * MOST_GIVEN, "ctrl+q", "n")
    assert app.ends == 1
    app.type(*["n"] * 10_000)
    app.type("ctrl+q")
    assert app.ends == 2


def test_ctrl_c_clears_the_queue():
    app = SlowApp()
    app.type(*["n"] * 10_000, "ctrl+c", "b")
    app.act()
    assert app.given == [*["n"] * MOST_GIVEN, "ctrl+c", "b"]
    assert app.told[-1] == f"Keys came faster than the app could act on them: {10_000 - MOST_GIVEN} were dropped."


def test_pastes_and_keys_wait_alike():
    app = SlowApp()
    app.type(*["n"] * MOST_GIVEN)
    app.inputs.collect([Paste("text")])
    app.type("b")
    app.act()
    assert app.given[-2:] == ["text", "b"]
