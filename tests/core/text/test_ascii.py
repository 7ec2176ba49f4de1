"""ASCII: a character for each cell, words for texts."""

from quadfit_tui.core.text.ascii import ascii_character, ascii_of


def test_every_character_has_one_ascii_character():
    for code in [*range(0x20, 0x3000), *range(0x1F300, 0x1F400)]:
        assert len(ascii_character(chr(code))) == 1
        assert ascii_character(chr(code)).isascii()
    assert ascii_character("é") == "e"
    assert ascii_character("⣿") == "*"
    assert ascii_character("文") == "#"


def test_a_text_is_in_words_where_they_say_more():
    assert ascii_of("λ ≤ 2⁴·√σ ± ½, 90°, é → ∞") == "lambda <= 2^4*sqrt sigma +- 1/2, 90 degrees, e -> infinity"
    assert ascii_of("Space: play · n: next · a·x²") == "Space: play - n: next - a*x^2"
    assert ascii_of("│ α") == "| #"  # as a cell has it where there are no words
