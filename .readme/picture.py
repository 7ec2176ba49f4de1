"""Makes the README's pictures from the app itself, dark and light: python .readme/picture.py"""

import asyncio
import re
from pathlib import Path

from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.session.playback import Unit
from quadfit_tui.core.session.session import Session
from quadfit_tui.ui.app import QuadfitApp
from quadfit_tui.ui.views import VIEWS

FOLDER = Path(__file__).parent
THEMES = {"dark": "textual-dark", "light": "textual-light"}


async def picture(
    preset: str, view: str, size: tuple[int, int], theme: str, keys: str = "", rates: tuple[str, ...] = ()
) -> str:
    """The app as an SVG image after thirty epochs at the preset's rate and at each of `rates`, and some keys."""
    app = QuadfitApp(Session(PRESETS[preset]), view=view, runner=lambda job, done: done(job()))
    async with app.run_test(size=size) as pilot:
        app.theme = theme
        for rate in ("", *rates):
            if rate:
                await pilot.press("l", *map(_key, rate), "enter")
            for _ in range(30):
                app.action_step(Unit.EPOCH)
        await pilot.press(*keys)
        await pilot.pause()
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
        for name, svg in pictures.items():
            path = FOLDER / f"{name}-{suffix}.svg"
            path.write_text(svg, encoding="utf-8")
            print(f"wrote {path}")


if __name__ == "__main__":
    asyncio.run(main())
