"""The page on a phone, in a real browser: its keyboard, fingers that drag, the bar of keys, windows of all heights."""

import asyncio
import re
from itertools import pairwise

import pytest
from browsers import chromium, needs_chromium, served, showing, until
from pages import TOKEN

pytestmark = [pytest.mark.xdist_group("browser"), pytest.mark.timeout(600), needs_chromium]
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
OPENED = {"width": 360, "height": 340}  # what a keyboard leaves
# It has the mouse as the app has it, and tells in hexadecimal what is typed.
TELLING = """
import os, tty
tty.setraw(0)
os.write(1, b"\\x1b[?1000;1003;1006hready")
while True:
    os.write(1, b"<%s>" % os.read(0, 1000).hex().encode())
"""
FIELD = "document.querySelector('.xterm-helper-textarea')"
UNNAMED = {"windowsVirtualKeyCode": 229, "key": "Unidentified"}  # all that a keyboard of a screen tells of a key
ENTER = {"type": "rawKeyDown", "windowsVirtualKeyCode": 13, "key": "Enter"}

TYPED = [  # what is done, as Phone.types has it, and what the program gets
    (["0", ",", "3", "Enter"], "0,3\r"),
    (["0", ",", "3", "3", "<", "5", "\n"], "0,33\x7f5\r"),
    (["<", "<", "7"], "\x7f\x7f7"),  # what stands in a field of the program, the keyboard does not know
    (["~n"], "n"),  # a key of the program, of which the keyboard makes the beginning of a word
    (["~h", "~he", "~hel", "hello", " ", "~y", "~yo", "you"], "hello you"),
    (["~t", "~te", "~teh", "the "], "teh\x7f\x7fhe "),  # corrected
    (["~h", "~hi", "Enter"], "hi\r"),
    (["~n", "~ni", "~nih", "你好", "<"], "nih\x7f\x7f\x7f你好\x7f"),
]


class Phone:
    """Somebody with a phone: types by its keyboard, drags a finger over it."""

    def __init__(self, tab, devtools):
        self.tab, self.page, self._tell = tab, tab.page, devtools.send

    async def types(self, *keys):
        """Text, at once behind its key; `~he`: what is put together so far; `Enter`; `<`: Backspace."""
        for key in keys:
            if key == "Enter":
                await self._tell("Input.dispatchKeyEvent", ENTER)
            elif key == "<":
                await self._key([], commands=["deleteBackward"])
            elif key.startswith("~"):
                ends = len(key) - 1
                said = {"text": key[1:], "selectionStart": ends, "selectionEnd": ends}
                await self._key([self._tell("Input.imeSetComposition", said)])
            else:
                await self._key([self._tell("Input.insertText", {"text": key})])

    async def _key(self, done, **more):
        down = self._tell("Input.dispatchKeyEvent", {"type": "rawKeyDown"} | UNNAMED | more)
        await asyncio.gather(down, *done, self._tell("Input.dispatchKeyEvent", {"type": "keyUp"} | UNNAMED))

    async def drags(self, *places):
        """A finger goes from place to place, in steps as small as a finger's."""
        await self._touch("touchStart", places[0])
        for (x, y), (to_x, to_y) in pairwise(places):
            for part in range(1, 11):
                await self._touch("touchMove", (x + (to_x - x) * part / 10, y + (to_y - y) * part / 10))
        await self._touch("touchEnd")

    async def _touch(self, kind, *places):
        points = [{"x": x, "y": y} for x, y in places]
        await self._tell("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    async def taps(self, button):
        await self.page.tap(f"#keys button:text-is('{button}')")

    async def told(self):
        """What the program was told, in the order of it."""
        shown = re.sub(r"\s", "", await self.tab.screen())
        return b"".join(map(bytes.fromhex, re.findall(r"<([0-9a-f]+)>", shown))).decode()


async def phone(browser, url, **options):
    tab = await browser.tab(url, **PHONE | options)
    return Phone(tab, await tab.context.new_cdp_session(tab.page))


@pytest.fixture(scope="module")
def url():
    with served() as (_, found):
        yield found


async def test_virtual_keyboard_types_once():
    async with showing(TELLING, most=len(TYPED)) as found, chromium() as browser:
        for keys, typed in TYPED:
            held = await phone(browser, f"http://{found.host}/#{TOKEN}")
            await held.tab.sees("ready")
            await held.types(*keys)
            assert await until(held.told, lambda told, typed=typed: len(told) >= len(typed)) == typed


async def test_physical_keyboard_types_once():
    keys = ["x", "Space", "L", "0", ",", "Enter", "Backspace", "Control+p", "ArrowUp", "n", "Escape"]
    typed = "x L0,\r\x7f\x10\x1b[An\x1b"
    async with showing(TELLING) as found, chromium() as browser:
        held = await phone(browser, f"http://{found.host}/#{TOKEN}")
        await held.tab.sees("ready")
        await held.tab.press(*keys)
        assert await until(held.told, lambda told: len(told) >= len(typed)) == typed


async def test_only_button_opens_keyboard(url):
    async with chromium() as browser:
        held = await phone(browser, url)
        await held.tab.sees("READY")

        async def opens():
            return await held.page.evaluate(f"document.activeElement === {FIELD} && {FIELD}.inputMode")

        await held.page.touchscreen.tap(180, 300)
        assert await opens() == "none"
        await held.taps("⌨")
        assert await opens() == "text"
        await held.page.set_viewport_size(OPENED)
        await held.page.touchscreen.tap(180, 100)
        assert await opens() == "text"
        await held.page.set_viewport_size(PHONE["viewport"])  # it was closed by its own key
        await until(opens, lambda mode: mode == "none")


async def test_a_rate_is_set_by_touch_alone(url):
    async with chromium() as browser:
        held = await phone(browser, url)
        await held.tab.sees("READY")
        await held.taps("⌨")
        await held.page.set_viewport_size(OPENED)
        await held.types("l")
        await held.tab.sees("Apply and restart", "lr   ")
        assert await held.tab.size() >= 12
        await held.types("<", "<", "<", "0", ",", "3", "Enter")
        await held.tab.sees("READY", "lr 0.3")
        await held.taps("Play")
        await held.tab.sees("RUNNING")


async def test_key_bar_fits_two_rows_upright_and_one_across(url):
    async with chromium() as browser:
        held = await phone(browser, url)
        await held.tab.sees("READY")
        for button, shown in (("Play", "RUNNING"), ("Play", "PAUSED"), ("Why", "Diagnosis")):
            await held.taps(button)
            await held.tab.sees(shown)
        await held.taps("Close")
        await held.tab.sees("PAUSED", gone=["Diagnosis"])
        for width, height, rows in ((360, 740, 2), (740, 360, 1)):
            await held.page.set_viewport_size({"width": width, "height": height})
            boxes = [await each.bounding_box() for each in await held.page.locator("#keys button:visible").all()]
            assert len(boxes) == 12
            assert min(min(box["width"], box["height"]) for box in boxes) >= 44  # WCAG 2.5.5
            assert max(box["x"] + box["width"] for box in boxes) <= width
            assert len({box["y"] for box in boxes}) == rows


async def test_drag_is_wheel_or_mouse_by_direction():
    async with showing(TELLING) as found, chromium() as browser:
        held = await phone(browser, f"http://{found.host}/#{TOKEN}")
        await held.tab.sees("ready")
        await held.drags((180, 400), (185, 200))
        wheel = await until(held.told, bool)
        assert set(re.findall(r"\x1b\[<(\d+);", wheel)) == {"65"}  # down: the finger pulls up what is below
        await held.drags((40, 400), (140, 430), (150, 600))
        told = await until(held.told, lambda told: told.endswith("m"))
        pressed, *moved, lifted = re.findall(r"\x1b\[<(\d+);(\d+);(\d+)([Mm])", told[len(wheel) :])
        assert (pressed[0], pressed[3], lifted[0], lifted[3]) == ("0", "M", "0", "m")
        assert {each[0] for each in moved} == {"32"}  # with the button down
        assert moved[-1][1:3] == lifted[1:3]


async def test_lifted_tap_sends_no_motion():
    async with showing(TELLING) as found, chromium() as browser:
        held = await phone(browser, f"http://{found.host}/#{TOKEN}")
        await held.tab.sees("ready")
        await held.page.touchscreen.tap(100, 300)
        told = await until(held.told, lambda told: told.endswith("m"))
        assert re.findall(r"\x1b\[<(\d+);", told) == ["0", "0"]  # pressed and lifted, nowhere else


async def test_taps_beside_the_cursor_are_where_the_finger_is():
    there = TELLING.replace("1006hready", "1006h\\x1b[20;8Hready\\x1b[5D")  # the cursor stands below the r
    async with showing(there) as found, chromium() as browser:
        held = await phone(browser, f"http://{found.host}/#{TOKEN}", device_scale_factor=2)
        await held.tab.sees("ready")
        rows = await held.page.locator(".xterm-rows > div").all()
        box, width = await rows[19].bounding_box(), await held.page.evaluate(f"{FIELD}.getBoundingClientRect().width")
        for row in (19, 20, 21):
            for column in (7, 8, 9, 10):
                before = await held.told()
                y = box["y"] + (row - 20 + 0.5) * box["height"]
                await held.page.touchscreen.tap(box["x"] + (column - 0.5) * width, y)
                told = await until(held.told, lambda told, before=before: told[len(before) :].endswith("m"))
                assert {*re.findall(r"<0;(\d+;\d+)", told[len(before) :])} == {f"{column};{row}"}


async def test_page_height_excludes_keyboard(url):
    lower = "Object.defineProperty(visualViewport, 'height', {value: 400})"
    covers = f"{lower}; visualViewport.dispatchEvent(new Event('resize'))"
    async with chromium() as browser:
        held = await phone(browser, url)
        await held.tab.sees("READY")
        await held.page.evaluate(covers)  # as iOS has it: the window stays as it is
        await until(held.tab.size, lambda rows: rows <= 20)
        assert await held.page.evaluate("document.getElementById('keys').getBoundingClientRect().bottom") == 400


async def test_rotation_during_playback_fits_rows(url):
    async with chromium() as browser:
        held = await phone(browser, url)
        await held.tab.sees("READY")
        await held.taps("Play")
        for width, height in ((740, 360), (360, 740), (740, 190), (360, 740)):
            await held.page.set_viewport_size({"width": width, "height": height})
            await until(held.tab.size, lambda rows, height=height: height // 22 <= rows <= height // 17)
            await held.tab.sees("RUNNING")
