"""Pictures one after the other: what is seen at each time, in SVG by CSS, is the picture of it."""

import random
import re
from xml.etree import ElementTree

import pytest

from quadfit_tui.core.export.animation import SvgAnimation
from quadfit_tui.core.export.picture import Ink, InkSpan, Picture, svg_lines

INKS = {"a": Ink("#c01c45", bold=True), "b": Ink("#102030"), "g": Ink("#000000", ground="#aabbcc"), "t": Ink("32")}
BEGINS = [0, 0.1, 0.35, 1, 1.1, 4]  # of five pictures; then all ends
NAME = "{http://www.w3.org/2000/svg}"


def pictures(count=5, inks="abg"):
    """Some, of which each differs from the one before in a few places."""
    chance = random.Random(count)
    rows = [[("a c", "a"), ("⠤⠤⠤", "b"), ("   ", "a")] for _ in range(4)]
    for _ in range(count):
        for _ in range(3):
            span = chance.choice(["xyz", "x z", "日z", "⠤⣀⠤", " ⣀x", "   ", "▀▀▄", "x▀ "]), chance.choice(inks)
            chance.choice(rows)[chance.randrange(3)] = span
        yield Picture("moves & <1", tuple(tuple(InkSpan(*span) for span in row) for row in rows), INKS, "#ffffff")


def written(animation, shown):
    for picture in shown:
        animation.add_frame(picture)
    return animation.end()


def marks(elements):
    """What elements draw, in any order but with each ground before the text on it."""
    drawn = [(each.tag.removeprefix(NAME), *sorted(each.attrib.items()), each.text) for each in elements]
    return sorted(drawn, key=lambda each: (each[0] == "text", each[1:-1]))


class Browser:
    """Shows an animated drawing at a time, by the rules of CSS for what it is written in."""

    def __init__(self, lines):
        self.root = ElementTree.fromstring("\n".join(lines))
        (self.groups,) = self.root.findall(f"{NAME}g")
        (style,) = self.root.iter(f"{NAME}style")
        self.shares = {
            name: float(share) / 100
            for name, share in re.findall(
                r"@keyframes (\w+)\{0%\{visibility:visible\}([\d.]+)%\{visibility:hidden\}\}", style.text
            )
        }
        found = re.search(r"prefers-reduced-motion:no-preference\)\{g g\{animation-duration:(\d+)ms;", style.text)
        self.seconds = int(found[1]) / 1000

    def at(self, seconds=None):
        """What is seen; None: in a program without animations."""
        return marks(
            element
            for group in self.groups.findall(f"{NAME}g")
            if self._is_seen(group.attrib, seconds)
            for element in group
        )

    def _is_seen(self, group, seconds):
        if "style" not in group:
            return True
        if seconds is None:
            return group.get("class") != "h"
        name, delay = re.fullmatch(r"animation-name:(\w+);animation-delay:(-\d+)ms", group["style"]).groups()
        share = (seconds - int(delay) / 1000) / self.seconds % 1
        return share < self.shares[name]


@pytest.mark.parametrize("still", [-1, 0, 2])
def test_pictures_loop_in_time_with_still_fallback(still):
    shown = list(pictures())
    browser = Browser(written(SvgAnimation(BEGINS, still), shown))
    expected = [marks(ElementTree.fromstring("\n".join(svg_lines(picture))).findall(f"{NAME}g/*")) for picture in shown]
    for begin, end, picture in zip(BEGINS[:-1], BEGINS[1:], expected, strict=True):
        for seconds in (begin + 0.01, (begin + end) / 2, end - 0.01, begin + 0.01 + 3 * BEGINS[-1]):
            assert browser.at(seconds) == picture, seconds
    assert browser.at() == expected[still]


def test_unchanged_parts_are_written_once():
    first, *_ = shown = list(pictures())
    lines = written(SvgAnimation(BEGINS), shown)
    assert lines[:4] == svg_lines(first)[:4]
    same = written(SvgAnimation(BEGINS), [first] * 5)
    assert sorted(line for line in same if line[1] in "tr") == sorted(
        line for line in svg_lines(first) if line[1] in "tr"
    )
    assert "animation-name" not in "".join(same)


def test_backgrounds_lie_below_all_texts():
    before, after = (
        Picture("", ((InkSpan("stays", "g"), InkSpan(end, ink)),), INKS, "#ffffff")
        for end, ink in (("!", "b"), ("?", "g"))
    )
    browser = Browser(written(SvgAnimation([0, 1, 2]), [before, after]))
    drawn = [each.tag.removeprefix(NAME) for each in browser.groups.findall(f"{NAME}g/*")]
    assert drawn == ["rect", "rect", "text", "text", "text"]
