"""Makes the README's pictures from the app itself, dark and light: python .readme/picture.py"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from textual.pilot import Pilot

from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.export.animation import SvgAnimation
from quadfit_tui.core.export.picture import Ink, InkSpan, Picture, svg_lines
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.training.status import Status
from quadfit_tui.ui.app import QuadfitApp
from quadfit_tui.ui.screenshots import screen_picture
from quadfit_tui.ui.tasks.diagnosis_worker import Job, ResultCallback

FOLDER = Path(__file__).parent
THEMES = {"dark": "textual-dark", "light": "textual-light"}
SIZE = 80, 24
SIDE_BY_SIDE = 120, 24  # room for two views
TICK = 0.1  # seconds in which an epoch is played
FPS = 1_000_000  # so that what a key does is never put off to the next frame
VIEWS: dict[str, dict[str, str]] = {"fit": {}, "surface": {}}
MOST_BYTES = 400_000  # of the one that moves
KEY, DOES = Ink("#000000", bold=True, ground="#e0a000"), Ink("#808080")  # can be read on dark and on light


def at_once(job: Job, done: ResultCallback) -> None:
    """Does a job where it is asked for."""
    done(job())


class Recording:
    """What an app shows, as pictures with the seconds for which each one stays; its time passes only in `play`."""

    def __init__(self, pilot: Pilot[None], app: QuadfitApp, clock: list[float]) -> None:
        self._pilot, self._app, self._clock = pilot, app, clock
        self._begins = [0.0]
        self.pictures: list[Picture] = []

    async def press(self, *keys: str) -> None:
        """Types keys, and waits until all is shown that they bring about."""
        await self._pilot.press(*keys)
        for _ in range(100):
            await self._pilot.pause(0.01)
            if self._app.snapshot is self._app.session.snapshot():
                break

    @property
    def picture(self) -> Picture:
        """What is shown now."""
        return screen_picture(self._app)

    def stay(self, seconds: float, key: str, does: str) -> None:
        """Adds what is shown, above the key that led to it and what that does."""
        picture = self.picture
        caption = (InkSpan(" ", "does"), InkSpan(f" {key} ", "key"), InkSpan(f" {does}", "does"))
        inks = {**picture.inks, "key": KEY, "does": DOES}
        self.pictures.append(picture._replace(rows=(*picture.rows, (), caption if key else ()), inks=inks))
        self._begins.append(self._begins[-1] + seconds)

    async def play(self, epochs: int, key: str, does: str) -> None:
        """Adds what is shown while so many epochs are played, or fewer where the run ends."""
        session = self._app.session
        if session.status is not Status.RUNNING:
            await self.press("space")
        for _ in range(epochs):
            self.stay(TICK, key, does)
            before = session.snapshot().position
            self._clock[0] += TICK
            while session.snapshot().position == before and session.status is Status.RUNNING:
                await self._pilot.pause(0.001)
            await self.press()
            if session.status.ended:
                break

    def svg(self, still: int) -> str:
        """All of it as an SVG image, of which a reader who wants no motion sees one picture."""
        animation = SvgAnimation(self._begins, still)
        for picture in self.pictures:
            animation.add_frame(picture)
        return "\n".join([*animation.end(), ""])


@asynccontextmanager
async def opened(theme: str, size: tuple[int, int], preset: str = "playground") -> AsyncIterator[Recording]:
    """The app as it starts."""
    clock = [0.0]
    session = RunSession(PRESETS[preset], clock=lambda: clock[0])
    app = QuadfitApp(session, fps=FPS, runner=at_once, views=VIEWS)
    async with app.run_test(size=size) as pilot:
        app.theme = theme
        recording = Recording(pilot, app, clock)
        await recording.press()
        yield recording


async def moving(theme: str) -> str:
    """Twelve seconds: play, pause, step, arithmetic, too large a learning rate, why, one that works."""
    async with opened(theme, SIDE_BY_SIDE) as app:
        app.stay(1, "", "")
        await app.play(17, "space", "play")
        shown = len(app.pictures) - 1
        await app.press("space")
        app.stay(0.7, "space", "pause")
        await app.press("n")
        app.stay(0.7, "n", "one update")
        await app.press("5")
        app.stay(2, "5", "its arithmetic")
        await app.press("1", "l")
        app.stay(0.4, "l", "another learning rate")
        await app.press("2")
        app.stay(0.4, "2", "a large one")
        await app.press("enter")
        await app.play(7, "Enter", "too large: it diverges")
        await app.press("i")
        app.stay(2, "i", "why, and what works")
        await app.press("enter")
        await app.play(9, "Enter", "the learning rate that works")
        app.stay(1.6, "Enter", "the learning rate that works")
        return app.svg(shown)


async def view(theme: str, *keys: str, preset: str = "playground") -> str:
    """A view after thirty epochs, then some keys."""
    async with opened(theme, SIZE, preset) as app:
        await app.press(*["e"] * 30, *keys)
        return "\n".join([*svg_lines(app.picture), ""])


async def main() -> None:
    """The picture that moves, and one of each of four views."""
    for suffix, theme in THEMES.items():
        pictures = {
            "quadfit-tui": await moving(theme),
            "loss": await view(theme, "l", "0", "full_stop", "4", "enter", *["e"] * 30, "2"),
            "surface": await view(theme, "4"),
            "map": await view(theme, "6", preset="momentum"),
            "update": await view(theme, "5"),
        }
        for name, svg in pictures.items():
            path = FOLDER / f"{name}-{suffix}.svg"
            path.write_text(svg, encoding="utf-8")
            size = path.stat().st_size
            print(f"wrote {path}, {size:,} bytes{' (too many)' if size > MOST_BYTES else ''}")


if __name__ == "__main__":
    asyncio.run(main())
