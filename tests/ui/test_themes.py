"""The light theme: what is written in it can be read."""

import pytest
from textual.color import Color

from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.session.session import Session
from quadfit_tui.ui.app import QuadfitApp
from quadfit_tui.ui.display.color_palette import FIRST, FIXED, nearest
from quadfit_tui.ui.themes import LIGHT

_BARS = " ▁▂▃▄▅▆▇▔─│╭╮╰╯"  # of scroll bars and borders, and what stands for nothing


def contrast(one, other):
    """WCAG 2.2: relative luminance, and contrast ratio."""

    def luminance(channels):
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in channels)]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, light = sorted(map(luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


def of_256(channels):
    return FIXED[nearest(channels) - FIRST]


async def test_what_is_written_on_a_light_paper_can_be_read():
    app = QuadfitApp(Session(PRESETS["article"], speed=10))
    app.theme = LIGHT.name
    seen = {}
    async with app.run_test(size=(120, 34)) as pilot:
        for keys in ["n", "e", "2", "3", "4", "5", "1", "l", "escape", "space", "space", "i", "escape", "t"]:
            await pilot.press(keys)
            await pilot.pause()
            shown = app.screen._compositor.render_strips() if len(app.screen_stack) == 1 else _page(app)
            for segment in (segment for strip in shown for segment in strip):
                ink, paper = segment.style.color, segment.style.bgcolor
                if segment.text.strip(_BARS) and ink and paper:
                    seen[tuple(ink.get_truecolor()), tuple(paper.get_truecolor())] = segment.text
    assert len(seen) > 15
    poor = {text: pair for pair, text in seen.items() if contrast(*pair) < 3.9}
    assert poor == {}
    assert {text: pair for pair, text in seen.items() if contrast(*map(of_256, pair)) < 3} == {}


def _page(app):
    """The rows of a page, without what lies below it, which is dimmed."""
    return [
        strip for widget in app.screen.query("Static, DataTable") for strip in widget.render_lines(widget.size.region)
    ]


@pytest.mark.parametrize("name", ["accent", "warning", "error", "success", "secondary", "primary"])
def test_the_colors_of_the_light_theme_can_be_read_on_its_panels(name):
    color, panel = (Color.parse(getattr(LIGHT, each)).rgb for each in (name, "panel"))
    assert contrast(color, panel) >= 4.5
