"""The search of the manual: sections that have all of the words, with the line to be shown."""

from documents import MANUAL

from quadfit_tui.core.explain.manual import FIRST, find, pages, target_of, title_of
from quadfit_tui.core.text.document import document_lines

LINES = {topic: document_lines(markdown, 78) for topic, markdown in pages().items()}


def test_the_pages_are_those_of_the_folder_and_how_it_works_is_the_first():
    assert {*pages()} == MANUAL.keys() - {"README"}
    assert next(iter(pages())) == FIRST
    assert title_of(pages()[FIRST]) == "How it works"


def test_a_word_is_found_wherever_it_stands_in_any_case():
    found = find("MOMENTUM", LINES)
    assert {hit.topic for hit in found} == {topic for topic, text in pages().items() if "momentum" in text.casefold()}
    for hit in found:
        assert "momentum" in hit.text.casefold()
        assert LINES[hit.topic][hit.line].text.strip() == hit.text


def test_words_of_a_section_may_stand_in_different_lines_and_none_may_be_missing():
    (found,) = find("velocity rolling retains", LINES)
    assert (found.topic, found.section) == ("how-it-works", "Other ways to use the gradient")
    assert find("velocity rolling nowhere", LINES) == []
    assert find("  ", LINES) == []


def test_sections_with_a_word_in_their_heading_come_first():
    found = find("limit", LINES)
    named = ["limit" in hit.section.casefold() for hit in found]
    assert named == sorted(named, reverse=True)
    assert named[0]
    assert not named[-1]


def test_links_lead_to_pages_and_sections_of_the_manual_and_to_nothing_else():
    assert target_of("keys", "data.md#what-w-saves") == ("data", "what-w-saves")
    assert target_of("keys", "#moments") == ("keys", "moments")
    for elsewhere in ("../../LICENSE", "https://example.org/keys.md", "README.md", "../keys.md"):
        assert target_of("keys", elsewhere) is None
