"""Numbers and signs as they are said aloud."""

import math
import re
from fractions import Fraction

import pytest
from both_languages import speaking
from hypothesis import given
from hypothesis import strategies as st
from tables import table
from trials import trials

from quadfit_tui.core.text.pronunciation import (
    in_sentences,
    in_words,
    shortest_fitting_wording,
    speak_input,
    speak_result,
)

NAMES = {"": 0, "million": 6, "billion": 9, "trillion": 12}
SAID = re.compile(r"(minus )?(\d+(?:\.\d+)?)(?: (million|billion|trillion)| times ten to the (minus )?(\d+))?")


def heard(words):
    """The number that somebody understands, as a fraction."""
    found = SAID.fullmatch(words)
    assert found, words
    minus, digits, name, below, power = found.groups()
    exponent = NAMES[name or ""] + int(power or 0) * (-1 if below else 1)
    return Fraction(digits) * Fraction(10) ** exponent * (-1 if minus else 1)


@table(
    ("value", "words"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (6290.4, "6290"),
        (-1.8333, "minus 1.83"),
        (2, "2.00"),
        (999.6, "1000"),
        (385963.0, "386000"),
        (999_999.0, "1.00 million"),
        (5785217.72, "5.79 million"),
        (12e9, "12.0 billion"),
        (0.00195, "0.00195"),
        (4.054e-06, "4.05 times ten to the minus 6"),
        (-4.69e153, "minus 4.69 times ten to the 153"),
        (math.inf, "infinity"),
        (-math.inf, "minus infinity"),
        (math.nan, "not a number"),
    ],
)
def test_a_number_is_said_with_three_digits(value, words):
    assert speak_result(value) == words


@table(
    ("value", "words"),
    [
        (0.5, "0.5"),
        (2400, "2400"),
        (-2400.0, "minus 2400"),
        (0.0625, "0.0625"),
        (10.0, "10"),
        (1e-05, "1 times ten to the minus 5"),
        (1.5e6, "1.5 million"),
    ],
)
def test_chosen_number_has_no_trailing_zeros(value, words):
    assert speak_input(value) == words


@trials(400)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_spoken_number_keeps_three_digits(value):
    for words in (speak_result(value), speak_input(value)):
        assert words.isascii()
        assert "e" not in re.sub("[a-z]{2,}", "", words)
        number = heard(words)
        assert abs(number - Fraction(value)) <= abs(Fraction(value)) * Fraction(5, 1000)
        assert (number < 0) == (value < 0)


@table(
    ("text", "words"),
    [
        ("w ← w − lr·g", "w becomes w minus lr times g"),
        ("below tol 1e-05.", "below tol 1 times ten to the minus 5."),
        ("1.61e+04 > 1E4, 1.31e+05, 5.93e-04", "16100 > 10000, 131000, 0.000593"),
        ("(-1)² is 1, x³; 10⁻⁵.", "(minus 1) squared is 1, x cubed; 10 to the power of minus 5."),
        ("上限的 49 %，即 3²。", "上限的 49 percent，即 3 squared。"),
        ("a ≤ 3 → 63 %.", "a at most 3 to 63 percent."),
        ("-11/6, −4", "minus 11/6, minus 4"),
        ("a file .md. Or x ² !", "a file .md. Or x squared!"),
        ("Try --lr 0.7, well-known 5-7, quadfit-tui", "Try --lr 0.7, well-known 5-7, quadfit-tui"),
        ("--lr 1e-05 or --b -11/6, not 1e-05", "--lr 1e-05 or --b -11/6, not 1 times ten to the minus 5"),
    ],
)
def test_signs_are_words(text, words):
    assert in_words(text) == words


@trials(100)
@given(st.text(alphabet="ab12-−·².,; ()e+≤√", max_size=40))
def test_words_stay_as_they_are(text):
    once = in_words(text)
    assert in_words(once).split() == once.split() or "-" in once or "e" in text
    assert not set("−·²≤√") & set(once)


def test_line_falls_back_to_shorter_wording():
    assert shortest_fitting_wording("a" * 78, "b") == "a" * 78
    assert shortest_fitting_wording("a" * 79, "b" * 79, "c" * 3, "d") == "ccc"
    assert shortest_fitting_wording("a" * 79, "b" * 80) == "b" * 80


def test_long_lists_split_by_group_then_item():
    loss, w = ["mean loss 5"], ["a 1", "b 2"]
    assert in_sentences("Start: {things}.", loss, w) == ["Start: mean loss 5, a 1, b 2."]
    assert in_sentences("S" * 60 + ": {things}.", loss, w) == ["S" * 60 + ": mean loss 5.", "a 1, b 2."]
    assert in_sentences("", loss, ["a" * 40, "b" * 40]) == ["mean loss 5.", "a" * 40 + ".", "b" * 40 + "."]
    assert in_sentences("Optimum: {things}.", [], w) == ["Optimum: a 1, b 2."]


HAN = "[\u4e00-\u9fff]"
WORTH = {"万亿": 10**12, "亿": 10**8, "万": 10**4}  # the greatest first, as a numeral is read


def heard_in_chinese(words):
    """The number that somebody understands, as a fraction."""
    if words.startswith("负"):
        return -heard_in_chinese(words[1:])
    if words.startswith("百分之"):
        return heard_in_chinese(words[3:]) / 100
    if " 分之 " in words:
        below, above = map(heard_in_chinese, words.split(" 分之 "))
        return above / below
    if " 乘以 10 的" in words:
        number, power = words.removesuffix("次方").split(" 乘以 10 的")
        return heard_in_chinese(number) * Fraction(10) ** int(heard_in_chinese(power))
    for unit, worth in WORTH.items():
        if unit in words:
            many, rest = words.split(unit, 1)
            low = heard_in_chinese(rest.removeprefix("零")) if rest else 0
            assert rest.startswith("零") == (0 < low < worth // 10), words  # 一万三 is 13,000, and 一万零三 is 10,003
            return heard_in_chinese(many) * worth + low
    found = re.fullmatch(r" ?(\d{1,4}(?:\.\d+)?) ?", words)  # of more digits eSpeak's Mandarin says another number
    assert found, words
    return Fraction(found[1])


@pytest.fixture
def _chinese():
    with speaking("zh_CN"):
        yield


@pytest.mark.usefixtures("_chinese")
@trials(400)
@given(st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.floats(-1e16, 1e16)))
def test_chinese_number_keeps_shown_digits(value):
    for words in map(in_words, (speak_result(value), speak_input(value))):
        assert heard_in_chinese(words) == Fraction(f"{value:.2e}")
        assert in_words(words) == words
    for text in (f"{value:.2e}", f"{value:.4g}", f"{value:.10g}"):
        assert heard_in_chinese(in_words(text)) == Fraction(text)
        sentence = in_words(f"平均损失是 {text}，为上限的 {text} %。")
        assert not re.search(f"{HAN} {HAN}", sentence)
        percents = sentence.split("上限的")[1].removesuffix("。")
        assert heard_in_chinese(percents) == Fraction(text) / 100


@pytest.mark.usefixtures("_chinese")
@trials(400)
@given(st.integers(0, 19).flatmap(lambda power: st.integers(0, 10**power)), st.integers(1, 99))
def test_chinese_count_keeps_every_digit(count, below):
    for text in (str(count), format(count, ",")):
        words = in_words(f"{text} 轮后")
        assert heard_in_chinese(words.removesuffix("轮后")) == count
        assert not re.search(f"{HAN} {HAN}|,", words)
    assert heard_in_chinese(in_words(f"-{count}/{below}")) == -Fraction(count, below)


@pytest.mark.usefixtures("_chinese")
@table(
    ("text", "words"),
    [
        ("w ← w − lr·g", "w 更新为 w 减 lr 乘以 g"),
        ("用 --lr 1e-05，±3", "用 --lr 1e-05，正负 3"),
        ("低于 tol 1e-05。", "低于 tol 1 乘以 10 的负 5 次方。"),
        ("10⁻⁵、10⁹，(-1)² 是 1，x³", "10 的负 5 次方、10 的 9 次方，(负 1) 的平方是 1，x 的立方"),
        ("上限的 49 %，约 -5.5%。", "上限的百分之 49，约百分之负 5.5。"),
        ("（−9）到 −x", "（负 9）到负 x"),
        ("上限等于 2 / (1·1.147)，-11/6", "上限等于 2 除以 (1 乘以 1.147)，负 6 分之 11"),
        ("10005 轮，1,234,567 次，1.2e5", "1 万零 5 轮，123 万 4567 次，12 万"),
        ("--epochs 20000，samples-20261129.csv", "--epochs 20000，samples-20261129.csv"),
    ],
)
def test_signs_are_words_in_chinese(text, words):
    assert in_words(text) == words


@pytest.mark.usefixtures("_chinese")
@trials(100)
@given(st.text(alphabet="019.,-−eE%/ 万²·（）负", max_size=40))
def test_any_text_has_words_in_chinese(text):
    assert not {*"−²·%"} & {*in_words(text)}


@pytest.mark.usefixtures("_chinese")
def test_chinese_numeral_of_5000_digits():
    digits = "1" * 5000  # of which Python makes no number
    assert in_words(f"{digits} %") == f"百分之 {digits}"
    assert in_words(f"1e{digits}，{digits}.5") == f"1 乘以 10 的 {digits} 次方，{digits}.5"


@pytest.mark.usefixtures("_chinese")
@table(
    ("value", "words"),
    [
        (9994.9, "9990"),
        (12345.0, "1.23 万"),
        (5785217.72, "579 万"),
        (-1.5e9, "负 15.0 亿"),
        (2e14, "200 万亿"),
        (1e18, "1.00 乘以 10 的 18 次方"),
        (4.054e-06, "4.05 乘以 10 的负 6 次方"),
        (-math.inf, "负无穷大"),
        (math.nan, "不是数字"),
    ],
)
def test_chinese_number_groups_by_ten_thousand(value, words):
    assert in_words(speak_result(value)) == words
