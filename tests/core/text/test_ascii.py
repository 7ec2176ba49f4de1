"""ASCII: a character for each cell, words for texts."""

from unicodedata import east_asian_width

from quadfit_tui.core.text.ascii import ascii_character, ascii_of, narrow_character, narrow_of
from quadfit_tui.core.text.width import cell_width


def test_every_character_has_one_ascii_character():
    for code in [*range(0x20, 0x3000), *range(0x1F300, 0x1F400)]:
        assert len(ascii_character(chr(code))) == 1
        assert ascii_character(chr(code)).isascii()
    assert ascii_character("é") == "e"
    assert ascii_character("⣿") == "*"
    assert ascii_character("文") == "#"


def test_numerals_beyond_one_digit_become_hash():
    assert [ascii_character(char) for char in "②⑫¼Ⅳ₂"] == ["2", "#", "#", "#", "2"]


def test_only_ambiguous_width_characters_are_narrowed():
    for char in map(chr, range(0x20, 0x20000)):
        narrow = narrow_character(char)
        assert east_asian_width(narrow) != "A" or not cell_width(narrow)
        assert narrow == char or (len(narrow) == cell_width(narrow) == 1 and east_asian_width(char) == "A")
    assert [narrow_character(char) for char in ("│", "é", "文", "⣿", "e\u0323", "α\u0301", "")] == [
        *["|", "e", "文", "⣿", "e\u0323", "#", ""]
    ]
    assert [narrow_character(char) for char in "“”‘’—…●"] == [*"\"\"''-⋯▪"]


def test_narrow_superscript_becomes_caret():
    """A superscript narrowed to a plain digit would make 10² read as 102."""
    assert "".join(map(narrow_character, "10² 10³ 10⁴ 10⁻⁵")) == "10^ 10^ 10^ 10⁻⁵"  # two columns would be three


def test_narrow_text_replaces_only_ambiguous_width():
    assert narrow_of("λ ≤ 2⁴·√σ, 90°, é, o\u0323") == "lambda <= 2^4*sqrt sigma, 90 degrees, e, o\u0323"
    assert narrow_of("平均损失 · “慢慢来”——等等……⌊5⁵⌋") == '平均损失 - "慢慢来"--等等......⌊5⁵⌋'


def test_ascii_text_uses_words_for_symbols():
    assert ascii_of("λ ≤ 2⁴·√σ ± ½, 90°, é → ∞") == "lambda <= 2^4*sqrt sigma +- 1/2, 90 degrees, e -> infinity"
    assert ascii_of("Space: play · n: next · a·x²") == "Space: play - n: next - a*x^2"
    assert ascii_of("│ α") == "| #"  # as a cell has it where there are no words
