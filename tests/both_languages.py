"""The program in English and in Chinese, within the process of a test; the numbers of a text, to compare them."""

import gettext
import re
from collections import Counter
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from quadfit_tui.core.text import language

CODES = (language.ENGLISH, "zh_CN")
_MINUS = re.compile(r"(?:minus|负) ?(?=\d)")
_NUMBER = re.compile(r"(?<![A-Za-z_\d.)])[-−]?\d(?:[\d,]*\d)?(?:\.\d+)?(?:[eE][-+]?\d+)?")
_POWER = re.compile(r" (?:times ten to the|乘以 10 的) ?(minus |负 )?(\d+)(?: 次方)?")
_UNITS = {"trillion": 12, "billion": 9, "million": 6, "万亿": 12, "亿": 8, "万": 4}  # the powers of ten that they are
_IN_PARTS = re.compile(rf"[\d.]+(?: (?:{'|'.join(_UNITS)})零?(?: [\d.]+)?)+")
# Numbers that are words in English, and digits in Chinese, which has no plural.
_WORDS = {
    "the single sample": "the 1 sample",
    "the only epoch": "the 1 epoch",
    "after a rise to": "after 1 rise to",
}
SAMPLES = "x,y\n" + "".join(f"{x},{x * x + x % 2}\n" for x in range(9))


@contextmanager
def speaking(code):
    """In it, texts are in a language, as those of click; afterwards they are English, whatever was chosen meanwhile."""
    domain = gettext.textdomain()
    language.set_language(code)
    try:
        yield
        assert language.current_language() == code
    finally:
        gettext.textdomain(domain)
        language.install_catalog(None)


def in_both(say):
    """What a function returns in English, and what it returns in Chinese."""
    said = []
    for code in CODES:
        with speaking(code):
            said.append(say())
    return said


def numbers(text):
    """The numbers of a text with their signs, as often as each stands there."""
    for word, number in _WORDS.items():
        text = text.replace(word, number)
    text = _POWER.sub(lambda found: f"e{'-' * bool(found[1])}{found[2]}", text)
    text = _IN_PARTS.sub(lambda found: format(_sum_of(found[0]), "f"), text)
    found = _NUMBER.findall(_MINUS.sub("-", text))
    return Counter(Decimal(each.replace(",", "").replace("−", "-")).normalize() for each in found)


def _sum_of(parts):
    """The value of a number that is said in parts, `12 亿零 345`."""
    total = Decimal(0)
    for number, unit in re.findall(rf"([\d.]+)(?: ({'|'.join(_UNITS)}))?", parts):
        total += Decimal(number).scaleb(_UNITS.get(unit, 0))
    return total


@pytest.fixture
def the_same_files(tmp_path, monkeypatch):
    """Does something in each language, in a folder of its own: the same files are made; gives what came of it."""

    def the_same_files(do):
        came, files = [], []
        for code in CODES:
            folder = tmp_path / f"{len([*tmp_path.iterdir()])}"
            folder.mkdir()
            (folder / "data.csv").write_text(SAMPLES)
            monkeypatch.chdir(folder)
            with speaking(code):
                came.append(do(code))
            files.append({str(path): path.read_bytes() for path in Path().rglob("*") if path.is_file()})
        assert files[0] == files[1]
        return came, files[0]

    return the_same_files
