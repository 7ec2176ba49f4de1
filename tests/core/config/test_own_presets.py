"""Presets of a user's own: files in a folder, each a preset or one line that says why not."""

import os
import pwd
import unicodedata

import pytest

from quadfit_tui.core.config.own_presets import OwnPresetError, PresetCatalog
from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import PRESETS, SUMMARIES
from quadfit_tui.core.files import access
from quadfit_tui.core.session.reproduction import write_config
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.training.position import START


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder of own presets, in a home folder by the password database."""
    home = tmp_path / "anna"
    folder = home / "own/presets"
    folder.mkdir(parents=True)
    entry = pwd.struct_passwd(("anna", "x", os.getuid(), os.getgid(), "", str(home), "/bin/sh"))
    monkeypatch.setattr(pwd, "getpwuid", {os.getuid(): entry}.__getitem__)
    monkeypatch.chdir(home)
    yield folder
    access.configure()


def read(folder):
    presets = PresetCatalog(lambda: str(folder))
    presets.read()
    return presets


def test_file_name_is_preset_name(folder):
    (folder / "slow-1.toml").write_text("\n\n#  Slow and\tsteady\n# more\nlr = 0.1\n")
    (folder / "Mine_2.toml").write_text('data = "a.csv"\nlr = 0.25\n# no summary\n')
    (folder / "notes.txt").write_text("nothing")
    presets = read(folder)
    assert presets.faults == []
    assert [*presets.summaries] == [*PRESETS, "Mine_2", "slow-1"]
    assert presets.summaries["slow-1"] == "Slow and?steady"
    assert presets.summaries["Mine_2"] == "your preset"
    slow, mine = (presets.config_for(name, RunConfig()) for name in ("slow-1", "Mine_2"))
    assert slow == RunConfig(lr=0.1)
    # As a file of --config would be: with own data, and samples found from where it is.
    assert mine == PRESETS["own-data"].replace(lr=0.25, data=str(folder / "a.csv"))
    assert presets.config_for("noisy", slow) == PRESETS["noisy"]
    titles = [presets.nearest(config).title for config in (slow, mine, PRESETS["adam"], RunConfig(lr=0.2))]
    assert titles == ["slow-1", "Mine_2", "adam", "article, lr 0.2"]
    (folder / "slow-1.toml").unlink()
    presets.read()
    assert [*presets.own] == ["Mine_2"]


def test_title_names_the_value_that_differs(folder):
    (folder / "mine.toml").write_text('preset = "momentum"\nlr = 0.3\ninit = [1, 2, 3]\n')
    presets = read(folder)
    mine, playground = presets.own["mine"].config, PRESETS["playground"]
    titles = {
        "adam": PRESETS["adam"],
        "playground, lr 0.4": playground.replace(lr=0.4),
        "playground, init 1, 2, 3": playground.replace(init=(1, 2, 3)),
        "playground, shuffle yes": playground.replace(batch="full", shuffle=True),
        "mine, lr 0.1": mine.replace(lr=0.1),
        "custom": playground.replace(lr=0.4, noise=2),
        "own-data, epochs 7": PRESETS["own-data"].replace(data="heights.csv", epochs=7),
    }
    assert {title: presets.nearest(config).title for title, config in titles.items()} == {
        title: title for title in titles
    }


def test_nearest_preset_differs_in_the_fewest_used_values(folder):
    (folder / "mine.toml").write_text('preset = "momentum"\nlr = 0.3\nepochs = 7\n')
    presets = read(folder)
    mine, playground = presets.own["mine"].config, PRESETS["playground"]
    for run, name, changes in (
        (playground, "playground", ()),
        (playground.replace(lr=0.4, noise=2), "playground", ("noise", "lr")),
        (playground.replace(momentum=0.1, decay_every=3), "playground", ()),  # which it does not use
        (mine.replace(epochs=8), "mine", ("epochs",)),
        (PRESETS["own-data"].replace(data="heights.csv"), "own-data", ()),
    ):
        found = presets.nearest(run)
        assert (found.name, found.changes) == (name, changes)
        assert found.preset == presets.config_for(name, run)


def test_invalid_files_are_reported_and_skipped(folder):
    for name, text in {
        "Article": "",
        "a b": "",
        "-x": "",
        "a\u202eb": "",
        "a\u200cb": "",
        "\x1b[2J": "",
        "ＡＤＡＭ": "",
        "x" * 41: "",
        "custom": "",
        "typo": "# x\n\nlrr = 1\n",
        "low": "epochs = 5\n lr = -1\n",
        "broken": "lr = 0.1\nlr = \n",
        "batch": "batch = 900\n",
        "sha": f'data_sha256 = "{"0" * 64}"\n',
        "long": "#" * 100_001,
    }.items():
        (folder / f"{name}.toml").write_text(text)
    (folder / "binary.toml").write_bytes(b"\xff\xfe")
    os.mkfifo(folder / "pipe.toml")
    writer = os.open(folder / "pipe.toml", os.O_RDWR)
    (folder / "gone.toml").symlink_to("nowhere")
    (folder / "folder.toml").mkdir()
    presets = read(folder)
    os.close(writer)
    assert presets.own == {}
    assert presets.summaries == SUMMARIES
    taken = "the program has a preset of this name; give the file another one"
    allowed = "is not a name of a preset; allowed: up to 40 letters and digits of any script, - and _"
    assert set(presets.faults) == {
        f"presets/Article.toml: {taken}",
        f"presets/custom.toml: {taken}",
        f"presets: 'a b' {allowed}",
        f"presets: '-x' {allowed}",
        f"presets: 'a\\u202eb' {allowed}",  # which would turn the line around
        f"presets: 'a\\u200cb' {allowed}",
        f"presets: '\\x1b[2J' {allowed}",
        f"presets/ＡＤＡＭ.toml: {taken}",  # as which --preset reads it
        f"presets: '{'x' * 41}' {allowed}",
        "presets/typo.toml:3: has an unknown key 'lrr' (did you mean 'lr'?)",
        "presets/low.toml:2: lr = '-1' is too small; allowed: above 0, up to 1e6",
        "presets/broken.toml:2: 'lr =' is not valid TOML: Invalid value",
        "presets/batch.toml:1: batch = '900' exceeds the number of samples; allowed: 1 to 800, or full",
        "presets/sha.toml: has data_sha256 without data; allowed: both or neither",
        "presets/long.toml: it is 100001 bytes long",
        "presets/binary.toml: it is not text in UTF-8",
        "presets/pipe.toml: it cannot be read: it is not a regular file",
        "presets/gone.toml: leads to no file",
    }


def test_one_is_found_without_the_others(folder):
    (folder / "mine.toml").write_text("lr = 0.1\n")
    (folder / "low.toml").write_text("lr = -1\n")
    presets = PresetCatalog(lambda: str(folder))
    assert presets.find("mine").config == RunConfig(lr=0.1)
    for name in ("none", "../mine", "/etc/passwd", "", "mine.toml", "x" * 300):
        assert presets.find(name) is None
    with pytest.raises(OwnPresetError, match=r"presets/low.toml:1: lr = '-1' is too small"):
        presets.find("low")
    assert presets.own_names == ["low", "mine"]
    assert PresetCatalog().find("mine") is None
    assert PresetCatalog(lambda: str(folder / "mine.toml")).find("mine") is None
    assert (read(folder / "none").own, read(folder / "mine.toml").own) == ({}, {})


def test_a_name_may_be_of_any_script(folder):
    names = ["我的预设", "réglage_2", "мой-старт", "मेरा", "设" * 40]
    for name in names:
        (folder / f"{unicodedata.normalize('NFD', name)}.toml").write_text("lr = 0.1\n")  # as some systems write them
    presets = read(folder)
    assert presets.faults == []
    assert sorted(presets.own) == sorted(presets.own_names) == sorted(names)
    for name in names:
        for form in ("NFC", "NFD"):
            assert presets.find(unicodedata.normalize(form, name)).config == RunConfig(lr=0.1)
    for none in ("我", "我 的", "我\u202e", "a/我", "我.toml", "设" * 41, "é" * 100_000):
        assert presets.find(none) is None


def test_link_out_of_home_is_refused(folder):
    outside = folder.parents[2] / "outside"
    outside.mkdir()
    (outside / "mine.toml").write_text("lr = 0.1\n")
    (folder / "link.toml").symlink_to(outside / "mine.toml")
    (folder.parent / "link").symlink_to(outside)
    access.configure(confined=True)
    presets = read(folder)
    assert (presets.own, presets.faults) == (
        {},
        ["presets/link.toml: it cannot be read: it is outside your home directory"],
    )
    elsewhere = read(folder.parent / "link")
    assert (elsewhere.own, elsewhere.faults, elsewhere.own_names) == ({}, [], [])
    with pytest.raises(OwnPresetError, match="it is outside your home directory"):
        elsewhere.find("mine")
    with pytest.raises(OSError, match="outside"):
        presets.make_folder("../new.toml")
    elsewhere.make_folder("new.toml")  # which has nothing to do with that folder


def test_file_count_is_capped(folder):
    for at in range(101):
        (folder / f"p{at:03}.toml").touch()
    presets = read(folder)
    assert (len(presets.own), presets.faults) == (100, ["presets has 101 files; the first 100 are read"])


def test_saved_run_becomes_preset(folder):
    (folder.parents[1] / "own.csv").write_text("0,1\n1,2\n2,5\n")
    folder.rmdir()
    presets = PresetCatalog(lambda: str(folder))
    presets.make_folder("elsewhere.toml")
    assert not folder.exists()
    configs = {"mine": RunConfig(lr=0.1, seed=3), "same": PRESETS["adam"], "data": PRESETS["own-data"]}
    configs["data"] = configs["data"].replace(data="own.csv", lr=0.25)
    for name, config in configs.items():
        path = f"~/../anna/own/presets/{name}.toml" if name == "mine" else str(folder / f"{name}.toml")
        access.configure(confined=True)  # where nobody else could make the folder
        presets.make_folder(path)
        write_config(path, RunSession(config).timeline.task, START)
    presets.read()
    assert presets.faults == []
    assert {name: preset.summary for name, preset in presets.own.items()} == {
        "data": "own-data with file own.csv, lr 0.25",
        "mine": "article with seed 3, lr 0.1",
        "same": "like adam",
    }
    assert presets.own["mine"].config == configs["mine"]
    data = presets.own["data"]
    assert os.path.samefile(data.config.data, "own.csv")
    assert data.sha256 == RunSession(data.config).timeline.task.problem.sha256
