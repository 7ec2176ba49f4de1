"""A run written as a TOML file: read back it is the same configuration, and each key says what it is."""

import os

import pytest
from configurations import any_configurations
from hypothesis import given
from trials import trials

from quadfit_tui.core.config.parameters import PARAMETERS, RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.config.toml.toml_file import read_values
from quadfit_tui.core.config.toml.toml_writer import toml_lines
from quadfit_tui.core.files import virtual_files
from quadfit_tui.core.model.task import make_task
from quadfit_tui.core.session.reproduction import NotReproducibleError, write_config
from quadfit_tui.core.training.position import START, Position

FILES = ("own.csv", "/tmp/ä b,c.csv", 'a"b\\c.csv', "'", "#1", "x = 1", "~/own.csv")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.csv").write_text("0,1\n1,2\n2,4\n")
    (tmp_path / "sub").mkdir()
    return tmp_path


@trials(200)
@given(config=any_configurations(FILES))
def test_round_trip_is_exact(tmp_path_factory, config):
    file = tmp_path_factory.getbasetemp() / "run.toml"
    file.write_text("\n".join(toml_lines(config, ["two words"], config.data or "", "0" * 64)), encoding="utf-8")
    read = read_values(str(file))
    assert read.pop("data_sha256", None) == ("0" * 64 if config.data else None)
    if config.data and config.data[0] not in "/~":  # which is named from where the file is
        read["data"] = os.path.relpath(read["data"], file.parent)
    assert {*read} == {*PARAMETERS}
    assert repr(RunConfig(**read)) == repr(config)


def test_keys_are_documented_by_comments():
    lines = toml_lines(PRESETS["article-minibatch"], ["A heading"], "", "")
    assert lines[0] == "# A heading"
    keys = [line.partition(" = ")[0] for line in lines if line and not line.startswith("#")]
    assert keys == [*PARAMETERS]
    own = toml_lines(PRESETS["own-data"], [], "own.csv", "0" * 64)
    assert own[own.index(f'data_sha256 = "{"0" * 64}"') - 1].startswith("# SHA-256 of that file")
    for name, row in PARAMETERS.items():
        at = next(number for number, line in enumerate(lines) if line.startswith(f"{name} = "))
        assert lines[at - 1].startswith(f"# {row.help}")
        assert lines[at - 1].endswith(f"[{row.default_text}]")
    assert {"shuffle = true", 'round_epochs = "off"', 'data = ""', "batch = 16", "lr = 0.5"} <= {*lines}
    assert "# number of samples to generate (a whole number from 1 to 1e6) [800]" in lines
    assert max(map(len, lines)) < 250


@pytest.mark.parametrize("path", ["run.toml", "./run.toml", "sub/run.toml", "~/run.toml"])
def test_data_file_resolves_from_any_location(folder, monkeypatch, path):
    monkeypatch.setenv("HOME", str(folder / "sub"))
    task = make_task(PRESETS["own-data"].replace(data="own.csv"))
    write_config(path, task, Position(12, 40))
    values = read_values(path)
    assert values.pop("data_sha256") == task.problem.sha256
    assert os.path.samefile(values["data"], "own.csv")
    assert (make_task(RunConfig(**values)).problem.y == task.problem.y).all()
    file = folder / "sub/run.toml" if path[0] in "s~" else folder / "run.toml"
    command = f"# quadfit-tui -c {chr(39) + path + chr(39) if path[0] == '~' else path} --at 12:40"
    assert file.read_text().splitlines()[2] == command


def test_overwrite_is_explicit_and_spares_data(folder):
    task = make_task(RunConfig())
    (folder / "run.toml").write_text("precious")
    with pytest.raises(FileExistsError):
        write_config("run.toml", task, START)
    assert (folder / "run.toml").read_text() == "precious"
    write_config("run.toml", task, START, overwrites=True)
    assert RunConfig(**read_values("run.toml")) == RunConfig()
    own = make_task(PRESETS["own-data"].replace(data="own.csv"))
    os.link("own.csv", "same.csv")
    for path in ("own.csv", "same.csv"):
        with pytest.raises(OSError, match="it is the data of this run"):
            write_config(path, own, START, overwrites=True)
    assert (folder / "own.csv").read_text() == "0,1\n1,2\n2,4\n"


def test_config_with_lesson_samples_is_refused(folder):
    virtual_files.register_virtual("lesson:x/ball", b"0,1\n1,2\n2,4\n")
    with pytest.raises(NotReproducibleError, match="part of a lesson"):
        write_config("run.toml", make_task(PRESETS["own-data"].replace(data="lesson:x/ball")), START)
    assert not (folder / "run.toml").exists()
