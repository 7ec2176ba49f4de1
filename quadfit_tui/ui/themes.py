"""The two default themes, and the changes to every theme: readable text, and the colors of charts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from textual.color import Color
from textual.theme import BUILTIN_THEMES

from quadfit_tui.core.export.picture import Ink
from quadfit_tui.ui.charts.spec import GROUND_ROLES, RUN_ROLES, Role, letter_of

READABLE = 4.5  # least contrast ratio of text (WCAG 2.2, success criterion 1.4.3)
# Textual's dark theme uses orange in many places; here, only warnings are orange.
DARK = replace(BUILTIN_THEMES["textual-dark"], error="#b35c00", variables={"footer-key-foreground": "#ffd7ff"})
# Textual's light theme is gray. Only dark colors are readable on gray, and those look alike, so this theme is white, as
# projectors are. Textual's orange and green suit a dark background: on light panels their contrast is 1.3 to 1.
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
OF_TERMINAL = ("ansi-dark", "ansi-light")  # the themes with the terminal's own colors
# The style-sheet variables of the things that charts show. Each has one color on dark and one on light backgrounds,
# adjusted to the contrast of text. Colors that are seen together differ as much as possible, also for people who see no
# red, no green or no blue, and with 256 colors: .github/decisions/a-color-has-one-meaning.md. The earlier runs
# (RUN_ROLES in charts/spec.py) have the hues of M. Okabe and K. Ito, Color Universal Design (2008), except vermilion:
# that is too near to the current run's color.
COLORS = {
    Role.TRUE: "true",
    Role.FITTED: "fitted",
    Role.SAMPLES: "samples",
    Role.A: "parameter-a",
    Role.B: "parameter-b",
    Role.C: "parameter-c",
    **{role: f"run-{number}" for number, role in enumerate(RUN_ROLES, 1)},
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
    **{role: f"$run-{number}" for number, role in enumerate(RUN_ROLES, 1)},
    **{role: f"$ground-{number}" for number, role in enumerate(GROUND_ROLES, 1)},
}
DARK_COLORS = (
    *("#00af87", "#ff5976", "#d7d787", "#d75f5f", "#afd75f", "#0087af"),
    *("#fffd00", "#9accfe", "#02ffaf", "#90b100", "#8795f5", "#f387af"),
)
LIGHT_COLORS = (
    *("#005f5f", "#c51e7d", "#875f00", "#d7005f", "#00005f", "#0000ff"),
    *("#a66805", "#0955d6", "#0b7857", "#5f0000", "#0819be", "#6e284d"),
)
# The bands of a ground, from the best to the worst, which is near the background. Lightness changes in one direction,
# and neighbors can be told apart with any color vision, also by the nearest of the 256 colors.
DARK_RAMP = ("#fcf4c4", "#f9d199", "#f5a574", "#ec795f", "#dc4f68", "#c42d7c", "#9c1f8c", "#642289", "#221f5e")
LIGHT_RAMP = ("#0d1060", "#1c2c9c", "#1d62b2", "#0a87b4", "#14aab2", "#56c8ac", "#98dd94", "#cef3a8", "#f6fcd0")
_OF_TERMINAL = ("ansi_cyan", "ansi_red", "ansi_yellow", "ansi_red", "ansi_green", "ansi_blue")  # COLORS before runs
_WRITTEN = ("true", "fitted")  # colors that texts on other backgrounds than the charts' use, too
_BACKGROUNDS = ("background", "surface", "panel")
_HUES = ("primary", "secondary", "accent", "warning", "error", "success")
_TEXTS = ("foreground", "footer-key-foreground", "footer-description-foreground", *_HUES)
_MUTED = 0.6  # share of the foreground in less important text
_BLACK, _WHITE = Color(0, 0, 0), Color(255, 255, 255)
_HALF = 0.5  # brightness below which a color is dark
_STRONG = 0.87  # share of black or white in text on a strong color
_FAINT = 0.45  # share of the foreground in what other things are drawn over
_FIELD = 0.08  # share of the foreground in the background of fields
_MARKED = 0.25  # share of a color in the background of what is chosen or wrong


def with_readable_text(variables: Mapping[str, str]) -> dict[str, str]:
    """Returns a theme's variables with its text colors adjusted to READABLE contrast, and those that the app adds.

    In a theme with the terminal's own colors the text colors stay, since nobody here knows how they look.
    """
    if Color.parse(variables["background"]).ansi is not None:
        return {**variables, **_in_colors_of_terminal(variables)}
    theme = {name: Color.parse(variables[name]) for name in (*_BACKGROUNDS, *_TEXTS)}
    backgrounds = [theme[name] for name in _BACKGROUNDS]
    chosen, wrong = (theme["panel"].blend(theme[name], _MARKED) for name in ("primary", "error"))
    field = theme["surface"].blend(theme["foreground"], _FIELD)
    everywhere = [*backgrounds, chosen, wrong, field]
    result = {name: readable(theme[name], everywhere) for name in _TEXTS}
    result |= {f"text-{name}": result[name] for name in _HUES}  # Textual's own are pale
    text = result["foreground"]
    result["text-muted"] = result["text-disabled"] = readable(backgrounds[0].blend(text, _MUTED), everywhere)
    result |= {"chosen": chosen, "block-cursor-background": chosen, "block-cursor-foreground": text}
    result["boost"] = field  # in most of Textual's themes, fields have no color of their own
    result |= {"wrong": wrong, "input-selection-background": backgrounds[0]}
    result |= {f"scrollbar{state}": result["text-muted"] for state in ("", "-hover", "-active")}
    result |= {f"scrollbar-background{state}": backgrounds[0] for state in ("", "-hover", "-active")}
    result["on-primary"] = result["primary"] + result["primary"].get_contrast_text(_STRONG)
    # Colors only on the charts' background need less change, and what other things are drawn over may be paler.
    result["chart-muted"] = readable(backgrounds[0].blend(text, _FAINT), backgrounds[:1])
    dark = backgrounds[0].brightness < _HALF
    for name, color in _colors(dark).items():
        result[name] = readable(Color.parse(color), backgrounds if name in _WRITTEN else backgrounds[:1])
    return {**variables, **{name: color.hex for name, color in result.items()}, **_ramp(dark)}


def _in_colors_of_terminal(variables: Mapping[str, str]) -> dict[str, str]:
    """Returns the variables that the app adds to a theme with the terminal's own colors."""
    dark = variables.get("ansi-background") == "ansi_black"
    chosen = "ansi_bright_black" if dark else "ansi_white"
    added = {"chart-muted": variables["text-muted"], "chosen": chosen, "wrong": chosen, "on-primary": variables["text"]}
    added |= {"block-cursor-background": chosen, "block-cursor-foreground": variables["foreground"]}
    return added | _colors(dark) | dict(zip(COLORS.values(), _OF_TERMINAL, strict=False)) | _ramp(dark)


def _colors(dark: bool) -> dict[str, str]:
    """Returns the colors of charts by their style-sheet variables."""
    return dict(zip(COLORS.values(), DARK_COLORS if dark else LIGHT_COLORS, strict=True))


def _ramp(dark: bool) -> dict[str, str]:
    """Returns the colors of a ground's bands by their style-sheet variables."""
    ramp = DARK_RAMP if dark else LIGHT_RAMP
    return {f"ground-{number}": color for number, (color, _) in enumerate(zip(ramp, GROUND_ROLES, strict=True), 1)}


def readable(color: Color, backgrounds: Sequence[Color]) -> Color:
    """Returns the color, lightened or darkened just enough for READABLE contrast to all backgrounds.

    It is lightened if the first background is dark. If no shade suffices, it is white or black.
    """
    dark = backgrounds[0].brightness < _HALF
    toward, end = (color.lighten, "#fff") if dark else (color.darken, "#000")  # in L*a*b*, which keeps the hue
    shades = (color, *(toward(share / 30) for share in range(1, 31)))
    return next(
        (shade for shade in shades if min(contrast(shade, background) for background in backgrounds) >= READABLE),
        Color.parse(end),
    )


def ink_upon(ground: Color) -> Color:
    """Returns black or white, whichever has more contrast to a ground: at least 4.58."""
    return max(_BLACK, _WHITE, key=lambda ink: contrast(ink, ground))


def contrast(one: Color, other: Color) -> float:
    """Computes the contrast ratio of two colors (WCAG 2.2): from 1 to 21."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: Color) -> float:
    """Computes the relative luminance of an sRGB color (WCAG 2.2): from 0 to 1."""
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color.normalized)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def theme_variables(name: str) -> dict[str, str]:
    """Returns the style-sheet variables of a theme by its name, without an app."""
    theme = THEMES[name]
    return with_readable_text({**theme.to_color_system().generate(), **theme.variables})


def chart_colors(variables: Mapping[str, str]) -> tuple[dict[str, Ink], str]:
    """Returns the inks of chart cells by their letters (letter_of), and the color of the background."""
    inks = {}
    for role, style in CHART_STYLES.items():
        *marks, name = style.split()
        color = variables[name[1:]].split()[0]  # drops the opacity of "ansi_default 50%"
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
    """Formats a color for Ink: as #rrggbb, or as the SGR parameter of a color of the terminal's own."""
    if color.ansi is None:
        return "#{:02x}{:02x}{:02x}".format(*color.rgb)
    return "39" if color.ansi < 0 else str(color.ansi + (30 if color.ansi < 8 else 82))
