"""What somebody types goes on to the names of files and folders, confined where files are."""

import pytest
from homes import confined, live_in
from tables import table

from quadfit_tui.core.files import access
from quadfit_tui.core.files.folders import completion, names_in, sample_files


@pytest.fixture
def home(tmp_path, monkeypatch):
    home, outside = tmp_path / "home", tmp_path / "outside"
    for folder in (home / "data", home / ".hidden", outside / "secret"):
        folder.mkdir(parents=True)
    for name in ("a.txt~", "a.csv", "data/one.csv.gz", "data/two.bin", ".secret.csv", "b\x1b[31m.csv", "Ä b.tsv"):
        (home / name).touch()
    (home / "way").symlink_to(outside)
    monkeypatch.chdir(home)
    monkeypatch.setenv("HOME", str(home))
    return home


@pytest.fixture(name="confined")
def confined_to_home(home, monkeypatch):
    live_in(monkeypatch, home)
    with confined():
        yield


NAMES = {
    "a": "a.csv",  # before a.txt~, which is no file of samples
    "a.c": "a.csv",
    "a.csv": None,
    "a.t": "a.txt~",
    "d": "data/",
    "data/": "data/one.csv.gz",
    "data/t": "data/two.bin",
    "./da": "./data/",
    "~/da": "~/data/",
    "Ä": "Ä b.tsv",
    ".": ".hidden/",
    ".s": ".secret.csv",
    "b": None,  # a terminal would obey it
    "x": None,
    "": None,
    "a\0": None,
    "data/one.csv.gz/": None,
    "no/such/": None,
    "exam": "example:galileo",
    "example:p": "example:pontius",
}


@pytest.mark.parametrize("where", ["home", "confined"])
@table(("typed", "name"), NAMES.items())
def test_completion_of_names(request, where, typed, name):
    request.getfixturevalue(where)
    assert completion(typed) == name


@pytest.mark.parametrize("where", ["home", "confined"])
def test_save_completion_prefers_folders_without_examples(request, where):
    request.getfixturevalue(where)
    for typed, name in {
        "exam": None,
        "./": "./data/",
        "a": "a.csv",
        "data/t": "data/two.bin",
        "~/d": "~/data/",
    }.items():
        assert completion(typed, saves=True) == name


def test_unconfined_completion_goes_anywhere(home):
    assert completion(f"{home}/way/") == f"{home}/way/secret/"
    assert completion("../o") == "../outside/"
    assert "way/" in names_in(".")


@pytest.mark.usefixtures("confined")
def test_confined_lists_nothing_outside(home):
    for typed in (f"{home}/way/", "way/", "../o", "../", "/", "/et", f"{home.parent}/o", "data/../../o"):
        assert completion(typed) is None, typed
    assert completion("w") == "way"  # a link, wherever it leads
    assert completion(f"{home}/d") == f"{home}/data/"


@pytest.mark.usefixtures("confined")
def test_link_swapped_in_is_not_followed(home, monkeypatch):
    (home / "moved").symlink_to(home.parent / "outside")
    monkeypatch.setattr(access, "_allowed_path", lambda path: f"{home}/moved" if "moved" in str(path) else str(path))
    assert names_in("moved") == []


def test_number_of_names_is_capped(tmp_path):
    for number in range(2100):
        (tmp_path / f"{number}.csv").touch()
    assert len(names_in(str(tmp_path))) == 2000


def test_files_that_may_hold_samples_are_listed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    listed = ["a.csv", "b.TSV", "c.dat", "d.log", "e.csv.gz", "f.log.gz"]
    for name in (*listed, "notes.txt", "g.gz", ".h.log", "i.dat~"):
        (tmp_path / name).touch()
    (tmp_path / "j.log").mkdir()
    assert sorted(sample_files()) == listed
    assert completion("d") == "d.log"
    (tmp_path / "data.bin").touch()
    (tmp_path / "data.dat").touch()
    assert completion("dat") == "data.dat"  # before what holds no samples
