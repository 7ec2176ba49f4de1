"""The light theme, and what every theme gets: text that can be read on its backgrounds, and the colors of runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from textual.color import Color
from textual.theme import BUILTIN_THEMES

from quadfit_tui.ui.charts.spec import RUN_ROLES, Role

READABLE = 4.5  # to 1: the least contrast of text (WCAG 2.2, success criterion 1.4.3)
# Of Textual's own, the orange and the green are made for a dark background: on the panels of the light theme their
# contrast is 1.3 to 1.
LIGHT = replace(
    BUILTIN_THEMES["textual-light"],
    secondary="#00589c",
    accent="#7a4a00",
    warning="#7a4a00",
    error="#a02045",
    success="#17622e",
    variables={"footer-key-foreground": "#00589c"},
)
# The earlier runs, one color for each (RUN_ROLES in charts/spec.py): the hues of M. Okabe and K. Ito, Color Universal
# Design (2008), but for vermilion, near which the present run is; as light, or as dark, as text must be on the themes'
# backgrounds, and there as far from each other as they can be, also for people who see no red, no green or no blue.
DARK_RUNS = ("#fffd00", "#9accfe", "#02ffaf", "#90b100", "#8795f5", "#f387af")
LIGHT_RUNS = ("#7b5c00", "#0065ac", "#005037", "#2f3500", "#0a327a", "#57183f")
# The variables of the style sheet that have the colors of runs.
COLORS = {Role.FITTED: "chart-error"} | {role: f"run-{at}" for at, role in enumerate(RUN_ROLES, 1)}
_PAPERS = ("background", "surface", "panel")
_TEXTS = ("foreground", "footer-key-foreground", "footer-description-foreground")
_HUES = ("primary", "secondary", "accent", "warning", "error", "success")
_MUTED = 0.6  # of the foreground in what is not so important


def with_readable_text(variables: Mapping[str, str]) -> dict[str, str]:
    """The variables of a theme with those of its texts moved away from its backgrounds, as far as they must be."""
    papers = [Color.parse(variables[name]) for name in _PAPERS]
    ink = readable(Color.parse(variables["foreground"]), papers)
    found = {name: readable(Color.parse(variables[name]), papers).hex for name in _TEXTS}
    found |= {f"chart-{name}": readable(Color.parse(variables[name]), papers[:1]).hex for name in _HUES}
    # Textual's own are pale: here as much of the hue is kept as can be read.
    found |= {f"text-{name}": readable(Color.parse(variables[name]), papers).hex for name in _HUES}
    found["text-muted"] = readable(papers[0].blend(ink, _MUTED), papers).hex
    runs = DARK_RUNS if ink.brightness > papers[0].brightness else LIGHT_RUNS
    for role, run in zip(RUN_ROLES, runs, strict=True):
        found[COLORS[role]] = readable(Color.parse(run), papers[:1]).hex
    return {**variables, **found}


def readable(color: Color, papers: list[Color], least: float = READABLE) -> Color:
    """The color, made as little lighter or darker as gives it enough contrast to the papers; white or black at the end.

    Lighter where the first of them is dark.
    """
    end = Color(255, 255, 255) if papers[0].brightness < 0.5 else Color(0, 0, 0)
    toward = color.lighten if papers[0].brightness < 0.5 else color.darken  # in L*a*b*, where the hue stays
    shades = (color, *(toward(share / 50) for share in range(1, 51)))
    return next((shade for shade in shades if all(contrast(shade, paper) >= least for paper in papers)), end)


def contrast(one: Color, other: Color) -> float:
    """The contrast ratio of WCAG 2.2: from 1 to 21."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: Color) -> float:
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color.normalized)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
