"""Anybody at the app: sequences of keys, text, clicks, sizes; app, screen and w are always where a model has them.

The model (model.py) says what commands mean, the oracle (oracle.py) what w is, the screen is read as text (screen.py).
"""

import asyncio

import pytest
from driver import Driver
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from trials import AT_LENGTH

from quadfit_tui.core.config.parameters import RunConfig

IN_ONE_APP = 25 if AT_LENGTH else 6  # sequences
CHUNKS = 8 if AT_LENGTH else 1  # tests, for as many processes

SMALL = {"samples": 5, "epochs": 8, "init": (1, 1, 1), "lr": 0.4, "decay_every": 3}
CONFIGS = st.sampled_from(
    [
        RunConfig(**SMALL),
        RunConfig(**SMALL, batch=2, shuffle=True, seed=7),
        RunConfig(**SMALL, batch=2, optimizer="momentum", schedule="constant", momentum=0.5),
        RunConfig(**SMALL, batch=2, optimizer="nesterov", schedule="cosine", momentum=0.4),
        RunConfig(**SMALL | {"lr": 1e5}, schedule="constant"),  # diverges
        RunConfig(**SMALL | {"epochs": 60, "lr": 1e6}, batch="full", schedule="constant"),  # diverges late
        RunConfig(**SMALL | {"epochs": 40}, tol=1e-2, schedule="inverse-time", decay_rate=0.1),  # converges
        RunConfig(**SMALL | {"epochs": 30}, batch=3, stop_on="last-update", tol=1e-3, gradient="full"),
        RunConfig(**SMALL | {"samples": 1, "epochs": 2}, stop_on="never", schedule="exponential"),
        RunConfig(),
    ]
)
TIME = ["n", "b", "e", "B", "left_square_bracket", "right_square_bracket", "home", "end", "right", "left"]
OFTEN = [*TIME, "space", "space", "u", "plus", "minus", "v", "r", "c", "k", "t", "g", "l", "p", "i", "x", "h", "z"]
OTHERS = ["1", "2", "3", "4", "5", "o", "y", "question_mark", "f1", "escape", "enter", "s", "up", "down", "pageup"]
IN_FIELDS = ["backspace", "tab", "shift+tab", "full_stop", "comma", "0", "pagedown", "f"]
KEYS = st.sampled_from([*OFTEN, *OFTEN, *OTHERS, *IN_FIELDS])
RATES = ["0.1", "0,5", "1e-2", "11/60", "x", "", "1,000", "0", "-1", "inf", "2", "1e5", " 0.25 ", "1e999"]
POINTS = [
    "0",
    "1",
    "3",
    "8",
    "2:1",
    "0:1",
    "7:4",
    "1:2",
    "0:2",
    "1:3",
    "5:4",
    "99999",
    ":",
    "x",
    "2:",
    "",
    "1:99",
    "-1",
    "Start",
    "30",
    " 4 ",
    "1e1",
]
WITHIN = ["0:4"]  # epochs
TYPED = [
    *(("samples", text) for text in ("4", "7", "1", "0", "2.5", "")),
    *(("batch", text) for text in ("1", "2", "5", "full", "FULL", "9", "half")),
    *(("epochs", text) for text in ("1", "6", "25", "0", "1e1")),
    *(("optimizer", text) for text in ("m", "n", "s", "a")),
    *(("schedule", text) for text in ("c", "e", "i", "h")),
    *(("momentum", text) for text in ("0.5", "1", "0,9")),
    *(("decay_every", text) for text in ("1", "2", "x")),
    *(("tol", text) for text in ("1e-3", "5", "-1")),
    ("shuffle", "y"),
    ("shuffle", "n"),
    ("gradient", "f"),
    ("stop_on", "n"),
]
THEN = st.sampled_from([["enter"], ["enter"], ["enter"], ["enter", "n"], ["escape"], ["tab"], []])
SIZES = st.one_of(
    st.sampled_from(
        [(1, 1), (80, 24), (140, 45), (59, 17), (60, 18), (119, 23), (120, 24), (300, 100), (2, 60), (200, 3)]
    ),
    st.tuples(st.integers(1, 300), st.integers(1, 100)),
)
START = st.sampled_from([st.just((80, 24))] * 4 + [st.just((140, 45)), SIZES]).flatmap(
    lambda chosen: chosen
)  # of the terminal
PART = st.floats(0, 0.999)
AT_ONCE = st.sampled_from([*TIME, "space", "u", "plus", "minus", "v"])
# What makes the layout anew takes ten times as long as a key: it comes less often.
KEY = st.tuples(st.just("key"), KEYS)
MOVES = st.one_of(
    st.tuples(st.just("keys"), st.lists(AT_ONCE, min_size=2, max_size=6)),
    st.tuples(st.just("wait"), st.sampled_from([0.05, 0.1, 0.3, 1.0, 60.0])),
    st.tuples(st.just("goto"), st.sampled_from([*POINTS, *WITHIN, *WITHIN, *WITHIN]), THEN),
    st.tuples(st.just("line"), PART),
    st.tuples(st.just("drag"), PART, PART),
    st.tuples(st.just("wheel"), PART, PART, st.booleans()),
    st.tuples(st.just("click"), PART, PART),
)
TEXTS = st.one_of(
    st.tuples(st.just("rate"), st.sampled_from(RATES), THEN),
    st.builds(lambda typed, then: ("field", *typed, then), st.sampled_from(TYPED), THEN),
    st.tuples(st.just("paste"), st.sampled_from(["0.1\n0.2", "3", "1:1", "nan"])),
)
RUNS = st.one_of(
    st.tuples(st.just("twin"), st.sampled_from("soc")),
    st.tuples(
        st.just("runs"),
        st.lists(st.sampled_from(["up", "down", "x"]), max_size=3),
        st.sampled_from(["enter", "escape"]),
    ),
    st.just(("to_and_fro",)),
    st.just(("another", "c")),
    st.just(("another", "r")),
)
OUTSIDE = st.one_of(
    SIZES.map(lambda size: ("resize", *size)),
    st.tuples(st.just("tab"), st.sampled_from(["tab", "shift+tab"])),
    st.just(("away",)),
    st.tuples(st.just("palette"), st.sampled_from(["", "pre", "xyz"])),
)
COMMANDS = st.sampled_from([KEY] * 6 + [MOVES] * 6 + [RUNS, TEXTS, OUTSIDE]).flatmap(lambda chosen: chosen)


class House:
    """Keeps an app open from one sequence to the next: to open one takes longer than most sequences."""

    def __init__(self):
        self.runner = asyncio.Runner()
        self.driver = None

    def play(self, config, size, commands):
        try:
            self.runner.run(self._play(config, size, commands))
        except BaseException:
            self.close()
            raise

    async def _play(self, config, size, commands):
        if self.driver is None:
            self.driver = Driver(config)
            await self.driver.start()
        await self.driver.begin(config, size)
        self.driver.check()
        for at, command in enumerate(commands):
            try:
                await asyncio.wait_for(self.driver.do(command), 20)
            except BaseException as failure:
                failure.add_note(f"at {command}, command {at} of {commands}; {config}, {size}")
                raise

    def close(self):
        driver, self.driver = self.driver, None
        if driver is not None:
            driver.app._exception = None
            self.runner.run(driver.stop())


@pytest.fixture
def house():
    house = House()
    yield house
    house.close()
    house.runner.close()


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_app_screen_and_w_are_where_the_model_has_them(house, chunk):
    # To shrink a sequence takes minutes and looks as if it hung; the note of the failure tells the whole of it.
    @seed(chunk)
    @settings(
        max_examples=IN_ONE_APP,
        phases=(Phase.explicit, Phase.reuse, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    @given(CONFIGS, START, st.lists(COMMANDS, min_size=5, max_size=10))
    def play(config, size, commands):
        house.play(config, size, commands)

    play()
