"""Pictures as text, escape sequences and SVG: the same cells, whatever is in them."""

from xml.etree import ElementTree

from quadfit_tui.core.export.picture import Ink, InkSpan, Picture, ansi_lines, svg_lines, text_lines

INKS = {
    " ": Ink("#000000"),
    "f": Ink("#c01c45", bold=True),
    "h": Ink("#102030", reverse=True),
    "t": Ink("32"),
    "b": Ink("39", bold=True),
    "g": Ink("#c01c45", ground="#aabbcc"),
    "G": Ink("#000000", bold=True, ground="#aabbcc"),
    "r": Ink("#000000", reverse=True, ground="#aabbcc"),
}


def pictured(*rows):
    return Picture("fit & <3", tuple(tuple(InkSpan(*span) for span in row) for row in rows), INKS, "#ffffff")


def test_text_strips_trailing_blanks():
    assert text_lines(pictured([("a ", "f"), ("  ", " ")], [("   ", " ")], [])) == ["a", "", ""]


def test_ansi_colors_end_on_their_line():
    picture = pictured([("ab", "f"), ("  ", " "), ("c", "t"), ("d", "b"), ("e", "h"), (" ", " ")], [("  ", " ")])
    assert ansi_lines(picture) == [
        "\x1b[1;38;2;192;28;69mab\x1b[0m  \x1b[32mc\x1b[0m\x1b[1;39md\x1b[0m\x1b[7;38;2;16;32;48me\x1b[0m",
        "",
    ]


def test_svg_positions_text_by_cell():
    root = ElementTree.fromstring("\n".join(svg_lines(pictured([("a b  <&", "f"), ("⠤⠤x", "f")], [("  @", "h")]))))
    assert root.attrib["viewBox"] == "0 0 108 58"  # 10 cells of 8.4 and a margin of 12 on each side; 2 rows of 17
    title, paper, group = root
    assert (title.text, paper.attrib["fill"]) == ("fit & <3", "#ffffff")
    assert "monospace" in group.attrib["font-family"]
    pieces = [
        (each.text, each.attrib["x"], each.attrib["y"], each.attrib["textLength"])
        for each in group
        if each.tag.endswith("text")
    ]
    assert pieces == [
        ("a b", "12", "25", "25.2"),
        ("<&", "54", "25", "16.8"),
        ("⠤⠤", "70.8", "25", "16.8"),
        ("x", "87.6", "25", "8.4"),
        ("@", "28.8", "42", "8.4"),
    ]
    stretched = [each.text for each in group if "lengthAdjust" in each.attrib]
    assert stretched == ["⠤⠤"]  # other signs are as wide in any font for terminals
    assert {each.attrib["fill"] for each in group[:4]} == {"#c01c45"}
    assert {each.attrib["font-weight"] for each in group[:4]} == {"bold"}
    marked, at = group[4:]
    assert (marked.attrib["fill"], marked.attrib["width"], at.attrib["fill"]) == ("#102030", "25.2", "#ffffff")


def test_background_covers_trailing_blanks_without_seam():
    picture = pictured([(" a", "f"), ("b ", "g"), ("c", "G"), (" ", " ")], [("d", "f"), ("  ", "g")])
    assert text_lines(picture) == [" ab c", "d"]
    assert ansi_lines(picture) == [
        "\x1b[1;38;2;192;28;69m a\x1b[0m\x1b[38;2;192;28;69;48;2;170;187;204mb \x1b[0m"
        "\x1b[1;38;2;0;0;0;48;2;170;187;204mc\x1b[0m",
        "\x1b[1;38;2;192;28;69md\x1b[0m\x1b[38;2;192;28;69;48;2;170;187;204m  \x1b[0m",
    ]
    _, _, group = ElementTree.fromstring("\n".join(svg_lines(picture)))
    grounds = [each.attrib for each in group if each.tag.endswith("rect")]
    assert [(each["x"], each["y"], each["width"], each["fill"]) for each in grounds] == [
        ("28.8", "12", "25.2", "#aabbcc"),
        ("20.4", "29", "16.8", "#aabbcc"),
    ]
    assert group.attrib["shape-rendering"] == "crispEdges"


def test_svg_half_blocks_are_rectangles():
    picture = pictured([("▀▀", "G"), (" x", "g"), ("▄", "f"), ("▀", "f"), ("▀", "r")])
    _, _, group = ElementTree.fromstring("\n".join(svg_lines(picture)))
    drawn = [
        (float(each.attrib["x"]), float(each.attrib["y"]), float(each.attrib["width"]), float(each.attrib["height"]))
        for each in group
        if each.tag.endswith("rect")
    ]
    fills = [each.attrib["fill"] for each in group if each.tag.endswith("rect")]
    assert [*zip(drawn, fills, strict=True)] == [
        ((12, 12, 16.8, 8.5), "#000000"),
        ((12, 20.5, 16.8, 8.5), "#aabbcc"),
        ((28.8, 12, 16.8, 17), "#aabbcc"),
        ((45.6, 20.5, 8.4, 8.5), "#c01c45"),
        ((54, 12, 8.4, 8.5), "#c01c45"),
        ((62.4, 12, 8.4, 8.5), "#aabbcc"),  # reversed
        ((62.4, 20.5, 8.4, 8.5), "#000000"),
    ]
    assert [each.text for each in group if each.tag.endswith("text")] == ["x"]
    assert text_lines(picture) == ["▀▀ x▄▀▀"]


def test_reversed_text_on_background_swaps_colors():
    _, _, group = ElementTree.fromstring("\n".join(svg_lines(pictured([("@", "r")]))))
    assert [each.attrib["fill"] for each in group] == ["#000000", "#aabbcc"]
    assert ansi_lines(pictured([("@", "r")])) == ["\x1b[7;38;2;0;0;0;48;2;170;187;204m@\x1b[0m"]


def test_control_characters_are_replaced():
    picture = pictured([("a\x1b[2J\x00\udcff\x9b", "f")])
    assert text_lines(picture) == ["a\ufffd[2J" + 3 * "\ufffd"]
    assert ansi_lines(picture) == ["\x1b[1;38;2;192;28;69ma\ufffd[2J" + 3 * "\ufffd" + "\x1b[0m"]
    ElementTree.fromstring("\n".join(svg_lines(picture)))
