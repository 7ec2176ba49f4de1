"""The program in English and in Chinese, within the process of a test; the numbers of a text, to compare them."""

import gettext
import re
from collections import Counter
from contextlib import contextmanager

from quadfit_tui.core.text import language

CODES = (language.ENGLISH, "zh_CN")
_MINUS = re.compile(r"(?:minus|负) ?(?=\d)")
_NUMBER = re.compile(r"(?<![A-Za-z_\d.)])[-−]?\d(?:[\d,]*\d)?(?:\.\d+)?(?:[eE][-+]?\d+)?")
# Numbers that are words in English, and digits in Chinese, which has no plural.
_WORDS = {
    "times ten to the": "times 10 to the",
    "million": "times 10 to the 6",
    "billion": "times 10 to the 9",
    "trillion": "times 10 to the 12",
    "the single sample": "the 1 sample",
    "the only epoch": "the 1 epoch",
    "after a rise to": "after 1 rise to",
}


@contextmanager
def speaking(code):
    """In it, texts are in a language, as those of click; afterwards they are English, whatever was chosen meanwhile."""
    domain = gettext.textdomain()
    language.load(code)
    try:
        yield
        assert language.present() == code
    finally:
        gettext.textdomain(domain)
        language.use(None)


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
    return Counter(_NUMBER.findall(_MINUS.sub("-", text)))
