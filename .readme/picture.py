"""Makes the README's picture from the app itself: python .readme/picture.py"""

import asyncio
import re
from pathlib import Path

from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.session.playback import Unit
from quadfit_tui.core.session.session import Session
from quadfit_tui.ui.app import QuadfitApp

PICTURE = Path(__file__).with_name("quadfit-tui.svg")


async def picture() -> str:
    """The app on 140 columns after thirty epochs of a run of full batches, and its twin without halving."""
    app = QuadfitApp(Session(PRESETS["full-batch"]), view="surface", runner=lambda job, done: done(job()))
    async with app.run_test(size=(140, 40)) as pilot:
        for _ in range(30):
            app.action_step(Unit.EPOCH)
        await pilot.press("k", "s", "2")
        await pilot.pause()
        svg = app.export_screenshot(title="quadfit-tui")
    # No fonts from elsewhere, and a name that stays the same from one run to the next.
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    return re.sub(r"terminal-\d+", "terminal", svg)


if __name__ == "__main__":
    PICTURE.write_text(asyncio.run(picture()), encoding="utf-8")
    print(f"wrote {PICTURE}")
