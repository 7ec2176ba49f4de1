"""Lessons that are served, for which two annexes work together: one that there is opens, another is refused."""

import signal

import pytest
from command_line import called, one_line
from test_serve_command import end, start

from quadfit_tui.serve import server
from quadfit_tui.teaching.cli.lesson_template import new_lesson


def test_a_lesson_file_of_ones_own_opens(tmp_path):
    (tmp_path / "ball.md").write_text(new_lesson("ball"))
    server, url = start("--lesson", tmp_path / "ball.md")
    assert url.startswith("http://127.0.0.1:")
    assert end(server, signal.SIGTERM)[0] == 128 + signal.SIGTERM


def test_unknown_lesson_is_refused():
    done = called("serve", "--port", "0", "--lesson", "nothing")
    assert (done.returncode, done.stdout) == (2, "")
    assert "'--lesson': 'nothing' is not a lesson" in one_line(done.stderr)


def test_a_page_of_nobody_records_nothing(monkeypatch, tmp_path):
    made = []

    def served(_start, _most, _idle, command, *_others):
        made.append(command)
        raise KeyboardInterrupt

    monkeypatch.setattr(server, "ServerOptions", served)
    assert called("serve", "--port", "0").returncode == 130
    assert "--no-record" in made[0](str(tmp_path), "en", "")


@pytest.mark.parametrize("most", [1, 2])
def test_too_few_places_for_class_warns(tmp_path, most):
    (tmp_path / "class.csv").write_text("name\nAnna\nBen\n")
    options = ["--names", tmp_path / "class.csv", "--records", tmp_path / "records", "--progress", "none"]
    server, _ = start("--most", str(most), *options)
    code, _, err = end(server, signal.SIGTERM)
    assert code == 128 + signal.SIGTERM
    told = "quadfit-tui: the class has 2 names, but --most is 1; use --most 2 to give everyone a place"
    assert [line for line in err.splitlines() if "refuse root" not in line] == [told] * (most < 2)
