"""The programs of the manual and the notebook, run as a reader runs them: in a folder of one's own."""

import subprocess
import sys
from importlib.resources import files

import pytest
from documents import PROGRAMS


@pytest.mark.parametrize(("program", "prints"), PROGRAMS, ids=[str(at) for at in range(1, len(PROGRAMS) + 1)])
def test_a_program_prints_what_the_manual_says(tmp_path, program, prints):
    file = tmp_path / "program.py"
    file.write_text(program)
    command = [sys.executable, "-W", "error", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, timeout=120)
    assert (done.stderr, done.stdout) == ("", prints)


def test_there_are_five_programs():
    assert len(PROGRAMS) == 5


def test_notebook_runs_and_shows_output(tmp_path, monkeypatch):
    import nbformat  # here, for whoever runs no such test
    from nbclient import NotebookClient

    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    text = files("quadfit_tui").joinpath("examples/notebook.ipynb").read_text(encoding="utf-8")
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    assert not any(cell.get("outputs") for cell in notebook.cells)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    kinds = [kind for output in shown for kind in output.get("data", {})]
    assert kinds.count("image/png") >= 3  # of the optimizers, of the map, and of the sweep
    pages = [output["data"]["text/html"] for output in shown if "text/html" in output.get("data", {})]
    assert [sum(mark in page for page in pages) for mark in ("<svg", "gradient_a", "<script")] == [2, 1, 1]
    assert any("<th>best</th>" in page for page in pages)
    assert any(output.get("text", "").startswith("learning rate ") for output in shown)
