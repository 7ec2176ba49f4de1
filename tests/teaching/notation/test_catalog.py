"""Lessons are found: in the package, a folder, a file; in order, and in the user's language."""

import os

import pytest
from tables import table

from quadfit_tui.core.files import access
from quadfit_tui.core.text.sentences import lines_to_hear, sentences
from quadfit_tui.teaching.judging.facts import Facts
from quadfit_tui.teaching.notation.catalog import Catalog, LessonError, current_id, read_file
from quadfit_tui.teaching.notation.headings import packaged_headings, preferred_language
from quadfit_tui.teaching.notation.reading.notation import LARGEST_LESSON

SAY = "## Read {#read .say}\nText."


@pytest.fixture
def put(tmp_path, make_text):
    """Writes a lesson file."""

    def put(path, id, title="Made by a test"):
        file = tmp_path / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(make_text(SAY).replace('"made"', f'"{id}"').replace("Made by a test", title), encoding="utf-8")

    return put


@pytest.fixture
def folder(tmp_path, put):
    put("02-two.md", "two")
    put("01-one.md", "one")
    put("10-ten.md", "ten")
    put("de/01-one.md", "one", "Von einem Test")
    (tmp_path / "README.txt").write_text("no lesson")
    return tmp_path


@pytest.fixture(autouse=True)
def unconfined():
    yield
    access.configure()


def ids(catalog):
    return [lesson.id for lesson in catalog.lessons]


def test_the_package_has_its_lessons_in_order():
    catalog = Catalog.packaged()
    assert len(catalog.lessons) == 10
    assert ids(catalog)[:3] == ["rate", "update", "limit"]
    assert catalog.refused == ()


@table("lesson", Catalog.packaged("en").lessons, ids=lambda lesson: lesson.id)
def test_packaged_sentences_spoken_as_single_lines(lesson):
    facts = Facts(lesson)
    for step in lesson.steps:
        for prose in (
            step.text,
            *step.hints,
            *step.models,
            *(row.feedback for row in (*step.answers, *step.run_feedback)),
        ):
            said = facts.render_prose(prose) if prose else ""
            assert lines_to_hear(said) == sentences(said), step.id


@pytest.mark.parametrize("language", ["en", "zh_CN", "fr"])
def test_packaged_headings_match_lessons(language):
    lessons = Catalog.packaged(language).lessons
    assert packaged_headings(language) == [(each.id, each.title, each.minutes, each.aim) for each in lessons]


def test_folder_ordered_by_file_name(folder):
    catalog = Catalog.of_folder(str(folder))
    assert ids(catalog) == ["one", "two", "ten"]
    assert [lesson.file_name for lesson in catalog.lessons] == ["01-one.md", "02-two.md", "10-ten.md"]


def test_translation_replaces_original(folder):
    catalog = Catalog.of_folder(str(folder), "de")
    assert [lesson.title for lesson in catalog.lessons] == ["Von einem Test", "Made by a test", "Made by a test"]
    assert catalog.lessons[0].file_name == "de/01-one.md"
    (folder / "de/01-one.md").write_text("broken")
    catalog = Catalog.of_folder(str(folder), "de")
    assert [lesson.title for lesson in catalog.lessons] == ["Made by a test"] * 3
    (refused,) = catalog.refused
    assert refused.startswith("de/01-one.md:1: has no front matter; allowed: TOML between two lines +++")


def test_unreadable_lessons_reported_others_kept(folder):
    (folder / "03-broken.md").write_bytes(b"+++\n\xff")
    (folder / "04-twice.md").write_text((folder / "01-one.md").read_text())
    catalog = Catalog.of_folder(str(folder))
    assert ids(catalog) == ["one", "two", "ten"]
    assert catalog.refused == (
        "03-broken.md:2: is not text in UTF-8 but in another encoding; save it as plain text in UTF-8",
        "04-twice.md has the id of 01-one.md, 'one'",
    )


@pytest.mark.parametrize(("name", "id"), [("two", "two"), ("2", "two"), ("02-two", "two"), ("３", "ten")])
def test_lookup_by_id_number_or_name(folder, name, id):
    assert Catalog.of_folder(str(folder)).find(name).id == id


@table(("name", "id"), [
    ("one-update", "update"), ("gradient", "update"), ("stopping", "batches"), ("adam", "scaling"),
    ("01-one-update", "update"), ("03-rate", "rate"),
])  # fmt: skip
def test_earlier_names_open_present_lessons(name, id):
    assert Catalog.packaged().find(name).id == id


def test_lesson_of_a_folder_keeps_an_earlier_id(folder, put):
    put("03-update.md", "update")
    assert Catalog.of_folder(str(folder)).find("gradient").id == "update"
    put("04-gradient.md", "gradient")
    assert Catalog.of_folder(str(folder)).find("gradient").id == "gradient"
    assert current_id("gradient", ["update", "gradient"]) == "gradient"
    with pytest.raises(LessonError, match="'adam' is not a lesson"):
        Catalog.of_folder(str(folder)).find("adam")


def test_unknown_lesson_reported(folder):
    catalog = Catalog.of_folder(str(folder))
    with pytest.raises(
        LessonError, match=r"'tow' is not a lesson \(did you mean 'two'\?\); allowed: 1 to 3, one, two, ten or a file"
    ):
        catalog.find("tow")
    with pytest.raises(LessonError, match=r"'1' is not a lesson; allowed: a file that ends in \.md$"):
        Catalog((), ("01-broken.md:1: has no front matter",)).find("1")
    with pytest.raises(LessonError, match=r"missing.md cannot be read: No such file"):
        catalog.find("missing.md")
    assert catalog.find(str(folder / "02-two.md")).id == "two"


def test_links_pipes_and_large_files_skipped(folder):
    os.symlink(folder / "01-one.md", folder / "05-link.md")
    os.mkfifo(folder / "06-pipe.md")
    (folder / "07-large.md").write_text("x" * (LARGEST_LESSON * 3))
    os.symlink(folder, folder / "loop")
    (folder / "08-folder.md").mkdir()
    catalog = Catalog.of_folder(str(folder))
    assert ids(catalog) == ["one", "two", "ten"]
    assert catalog.refused == (f"07-large.md:1: begins a text of more than {LARGEST_LESSON} bytes",)


def test_a_folder_without_lessons_is_told(tmp_path):
    with pytest.raises(LessonError, match="holds no lesson"):
        Catalog.of_folder(str(tmp_path))
    with pytest.raises(LessonError, match="cannot be read: No such file or directory"):
        Catalog.of_folder(str(tmp_path / "missing"))
    for at in range(201):
        (tmp_path / f"{at}.md").touch()
    with pytest.raises(LessonError, match="has more than 200 files"):
        Catalog.of_folder(str(tmp_path))


def test_confined_reads_folder_and_package_only(folder):
    access.configure(confined=True)
    assert ids(Catalog.of_folder(str(folder))) == ["one", "two", "ten"]
    assert len(Catalog.packaged().lessons) == 10
    with pytest.raises(LessonError, match="outside your home directory"):
        read_file(str(folder / "01-one.md"))


@table(
    ("environment", "language"),
    [
        ({"LANG": "de_DE.UTF-8"}, "de"),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LC_MESSAGES": "fr", "LANG": "de"}, "fr"),
        ({"LANG": "../../etc"}, "en"),
        ({}, "en"),
    ],
)
def test_the_language_is_that_of_the_locale(environment, language):
    assert preferred_language(environment) == language
