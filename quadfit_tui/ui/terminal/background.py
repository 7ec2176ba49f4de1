"""Whether the background of the terminal is light: by the terminal's answer to a question, or by the environment.

The question is xterm's OSC 11 ("Operating System Commands" in its ctlseqs document), which most other terminals know,
too. A terminal with the private mode 2031 (Contour's "Dark and Light Mode detection") reports when it turns dark or
light. Then it is asked again: some report the scheme of the desktop, whatever their own background is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from textual.message import Message

QUESTION = "\x1b]11;?\x1b\\"
# X's way to write a color (XParseColor): 1 to 4 hexadecimal digits for each of red, green and blue, and of opacity.
_ANSWER = re.compile(r"\x1b\]11;(?:rgb:|rgba:|#)?([^\x07\x1b]*)(?:\x07|\x1b\\|\x9c)")
_TURNED = re.compile(r"\x1b\[\?997;\d+n")
_LIGHT = 0.184  # relative luminance (white is 1) above which a color is light: CIE L* = 50


class BackgroundReport(Message):
    """The terminal's answer about its background; `is_light` is None if the color cannot be parsed."""

    def __init__(self, is_light: bool | None) -> None:
        self.is_light = is_light
        super().__init__()


class SchemeReport(Message):
    """The terminal's report that it has turned dark or light."""


def report_of(sequence: str) -> BackgroundReport | SchemeReport | None:
    """Parses a report about the background or the color scheme; returns None if the sequence is neither."""
    if _TURNED.fullmatch(sequence):
        return SchemeReport()
    answer = _ANSWER.fullmatch(sequence)
    return None if answer is None else BackgroundReport(_is_light(answer[1]))


def _is_light(color: str) -> bool | None:
    """Whether a color as in X (`rrrr/gggg/bbbb`) is light; None if it cannot be parsed."""
    channels = color.split("/")
    if not all(re.fullmatch("[0-9A-Fa-f]{1,4}", channel) for channel in channels) or len(channels) not in (3, 4):
        return None
    red, green, blue = (_linear(int(channel, 16) / (16 ** len(channel) - 1)) for channel in channels[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue > _LIGHT  # relative luminance (WCAG 2)


def _linear(channel: float) -> float:
    """Returns the linear intensity of an sRGB channel, both from 0 to 1 (WCAG 2, relative luminance)."""
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def is_light_by(environ: Mapping[str, str]) -> bool:
    """Whether COLORFGBG, as rxvt and konsole set it, names a light background among the first 16 colors."""
    return environ.get("COLORFGBG", "").rpartition(";")[2] in ("7", *map(str, range(9, 16)))
