"""The search of the manual: sections that have all of the words, with the line to be shown."""

from documents import MANUAL

from quadfit_tui.core.explain.manual import FIRST, find, pages, target_of, title_of
from quadfit_tui.core.text.document import document_lines

LINES = {topic: document_lines(markdown, 78) for topic, markdown in pages().items()}


def test_pages_match_folder_and_order():
    assert {*pages()} == MANUAL.keys() - {"README"}
    assert next(iter(pages())) == FIRST
    assert title_of(pages()[FIRST]) == "How it works"


def test_word_search_ignores_case():
    found = find("MOMENTUM", LINES)
    assert {hit.topic for hit in found} == {topic for topic, text in pages().items() if "momentum" in text.casefold()}
    for hit in found:
        assert "momentum" in hit.text.casefold()
        assert LINES[hit.topic][hit.line].text.strip() == hit.text


def test_all_words_must_match_in_section():
    (found,) = find("velocity rolling retains", LINES)
    assert (found.topic, found.section) == ("how-it-works", "Other ways to use the gradient")
    assert find("velocity rolling nowhere", LINES) == []
    assert find("  ", LINES) == []


def test_heading_matches_come_first():
    found = find("limit", LINES)
    named = ["limit" in hit.section.casefold() for hit in found]
    assert named == sorted(named, reverse=True)
    assert named[0]
    assert not named[-1]


def test_links_resolve_only_within_manual():
    assert target_of("keys", "data.md#what-w-saves") == ("data", "what-w-saves")
    assert target_of("keys", "#moments") == ("keys", "moments")
    for elsewhere in ("../../LICENSE", "https://example.org/keys.md", "README.md", "../keys.md"):
        assert target_of("keys", elsewhere) is None
