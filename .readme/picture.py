"""Makes the README's pictures from the app itself, dark and light: python .readme/picture.py"""

import asyncio
import re
from pathlib import Path

from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.course.transcript import Transcript
from quadfit_tui.core.lessons.catalog import Catalog
from quadfit_tui.core.session.playback import Unit
from quadfit_tui.core.session.session import Session
from quadfit_tui.ui.app import QuadfitApp
from quadfit_tui.ui.lessons.lesson_commands import Lessons, Library
from quadfit_tui.ui.tasks.diagnosis_worker import Done, Job
from quadfit_tui.ui.views import VIEWS

FOLDER = Path(__file__).parent
THEMES = {"dark": "textual-dark", "light": "textual-light"}


def at_once(job: Job, done: Done) -> None:
    """Does a job where it is asked for."""
    done(job())


async def picture(
    preset: str, view: str, size: tuple[int, int], theme: str, keys: str = "", rates: tuple[str, ...] = ()
) -> str:
    """The app as an SVG image after thirty epochs at the preset's rate and at each of `rates`, and some keys."""
    app = QuadfitApp(Session(PRESETS[preset]), views={view: {}}, runner=at_once)
    async with app.run_test(size=size) as pilot:
        app.theme = theme
        for rate in ("", *rates):
            if rate:
                await pilot.press("l", *map(_key, rate), "enter")
            for _ in range(30):
                app.playback.action_step(Unit.EPOCH)
        await pilot.press(*keys)
        await pilot.pause()
        return image(app)


async def lesson(theme: str) -> str:
    """The app in a lesson, after a prediction and its run."""
    lessons = Catalog.packaged("en").lessons
    first = next(each for each in lessons if each.id == "rate")
    library = Library(lambda: lessons, lambda: Transcript(None), first)
    session = Session(PRESETS["article"])
    app = QuadfitApp(session, runner=at_once, teaching=lambda app: Lessons(app, library, at_once))
    async with app.run_test(size=(100, 30)) as pilot:
        app.theme = theme
        await pilot.pause()
        await pilot.press("enter", "a", *"140", "enter")
        while not session.status.ended:
            await pilot.pause(0.1)
        await pilot.pause(0.5)
        return image(app)


def image(app: QuadfitApp) -> str:
    """What the app shows as an SVG image."""
    svg = app.export_screenshot(title="quadfit-tui")
    # No fonts from elsewhere, and a name that stays the same from one run to the next.
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    return re.sub(r"terminal-\d+", "terminal", svg)


def _key(char: str) -> str:
    return "full_stop" if char == "." else char


async def main() -> None:
    """The picture at the top, of full batches at four learning rates, and one of each view."""
    for suffix, theme in THEMES.items():
        pictures = {
            "quadfit-tui": await picture("full-batch", "surface", (140, 40), theme, "2", ("0.15", "1.75", "1.2"))
        }
        for view in VIEWS:
            pictures[view] = await picture("article", view, (100, 30), theme)
        pictures["lesson"] = await lesson(theme)
        for name, svg in pictures.items():
            path = FOLDER / f"{name}-{suffix}.svg"
            path.write_text(svg, encoding="utf-8")
            print(f"wrote {path}")


if __name__ == "__main__":
    asyncio.run(main())
