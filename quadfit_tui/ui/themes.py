"""The two default themes, and what every theme gets: text that can be read, and the colors of what charts show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from textual.color import Color
from textual.theme import BUILTIN_THEMES

from quadfit_tui.core.export.picture import Ink
from quadfit_tui.ui.charts.spec import GROUND_ROLES, RUN_ROLES, Role, letter_of

READABLE = 4.5  # to 1: the least contrast of text (WCAG 2.2, success criterion 1.4.3)
# Of the dark one too much is orange: here that is what warns.
DARK = replace(BUILTIN_THEMES["textual-dark"], error="#b35c00", variables={"footer-key-foreground": "#ffd7ff"})
# Textual's own is gray, on which only dark colors can be read, and those are hard to tell apart: this one is white, as
# projectors are. Its orange and its green are made for a dark background: on light panels their contrast is 1.3 to 1.
LIGHT = replace(
    BUILTIN_THEMES["textual-light"],
    background="#ffffff",
    surface="#f3f4f6",
    panel="#e6eaee",
    foreground="#1f2328",
    primary="#0000d7",
    secondary="#0000d7",
    accent="#870000",
    warning="#870000",
    error="#870000",
    success="#1a7f37",
    variables={"footer-key-foreground": "#5f005f"},
)
THEMES = {theme.name: theme for theme in (*BUILTIN_THEMES.values(), DARK, LIGHT)}
OF_TERMINAL = ("ansi-dark", "ansi-light")  # which have the terminal's own colors
# What charts show, one color for each, on dark and on light backgrounds, where it is made as light or as dark as text
# must be. Those that are seen together are as far from each other as they can be, also for people who see no red, no
# green or no blue, and where there are 256 colors: .github/decisions/a-color-has-one-meaning.md. The earlier runs
# (RUN_ROLES in charts/spec.py) have the hues of M. Okabe and K. Ito, Color Universal Design (2008), but for vermilion,
# near which the present run is.
COLORS = {
    Role.TRUE: "true",
    Role.FITTED: "fitted",
    Role.SAMPLES: "samples",
    Role.A: "parameter-a",
    Role.B: "parameter-b",
    Role.C: "parameter-c",
    **{role: f"run-{at}" for at, role in enumerate(RUN_ROLES, 1)},
}
# The styles of the cells of charts, as in markup.
CHART_STYLES = {
    Role.BLANK: "$foreground",
    Role.AXIS: "$text-muted",
    Role.TRUE: "$true",
    Role.FITTED: "bold $fitted",
    Role.SAMPLES: "$samples",
    Role.BATCH: "$foreground",
    Role.OPTIMUM: "bold $foreground",
    Role.RATE: "$text-muted",
    Role.TOL: "$text-muted",
    Role.CONTOUR: "$chart-muted",
    Role.A: "bold $parameter-a",
    Role.B: "bold $parameter-b",
    Role.C: "bold $parameter-c",
    Role.HERE: "bold reverse $foreground",
    Role.PATH: "bold $fitted",
    Role.AHEAD: "$text-muted",
    Role.DRAWN: "$foreground",
    Role.ARROW: "bold $foreground",
    Role.TEXT: "$foreground",
    Role.TITLE: "bold $foreground",
    Role.RESULT: "bold $foreground",
    Role.SCROLLBAR: "$text-muted",
    **{role: f"$run-{at}" for at, role in enumerate(RUN_ROLES, 1)},
    **{role: f"$ground-{at}" for at, role in enumerate(GROUND_ROLES, 1)},
}
DARK_COLORS = (
    *("#00af87", "#ff5976", "#d7d787", "#d75f5f", "#afd75f", "#0087af"),
    *("#fffd00", "#9accfe", "#02ffaf", "#90b100", "#8795f5", "#f387af"),
)
LIGHT_COLORS = (
    *("#005f5f", "#c51e7d", "#875f00", "#d7005f", "#00005f", "#0000ff"),
    *("#a66805", "#0955d6", "#0b7857", "#5f0000", "#0819be", "#6e284d"),
)
# The bands of a ground, from the best to the worst, which comes near the background. From each to the next lightness
# goes the same way, and neighbors are told apart whatever somebody sees, also by the nearest of the 256 colors.
DARK_RAMP = ("#fcf4c4", "#f9d199", "#f5a574", "#ec795f", "#dc4f68", "#c42d7c", "#9c1f8c", "#642289", "#221f5e")
LIGHT_RAMP = ("#0d1060", "#1c2c9c", "#1d62b2", "#0a87b4", "#14aab2", "#56c8ac", "#98dd94", "#cef3a8", "#f6fcd0")
_OF_TERMINAL = ("ansi_cyan", "ansi_red", "ansi_yellow", "ansi_red", "ansi_green", "ansi_blue")  # those before the runs
_WRITTEN = ("true", "fitted")  # also in texts on other backgrounds than that of charts
_BACKGROUNDS = ("background", "surface", "panel")
_HUES = ("primary", "secondary", "accent", "warning", "error", "success")
_TEXTS = ("foreground", "footer-key-foreground", "footer-description-foreground", *_HUES)
_MUTED = 0.6  # of the foreground in what is not so important
_BLACK, _WHITE = Color(0, 0, 0), Color(255, 255, 255)
_HALF = 0.5  # of brightness: what is below is dark
_STRONG = 0.87  # of black or white in text on a strong color
_FAINT = 0.45  # of it in what others are drawn over
_FIELD = 0.08  # of the foreground in the background of what is typed into
_MARKED = 0.25  # of a color in the background of what is chosen or wrong


def with_readable_text(variables: Mapping[str, str]) -> dict[str, str]:
    """The variables of a theme with those of its texts moved away from its backgrounds, as far as they must be.

    Where it has the terminal's own colors, nobody here knows how they look: its texts stay as they are.
    """
    if Color.parse(variables["background"]).ansi is not None:
        return {**variables, **_in_colors_of_terminal(variables)}
    theme = {name: Color.parse(variables[name]) for name in (*_BACKGROUNDS, *_TEXTS)}
    backgrounds = [theme[name] for name in _BACKGROUNDS]
    chosen, wrong = (theme["panel"].blend(theme[name], _MARKED) for name in ("primary", "error"))
    field = theme["surface"].blend(theme["foreground"], _FIELD)
    everywhere = [*backgrounds, chosen, wrong, field]
    found = {name: readable(theme[name], everywhere) for name in _TEXTS}
    found |= {f"text-{name}": found[name] for name in _HUES}  # Textual's own are pale: here the hue is kept
    text = found["foreground"]
    found["text-muted"] = found["text-disabled"] = readable(backgrounds[0].blend(text, _MUTED), everywhere)
    found |= {"chosen": chosen, "block-cursor-background": chosen, "block-cursor-foreground": text}
    found["boost"] = field  # most themes of Textual have nothing that shows where to type
    found |= {"wrong": wrong, "input-selection-background": backgrounds[0]}
    found |= {f"scrollbar{state}": found["text-muted"] for state in ("", "-hover", "-active")}
    found |= {f"scrollbar-background{state}": backgrounds[0] for state in ("", "-hover", "-active")}
    found["on-primary"] = found["primary"] + found["primary"].get_contrast_text(_STRONG)
    # On the background of the charts alone, more of a hue can be kept, and what others are drawn over can be paler.
    found["chart-muted"] = readable(backgrounds[0].blend(text, _FAINT), backgrounds[:1])
    dark = backgrounds[0].brightness < _HALF
    for name, color in _colors(dark).items():
        found[name] = readable(Color.parse(color), backgrounds if name in _WRITTEN else backgrounds[:1])
    return {**variables, **{name: color.hex for name, color in found.items()}, **_ramp(dark)}


def _in_colors_of_terminal(variables: Mapping[str, str]) -> dict[str, str]:
    """The variables that no theme of Textual has, where this one has the terminal's own colors."""
    dark = variables.get("ansi-background") == "ansi_black"
    chosen = "ansi_bright_black" if dark else "ansi_white"
    found = {"chart-muted": variables["text-muted"], "chosen": chosen, "wrong": chosen, "on-primary": variables["text"]}
    found |= {"block-cursor-background": chosen, "block-cursor-foreground": variables["foreground"]}
    return found | _colors(dark) | dict(zip(COLORS.values(), _OF_TERMINAL, strict=False)) | _ramp(dark)


def _colors(dark: bool) -> dict[str, str]:
    """The colors of what charts show, by the variables of the style sheet."""
    return dict(zip(COLORS.values(), DARK_COLORS if dark else LIGHT_COLORS, strict=True))


def _ramp(dark: bool) -> dict[str, str]:
    """The colors of the bands of a ground, by the variables of the style sheet."""
    ramp = DARK_RAMP if dark else LIGHT_RAMP
    return {f"ground-{at}": color for at, (color, _) in enumerate(zip(ramp, GROUND_ROLES, strict=True), 1)}


def readable(color: Color, backgrounds: Sequence[Color]) -> Color:
    """The color, made only so much lighter or darker as the contrast to backgrounds takes; white or black at the end.

    Lighter where the first of these is dark.
    """
    dark = backgrounds[0].brightness < _HALF
    toward, end = (color.lighten, "#fff") if dark else (color.darken, "#000")  # in L*a*b*, where the hue stays
    shades = (color, *(toward(share / 30) for share in range(1, 31)))
    return next(
        (each for each in shades if min(contrast(each, background) for background in backgrounds) >= READABLE),
        Color.parse(end),
    )


def ink_upon(ground: Color) -> Color:
    """Black or white, whichever can be read better upon a ground: the contrast is 4.58 at least."""
    return max(_BLACK, _WHITE, key=lambda ink: contrast(ink, ground))


def contrast(one: Color, other: Color) -> float:
    """The contrast ratio of WCAG 2.2: from 1 to 21."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: Color) -> float:
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color.normalized)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def theme_variables(name: str) -> dict[str, str]:
    """The variables of the style sheet in a theme, without an app that shows it."""
    theme = THEMES[name]
    return with_readable_text({**theme.to_color_system().generate(), **theme.variables})


def chart_colors(variables: Mapping[str, str]) -> tuple[dict[str, Ink], str]:
    """Returns the inks of cells of charts, by their letters (letter_of), and the background."""
    inks = {}
    for role, style in CHART_STYLES.items():
        *marks, name = style.split()
        color = variables[name[1:]].split()[0]  # "ansi_default 50%" is what a terminal has no half of
        inks[str(role)] = Ink(_written(Color.parse(color)), "bold" in marks, "reverse" in marks)
    for number, role in enumerate(GROUND_ROLES):
        ground = Color.parse(variables[CHART_STYLES[role][1:]])
        for above in set(Role) - {*GROUND_ROLES}:
            upon = inks[above]._replace(color=_written(ink_upon(ground)), ground=_written(ground))
            inks[letter_of(above, number)] = upon
        for above in GROUND_ROLES:
            inks[letter_of(above, number)] = inks[above]._replace(ground=_written(ground))
    return inks, _written(Color.parse(variables["background"]))


def _written(color: Color) -> str:
    """A color as Ink has it."""
    if color.ansi is None:
        return "#{:02x}{:02x}{:02x}".format(*color.rgb)
    return "39" if color.ansi < 0 else str(color.ansi + (30 if color.ansi < 8 else 82))
