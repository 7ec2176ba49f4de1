"""Numbers as students type them are read with good will, and what means nothing is refused with the reason."""

import pytest
from both_languages import in_both, speaking
from hypothesis import example, given
from hypothesis import strategies as st
from tables import table

from quadfit_tui.core.text.pronunciation import in_words, speak_result
from quadfit_tui.teaching.judging.typed_numbers import read_typed


@table(
    ("text", "expected"),
    [
        *[("1,234.5", 1234.5), ("1.234,5", 1234.5), ("1 234,5", 1234.5), ("1,234,567", 1234567), ("-14’060", -14060)],
        *[
            ("20 million", 2e7),
            ("1.5 M", 1.5e6),
            ("14K", None),
            ("9 m", None),
            ("3 Billion", 3e9),
            ("2 trillion", 2e12),
        ],
        *[("10^7", 1e7), ("-10^7", -1e7), ("2×10^-7", 2e-7), ("2 x 10**7", 2e7), ("ten to the minus 6", 1e-6)],
        *[("minus 4.05 times ten to the minus 6", -4.05e-6), ("2·10⁷", 2e7), ("10 to the power of 3", 1e3)],
        *[("½", 0.5), ("2½ million", 2.5e6), ("½ %", 0.005), ("33x²", 33), ("５²", 25), ("1/½", 2), ("10⁻⁵", 1e-5)],
        *[("4½", 4.5), ("-1 5/6", -11 / 6), ("0.5*2^-10", 0.5**11), ("-2²", -4), ("3·4·5", 60), ("2*3/4", 1.5)],
        *[("103 percent", 1.03), ("25 %", 0.25), ("18.4°", 18.4), ("33·x²", 33), ("3 x", 3), ("×1.03", 1.03)],
        *[("([−9])", -9), ("0 − 9 = -9", -9), ("lr: 0,5", 0.5), ("about 140 epochs.", 140), ("≈ 140!", 140)],
        *[("Twelve", 12), ("minus nine", -9), ("twenty epochs", 20), ("٣٫٥", 3.5), ("- 9", -9), ("+ 9", None)],
        *[
            ("－９", -9),
            ("１，２", 1.2),
            ("负九", -9),
            ("负 4.05 乘以 10 的负 6 次方", -4.05e-6),
            ("3.5 万", 35000),
            ("2 亿", 2e8),
        ],
        *[
            ("约 140 轮。", 140),
            ("十二", 12),
            ("大约三次", 3),
            ("百分之 25", 0.25),
            ("负百分之 3", -0.03),
            ("残差是 -9", -9),
        ],
        *[
            ("103％", 1.03),
            ("10 的 7 次方", 1e7),
            ("４个样本", 4),
            ("r＝负９", -9),
            ("140 左右", 140),
            ("１８．４度", 18.4),
        ],
    ],
)
def test_many_notations_of_a_number(text, expected):
    if expected is None:
        with pytest.raises(ValueError, match="is not a number"):
            read_typed(text, 9)
    else:
        assert read_typed(text, expected).value == pytest.approx(expected, rel=1e-14)


@table(
    ("text", "value", "expected"),
    [
        *[("1,406", 1406, 1406), ("1,406", 1.4, 1.406), ("1.406", 1400, 1406), ("1.406", 1.4, 1.406)],
        *[("1,406", 136, 1406), ("14.060", 14105, 14060), ("4·5", 4.5, 4.5), ("4·5", 20, 20), ("1,406", 0, 1.406)],
        *[("56%", 56, 56), ("56%", 0.56, 0.56), ("1,406", 1e-310, 1.406), ("1,406", -3, 1.406), ("0.515", 515, 0.515)],
    ],
)
def test_of_two_readings_the_nearer_one_counts(text, value, expected):
    assert read_typed(text, value).value == expected


@table(
    ("text", "reason"),
    [
        *[
            (text, "is not a number")
            for text in ("", "x", "half", "14 0", "0-9", "9-", "1 2 3", "1:2", "1,2,3", "()", "=", "%")
        ],
        *[(text, "is not a number") for text in ("5 hundred", "2^0.5", "0^-1", "1__0", "2^x", "--1", "million", "^2")],
        *[(text, "is not a number") for text in ("②", "²", "⒈", "𝟏", "𝟏 万", "½e3", "2^½", "10²e3", "½⅓", "1₀")],
        *[
            (text, "is not a finite number")
            for text in ("inf", "1e999", "10^999", "9^999", "9e305 million", "9e300*9e300")
        ],
        *[(text, "divides by zero") for text in ("1/0", "2*1/0", "1 1/0")],
    ],
)
def test_meaningless_text_refused_with_reason(text, reason):
    with pytest.raises(ValueError, match=f"^{reason}$"):
        read_typed(text, 1)


@given(st.floats(-1e30, 1e30).filter(lambda value: value == 0 or abs(value) > 1e-30))
def test_what_is_said_aloud_can_be_typed(value):
    for words in [*in_both(lambda: speak_result(value)), *in_both(lambda: in_words(f"{value:.3g}"))]:
        assert read_typed(words, value).value == pytest.approx(value, rel=5.1e-3)


@given(st.integers(0, 10**12 - 1), st.integers(1, 99))
@example(110_000_000, 1)  # 1 亿 1000 万
def test_spoken_chinese_counts_can_be_typed(count, below):
    with speaking("zh_CN"):
        for words in (in_words(f"{count:,}"), in_words(f"{count:,}").replace(" ", "")):
            assert read_typed(words, count).value == count
        assert read_typed(in_words(f"{count % 100}/{below}"), 1.0).value == count % 100 / below


@table(
    ("text", "value"),
    [
        ("两千万", 2e7),
        ("约两千万轮", 2e7),
        ("2 千万", 2e7),
        ("一千九百万", 1.9e7),
        ("一亿零五", 100_000_005),
        ("十二亿三千万", 1.23e9),
        ("负一百零五", -105),
        ("二十三", 23),
        ("零", 0),
        ("两", 2),
        ("5 百", 500),
    ],
)
def test_numerals_of_han_characters(text, value):
    assert read_typed(text, 1).value == value


@table("text", ["一百二", "一二三", "万", "亿五", "十万亿", "百", "千万"])
def test_han_characters_that_are_no_number(text):
    with pytest.raises(ValueError, match=r"^is not a number$"):
        read_typed(text, 1)


@table("text", ["1 万 23456", "万 5", "5 分之", "0 分之 1"])
def test_misordered_chinese_parts_refused(text):
    with pytest.raises(ValueError, match=r"^(is not a number|divides by zero)$"):
        read_typed(text, 1)


@given(st.text(alphabet="0123456789.,·-+ ^*×x/%()=eEkM'°½万亿千零一二两分之负百约第轮次是的十", max_size=30))
def test_any_text_parses_finite_or_fails(text):
    try:
        value = read_typed(text, 3.0).value
    except ValueError as refused:
        assert str(refused) in ("is not a number", "is not a finite number", "divides by zero")  # noqa: PT017
    else:
        assert abs(value) < float("inf")
