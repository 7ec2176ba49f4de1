"""What the app's keys mean, in short: a Model that is told the same keys as the app and says where that should be now.

It knows nothing of the program but names: parameters, presets, states. What w is at a point is the oracle's business.
"""

from dataclasses import dataclass

from model_fields import Fields, Typing, same_run
from oracle import RunOracle, oracle_of, rate_of

from quadfit_tui.core.config.parameters import RunConfig

SPEEDS = [1, 2, 5, 10, 30, None]
MOST_EARLIER = 6
VIEWS = ["fit", "loss", "parameters", "surface", "update", "words"]


@dataclass
class Run:
    """A run as the model knows it."""

    number: int
    config: RunConfig
    point: tuple = (0, 0)
    newest: tuple = (0, 0)
    rest: str = "ready"  # what it is when it does not run: as it was left
    knows_end: bool = False  # whether it came to its end; of a divergence that takes one update more than is possible

    @property
    def oracle(self) -> RunOracle:
        return oracle_of(self.config)


class Model(Fields):
    """Where the app should be."""

    def __init__(self, config):
        self.run = Run(1, config)
        self.earlier = []
        self.begun = 1
        self.unit, self.speed = "epoch", 10
        self.plays = False
        self.credit = 1.0
        self.typing = None
        self.pages = []  # the names of the pages over the screen
        self.cursor = 0  # of the table of runs
        self.view = "fit"
        self.scrolled = False  # the log, since the visited point changed

    # What it looks like

    @property
    def ended(self):
        return not self.plays and self.run.rest in ("converged", "finished", "diverged")

    @property
    def status(self):
        return "running" if self.plays else self.run.rest

    @property
    def lr(self):
        return self.run.oracle.rate(self.run.point, self.ended)

    # Time

    def due(self):
        """Plays what is due."""
        while self.plays and (self.speed is None or self.credit > 1 - 1e-6):
            epoch, _ = self.run.point
            if self.unit == "update":
                goal = self._after()
            else:
                goal = (self.run.config.epochs if self.speed is None else epoch + 1), 0
            at_end = self._arrive(goal)
            self.credit -= 1
            if at_end:
                self._rest()

    def wait(self, seconds):
        if self.plays and self.speed is not None:
            self.credit = min(self.credit + seconds * self.speed, 1 + self.speed * 0.25)
        self.due()

    def _wind(self):
        self.credit = 1.0

    def _after(self):
        epoch, update = self.run.point
        return (epoch, update + 1) if update + 1 < self.run.oracle.per_epoch else (epoch + 1, 0)

    def _arrive(self, goal):
        """Puts the run to a point, or to its end; tells whether that is its end."""
        run = self.run
        point = run.oracle.reach(goal)
        if point != run.point:
            self.scrolled = False
        run.point, run.newest = point, max(run.newest, point)
        run.knows_end |= point < goal or (
            run.oracle.end is not None
            and run.oracle.end == (point, run.oracle.end[1])
            and run.oracle.end[1] != "diverged"
        )
        return self._at_end

    @property
    def _at_end(self):
        return self.run.knows_end and self.run.oracle.end[0] == self.run.point

    def _rest(self):
        self.plays = False
        self.run.rest = self.run.oracle.end[1] if self._at_end else "paused"

    def go(self, goal):
        if goal == self.run.point and not self.plays:
            return
        self._arrive(goal)
        self._rest()

    def play(self):
        if not self.ended:
            self.plays = True
            self._wind()

    # Runs

    def begin(self, config):
        """A new run; the one before is kept."""
        self.earlier = [run for run in self.earlier if not same_run(run.config, config)]
        if not same_run(self.run.config, config):
            self._keep()
        self.begun += 1
        self.run = Run(self.begun, config)
        playing, self.plays, self.typing = self.plays, False, None
        self.scrolled = False
        if playing:
            self.play()

    def carry_on(self, w):
        """A new run from w, which is the app's own to the last bit; none where nothing has been trained."""
        if self.run.newest != (0, 0) and all(abs(each) <= 1e12 for each in w):
            self.begin(self.run.config.replace(init=tuple(w)))

    def _keep(self):
        if self.run.newest != (0, 0):
            self.earlier = [*self.earlier, self.run][-MOST_EARLIER:]

    def show(self, run):
        self.earlier.remove(run)
        self._keep()
        self.run = run
        self.scrolled = False
        self._rest()

    @property
    def listed(self):
        return sorted([*self.earlier, self.run], key=lambda run: run.number)

    # Keys

    def key(self, key):
        """What a key does, wherever the keys go at the moment; False where this model does not know."""
        if self.pages:
            return self._key_of_page(key)
        if self.typing is not None:
            return self._key_of_field(key)
        action = getattr(self, f"_on_{key}", None)
        if action is not None:
            action()
        elif key in "12345":
            self.view = VIEWS[int(key) - 1]
        return action is not None or key in ("z", "o", "x", "h", "y", "escape", "ctrl+c", *"12345")

    def _on_space(self):
        if self.plays:
            self._rest()
        else:
            self.play()

    def _on_n(self):
        if not self.ended:
            self.go(self._after())

    _on_right = _on_n

    def _on_e(self):
        if not self.ended:
            self.go((self.run.point[0] + 1, 0))

    def _on_b(self):
        epoch, update = self.run.point
        if update:
            self.go((epoch, update - 1))
        else:
            self.go((epoch - 1, self.run.oracle.per_epoch - 1) if epoch else (0, 0))

    _on_left = _on_b

    def _on_B(self):  # noqa: N802  named by its key
        epoch, update = self.run.point
        self.go((epoch, 0) if update else (max(0, epoch - 1), 0))

    def _jump(self, by):
        self.go((max(0, min(self.run.point[0] + by, self.run.config.epochs)), 0))

    def _on_left_square_bracket(self):
        self._jump(-10)

    def _on_right_square_bracket(self):
        self._jump(10)

    def _on_home(self):
        self.go((0, 0))

    def _on_end(self):
        self.scrolled = False
        if self.run.point != self.run.newest:
            self.go(self.run.newest)
        else:
            self.due()  # as every key of time it has at once done what is due

    def _on_g(self):
        self.typing = Typing("goto", {"goto": ""})

    def _on_u(self):
        self.unit = {"epoch": "update", "update": "epoch"}[self.unit]
        self._wind()

    def _on_plus(self, by=1):
        self.speed = SPEEDS[max(0, min(SPEEDS.index(self.speed) + by, len(SPEEDS) - 1))]
        self._wind()

    def _on_minus(self):
        self._on_plus(-1)

    def _on_r(self):
        self.begin(self.run.config)

    def _on_l(self):
        self.edit("lr")

    def _on_p(self):
        self.edit("preset")

    def _on_t(self):
        self.pages.append("runs")
        self.cursor = self.listed.index(self.run)

    def _on_k(self):
        if self.run.newest != (0, 0):
            self.pages.append("twin")

    def _on_f1(self):
        self.pages.append("principle")

    def _on_question_mark(self):
        self.pages.append("help")

    def _on_i(self):
        self.pages.append("diagnosis")

    def _on_v(self):
        self.view = VIEWS[(VIEWS.index(self.view) + 1) % len(VIEWS)]

    def _on_up(self):
        self.scrolled = True

    _on_down = _on_pageup = _on_pagedown = _on_up

    # Pages

    def _key_of_page(self, key):
        page = self.pages[-1]
        closing = {
            "runs": ("escape", "q", "t"),
            "twin": ("escape", "q", "k"),
            "help": ("escape", "q", "question_mark", "enter", "space"),
            "principle": ("escape", "q", "f1", "question_mark"),
            "diagnosis": ("escape", "q", "i", "space"),
        }[page]
        if key in closing:
            self.pages.pop()
        elif page == "help" and key == "f1":
            self.pages[-1] = "principle"
        elif page == "runs":
            self._key_of_runs(key)
        elif page == "twin":
            if key == "enter":
                return False  # which twin it takes, the letters tell more plainly
            self._key_of_twin(key)
        return True

    def _key_of_runs(self, key):
        if key in ("up", "down"):
            self.cursor = max(0, min(self.cursor + (1 if key == "down" else -1), len(self.listed) - 1))
        elif key == "x" and self.listed[self.cursor] is not self.run:
            self.earlier.remove(self.listed[self.cursor])
            self.cursor = min(self.cursor, len(self.listed) - 1)
        elif key == "enter":
            self.pages.pop()
            if self.listed[self.cursor] is not self.run:
                self.show(self.listed[self.cursor])

    def _key_of_twin(self, key):
        config = self.run.config
        if key == "s":
            other = config.replace(schedule="halve" if config.schedule == "constant" else "constant")
            idle = rate_of(config, config.epochs - 1) == rate_of(other, config.epochs - 1)
        elif key == "o":
            other = config.replace(shuffle=not config.shuffle)
            idle = config.batch in ("full", config.samples)
        elif key == "c":
            other, idle = config.replace(gradient={"half": "full", "full": "half"}[config.gradient]), False
        else:
            return
        if not idle:
            self.pages.pop()
            goal, playing = self.run.newest, self.plays
            self.begin(other)
            self.go(goal)
            if playing:
                self.play()
