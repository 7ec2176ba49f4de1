"""Each text that a user reads of parameters and files is looked up: none is without its mark."""

import re

import pytest
from looked_up import left_over
from pseudo_locale import pseudo_locale

from quadfit_tui.core.config.own_presets import PresetCatalog
from quadfit_tui.core.config.parameters import PARAMETERS, ConfigError, RunConfig
from quadfit_tui.core.config.toml.toml_writer import toml_lines
from quadfit_tui.core.files import access, refusals
from quadfit_tui.core.model.incremental_job import run_job
from quadfit_tui.core.model.samples.reader import samples_in
from quadfit_tui.core.model.samples.sample_text import SampleFileError
from quadfit_tui.core.text.language import _


@pytest.fixture
def _marked():
    with pseudo_locale():
        yield


@pytest.mark.usefixtures("_marked")
def test_parameters_presets_and_refusals_of_values():
    for row in PARAMETERS.values():
        assert left_over(row.label) == []
        assert left_over(row.about, "auto", "utf-", "latin-") == []
    assert [text for text in PresetCatalog().summaries.values() if left_over(text)] == []
    wrong = {"lr": "1,000", "epochs": "1.000", "true": "1 2", "batch": "900", "x_min": "2", "shuffle": "x"}
    wrong |= {"optimizer": "sdg", "columns": "a", "data": "\0", "noise": "a" * 400}
    for name, value in wrong.items():
        with pytest.raises(ConfigError) as refused:
            RunConfig(**{name: value})
        assert left_over(refused.value.problem, "aaa") == []


@pytest.mark.usefixtures("_marked")
def test_settings_file_stays_english():
    assert not re.search("[⟦⟧]", "\n".join(toml_lines(RunConfig(), [], "", "")))


FILES = [
    "1\n2",
    "x,y\n1,2,3\n4,5,6\n",
    "a,b,c\n1,2,3",
    "x,y\n1,foo\n2,bar\n3,baz",
    "x;y\n1,234.5;2\n1,5;3",
    "x;y\n1,234;2\n1,235;3",
    "x,y\n1,\n",
    "x,y\n1,2\n,3\n4,5",
    "x,y\n2024-01-01,1\n2,3",
    "x,y\n2024-01-01,1\n2024-01-02,3",
    "n,x,y\na,1,2\ntotal,3,4",
    "x,y\n1,inf",
    "x,y\n1,1e300",
    "# c\nunit x\nx,y\ns,m\n1,2\n2,3\n3,4",
    "x,y\n1,2 # a\n3,4 # b\n5,6\n7,8",
    "\0\1",
    '{"x": 1}',
    "PK\3\4",
    "x,y\n" + "1," * 2000,
]


@pytest.mark.usefixtures("_marked")
def test_files_of_samples():
    seen = 0
    for file in FILES:
        try:
            told = run_job(samples_in([file.encode()])).notices
        except SampleFileError as refused:
            told = [str(refused)]
        seen += len(told)
        assert [text for text in told if left_over(text, "csv", "samples", "read_json", "pandas", "to_csv")] == []
    assert seen > 15
    with pytest.raises(OSError, match="No such file") as missing:
        access.read("there/is/none", 10)
    assert left_over(refusals.read_error_with_allowed(missing.value, _("a CSV file"), 10)) == []
