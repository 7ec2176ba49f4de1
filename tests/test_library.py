"""What `import quadfit_tui` gives: as the manual shows it, and the numbers of the command line to the last bit."""

import csv
import doctest
import pickle
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from documents import MANUAL

import quadfit_tui
from quadfit_tui import (
    PRESETS,
    ConfigError,
    Interrupted,
    RateMap,
    RunConfig,
    Session,
    TrainedRun,
    diagnose,
    explain,
    library,
    rate_map,
    train,
)
from quadfit_tui.core.model.task import make_task
from quadfit_tui.core.text.numbers import format_vector
from quadfit_tui.library import training
from quadfit_tui.main import main
from quadfit_tui.testing import app_at

FACE = MANUAL["library"].partition("## Tests of the app")[0]


def printed(capsys, *args):
    """What the command line writes."""
    with pytest.raises(SystemExit):
        main(list(args))
    return capsys.readouterr().out


def test_the_manuals_lines_give_what_it_says():
    (block,) = re.findall(r"tests/test_library.py runs the next block -->\n```pycon\n(.+?)```", FACE, re.DOTALL)
    test = doctest.DocTestParser().get_doctest(block, {}, "library", "library.md", 0)
    assert len(test.examples) == 12
    assert doctest.DocTestRunner().run(test).failed == 0


def test_public_names_are_documented():
    assert [name for name in quadfit_tui.__all__ if name in library.__all__] == library.__all__
    for name in quadfit_tui.__all__:
        found = getattr(quadfit_tui, name)
        assert name not in library.__all__ or found is getattr(library, name)
        assert name == "PRESETS" or found.__doc__
        assert f"`{name}" in FACE
    assert set(quadfit_tui.__all__) < set(dir(quadfit_tui))
    with pytest.raises(AttributeError, match="no attribute 'fit'"):
        quadfit_tui.fit  # noqa: B018
    for owner, row in ((Session, "Session"), (TrainedRun, "train"), (RateMap, "rate_map")):
        (names,) = re.findall(rf"^\| `{row}[(`].*?\|(.+)\|$", FACE, re.MULTILINE)
        methods = re.findall(r"`\.?(\w+)\(", names)
        assert len(methods) >= 2
        assert all(getattr(owner, method).__doc__ for method in methods)


def test_own_data_trains_as_documented(capsys):
    said = 'PRESETS["own-data"].replace(data="FILE")'
    assert said in FACE
    assert said in RunConfig.__doc__
    rows = list(csv.DictReader(printed(capsys, "run", "--data", "example:pontius", "--format", "csv").splitlines()))
    run = train(eval(said.replace("FILE", "example:pontius"), {"PRESETS": PRESETS}))
    assert run.w.tolist() == [[float(row[name]) for name in "abc"] for row in rows]
    assert train(RunConfig(data="example:pontius", epochs=2)).status == "diverged"


@pytest.mark.parametrize("preset", ["article", "article-as-printed", "noisy", "momentum", "too-fast"])
def test_run_equals_command_line(capsys, preset):
    rows = list(csv.DictReader(printed(capsys, "run", "--preset", preset, "--format", "csv").splitlines()))
    run = train(PRESETS[preset])
    assert (run.config, run.epoch.dtype) == (PRESETS[preset], np.int64)
    whole = len(rows)  # the epoch in which a run diverged has no row there
    assert run.epoch.tolist()[:whole] == [int(row["epoch"]) for row in rows]
    assert len(run.epoch) == whole + (run.status == "diverged")
    for name, values in {"lr": run.lr, "loss": run.loss, "mean_loss": run.mean_loss}.items():
        assert values.tolist()[:whole] == [float(row[name]) for row in rows]
    assert run.w.tolist()[:whole] == [[float(row[name]) for name in "abc"] for row in rows]
    gradients = [[float(row[f"gradient_{name}"]) for name in "abc"] for row in rows]
    assert run.gradient.tolist()[:whole] == gradients
    ends = {"too-fast": "diverged", "noisy": "finished"}
    assert run.status == ends.get(preset, "converged")
    for array in (run.epoch, run.lr, run.gradient, run.loss, run.mean_loss, run.w, run.optimum):
        assert not array.flags.writeable


def test_scaled_features_are_given_in_x():
    run = train(PRESETS["ill-conditioned-scaled"])
    x = np.linspace(-50, 50, 800, endpoint=False)
    y = 2 * x**2 - 4 * x + 3
    a, b, c = run.w[-1]
    assert run.mean_loss[-1] == pytest.approx(np.mean((a * x**2 + b * x + c - y) ** 2), rel=1e-6)


def test_diverged_epoch_has_a_row():
    run = train(RunConfig(lr=1e6))
    assert (run.status, run.w.shape, run.mean_loss.shape, run.epoch.tolist()) == ("diverged", (1, 3), (1,), [0])
    assert np.isfinite(run.w).all()
    assert run.w[-1].tolist() == run.updates(0).w[-1].tolist()
    at_once = train(RunConfig(init=(1e12, 1e12, 1e12), x_min=1e11, x_max=1e12, optimizer="momentum", lr=1e6, tol=0))
    assert at_once.w[-1].tolist() == at_once.updates(-1).w[-1].tolist()


@pytest.mark.parametrize("preset", ["article", "noisy", "momentum", "ill-conditioned-scaled"])
def test_updates_connect_epochs(preset):
    run = train(PRESETS[preset])
    task, x = make_task(run.config), make_task(run.config).trained.x
    epoch = len(run.epoch) // 2
    updates = run.updates(epoch)
    assert updates.update.tolist() == list(range(1, task.updates_per_epoch + 1))
    assert (updates.gradient.shape, updates.loss.shape) == ((len(updates.update), 3), (len(updates.update),))
    last = (updates.w[-1].tolist(), updates.gradient[-1].tolist(), updates.loss[-1])
    assert last == (run.w[epoch].tolist(), run.gradient[epoch].tolist(), run.loss[epoch])
    if preset == "article":  # by hand: w − lr · r · (x², x, 1)
        w = run.w[epoch - 1]
        for row, (at, y) in enumerate(zip(x, task.problem.y, strict=True)):
            features = np.array([at * at, at, 1])
            w = w - run.lr[epoch] * (features @ w - y) * features
            assert updates.w[row] == pytest.approx(w, rel=1e-9)
    assert run.updates(-1).epoch == len(run.epoch) - 1
    with pytest.raises(IndexError):
        run.updates(len(run.epoch))
    with pytest.raises(ValueError, match="read-only"):
        updates.w[0] = 0


@pytest.mark.parametrize(
    ("config", "verdict", "told"),
    [
        (PRESETS["article"], "optimum", "converged after 25 epochs: "),
        (PRESETS["noisy"], "optimum", "at the optimum: "),
        (PRESETS["article-as-printed"], "far", "stopped after "),
        (PRESETS["too-fast"], "far", "diverged in epoch 6"),
        (PRESETS["full-batch"].replace(tol=1e7), "converged", "converged after 1 epoch"),
    ],
)
def test_run_verdict_and_outcome_text(config, verdict, told):
    run = train(config)
    assert run.verdict == verdict
    assert run.told.startswith(told)
    found = diagnose(config)
    assert (tuple(run.optimum.tolist()), run.least) == (found.optimum, found.least)


@pytest.mark.parametrize(
    ("preset", "lr", "epochs"), [("article", 1.2, 100), ("article", 0.001, 40), ("adam", 0.1, 100)]
)
def test_advice_is_what_the_command_prints(preset, lr, epochs, capsys):
    run = train(PRESETS[preset].replace(lr=lr, epochs=epochs))
    assert "Try --lr " in run.advice
    options = {"--preset": preset, "--lr": lr, "--epochs": epochs}
    with pytest.raises(SystemExit):
        main(["run", "--quiet", *(str(word) for pair in options.items() for word in pair)])
    assert run.advice in " ".join(capsys.readouterr())


def test_nothing_is_advised_for_runs_that_are_well_or_not_at_their_end():
    assert train(RunConfig()).advice == ""
    paused = train(RunConfig(batch=16, lr=1e-4, epochs=100_000), progress=lambda _: True)
    assert (paused.status, paused.advice) == ("paused", "")


def test_what_was_assumed_of_a_file_is_a_warning(tmp_path):
    file = tmp_path / "own.csv"
    file.write_text("x;y\n1,234;5\n2,345;6\n3,456;9\n;4\n")
    config = PRESETS["own-data"].replace(data=str(file))
    for use in (train, diagnose, Session):
        with pytest.warns(UserWarning, match="own.csv") as warned:
            use(config)
        assert [warning.filename for warning in warned] == [__file__] * 2
        comma, missing = (str(warning.message) for warning in warned)
        assert "'1,234' in line 2 is read with a decimal comma, as 1.234" in comma
        assert missing == f"{file}: 1 row is left out, since a value is missing: line 5."


def test_progress_is_told_up_to_the_end():
    seen = []
    run = train(RunConfig(), progress=seen.append)
    assert seen[-1].epoch == len(run.epoch) == 25
    assert seen[-1].w.tolist() == run.w[-1].tolist()
    with pytest.raises(ZeroDivisionError):
        train(RunConfig(), progress=lambda _: 1 / 0)


@pytest.fixture
def short_slices(monkeypatch):
    """Has progress told of after each piece of work, however short."""
    monkeypatch.setattr(training, "_SLICE", 0.0)


@pytest.mark.usefixtures("short_slices")
def test_true_from_progress_stops_training():
    config = PRESETS["adam"]  # whose epochs are done one by one
    whole = train(config)
    run = train(config, progress=lambda snapshot: snapshot.epoch == 7)
    assert (run.status, run.told, len(run.epoch)) == ("paused", "", 7)
    assert run.w.tobytes() == whole.w[:7].tobytes()
    for goes_on in (lambda _: 1, lambda snapshot: snapshot.status.ended):  # which is no True, or comes too late
        assert train(config, progress=goes_on).status == whole.status


@pytest.mark.usefixtures("short_slices")
def test_ctrl_c_gives_the_run_so_far():
    def stop(snapshot):
        if snapshot.epoch == 7:
            raise KeyboardInterrupt

    config = PRESETS["adam"]  # whose epochs are done one by one
    whole = train(config)
    with pytest.raises(KeyboardInterrupt) as caught:
        train(config, progress=stop)
    assert isinstance(caught.value, Interrupted)
    assert str(caught.value) == "interrupted after 7 epochs"
    run = caught.value.run
    assert (run.status, run.told) == ("paused", "")
    assert run.w.tobytes() == whole.w[:7].tobytes()
    assert explain(run, "3:5") == explain(whole, "3:5")
    assert run.updates(6).w[-1].tolist() == run.w[-1].tolist()


def test_immediate_ctrl_c_gives_empty_run(monkeypatch):
    advance = training.RunSession.advance

    def interrupted(session, _):
        advance(session, 0.0)  # amid the first slice, whose epochs nobody has been told of
        raise KeyboardInterrupt

    monkeypatch.setattr(training.RunSession, "advance", interrupted)
    with pytest.raises(Interrupted, match="interrupted after 0 epochs") as caught:
        train(PRESETS["adam"])
    run = caught.value.run
    assert repr(run) == f"<TrainedRun: paused after 0 epochs, w {format_vector(PRESETS['adam'].init)}>"
    assert (run.w.shape, run.gradient.shape, run.lr.shape) == ((0, 3), (0, 3), (0,))


def test_repr_is_short():
    run = train(PRESETS["article"])
    config = RunConfig(lr=0.1, batch="full", data="a.csv")
    assert repr(config) == "RunConfig(data='a.csv', lr=0.1, batch='full')"
    assert (eval(repr(config)), repr(RunConfig())) == (config, "RunConfig()")
    assert repr(run) == "<TrainedRun: converged after 25 epochs, w (2.00183, -4.0025, 3.00068)>"
    assert repr(diagnose(RunConfig(lr=1.2))).startswith("<Diagnosis: limit.rate 1.0")
    assert (
        repr(Session(RunConfig()).go("3:7"))
        == "<Snapshot: paused at 3:7, w (-170.158, -54.5174, 118.298), mean loss 6832>"
    )
    others = (run.samples, run.updates(0), PRESETS, rate_map(PRESETS["momentum"], size=(3, 3)), Session(RunConfig()))
    assert all(len(repr(shown)) < 250 for shown in (*others, diagnose(PRESETS["noisy"])))
    for shown, pictures in ((run, 1), (diagnose(PRESETS["noisy"]), 0)):
        page = ElementTree.fromstring(f"<body>{shown._repr_html_()}</body>")
        assert "optimum" in [cell.text for cell in page.iter("th")]
        drawn = page.findall("{http://www.w3.org/2000/svg}svg")
        assert len(drawn) == pictures
        for picture in drawn:
            assert {"fitted", "true", "samples", "0", "x"} <= set(" ".join(picture.itertext()).split())
    assert "<svg" in train(PRESETS["too-fast"])._repr_html_()  # a parabola beyond the samples, and all numbers
    own = train(RunConfig(scale_features=True), x=[1, 2, 3, 4], y=[5, 5, 5, 5])
    assert "true" not in own._repr_html_()


@pytest.mark.parametrize(
    ("wrong", "kind", "why"),
    [
        (
            lambda: train("article"),
            TypeError,
            r"config must be a RunConfig, such as PRESETS\['article'\], got 'article'",
        ),
        (lambda: train(PRESETS, x=[1], y=[1]), TypeError, "config must be a RunConfig, .*, got <PRESETS: .*"),
        (lambda: diagnose({"lr": 0.1}), TypeError, "config must be a RunConfig, .*, got {'lr': 0.1}"),
        (lambda: rate_map(None), TypeError, "config must be a RunConfig, .*, got None"),
        (lambda: Session("article"), TypeError, "config must be a RunConfig, .*, got 'article'"),
        (lambda: explain(RunConfig(), 3), TypeError, r"run must be a TrainedRun, which train gives, got RunConfig\(\)"),
        (lambda: rate_map(RunConfig(), size=5), ValueError, "size: '5' cannot be used; .*: two whole numbers above 0"),
        (
            lambda: app_at(RunConfig(), size="80x24"),
            ValueError,
            "size: '80x24' cannot be used; .*: two whole numbers .*",
        ),
        (lambda: app_at(RunConfig(), size=(80.0, 24)), ValueError, "size: .* cannot be used; .*: two whole numbers .*"),
        (lambda: rate_map(RunConfig(), size=(0, 9)), ValueError, r"size: '\(0, 9\)' .*"),
        (lambda: rate_map(RunConfig(), size=(9, 2.5)), ValueError, r"size: '\(9, 2.5\)' .*"),
        (lambda: Session(RunConfig()).step("batch"), ValueError, "unit: 'batch' is not .*: one of update, epoch"),
        (lambda: train(RunConfig()).updates(25), IndexError, "epoch must be 0 to 24, of this run, got 25"),
        (lambda: train(RunConfig()).updates(-26), IndexError, "epoch must be 0 to 24, of this run, got -26"),
        (lambda: RunConfig(init=(1, 2)), ConfigError, r"init: '\[1, 2\]' is 2 numbers, not three; .*"),
    ],
)
def test_errors_name_argument_and_value(wrong, kind, why):
    with pytest.raises(kind, match=f"^{why}$"):
        wrong()


def test_presets_cannot_be_changed():
    with pytest.raises(TypeError, match="does not support item assignment"):
        PRESETS["article"] = RunConfig()
    with pytest.raises(KeyError):
        PRESETS["atricle"]
    assert (len(PRESETS), next(iter(PRESETS)), "noisy" in PRESETS) == (13, "article", True)
    assert pickle.loads(pickle.dumps(PRESETS)) is PRESETS


def test_explain_equals_command_line(capsys):
    run = train(PRESETS["noisy"])
    for moment in ("15:3", "0:1", "14"):  # there and back
        said = printed(capsys, "run", "--preset", "noisy", "--explain", moment)
        assert explain(run, moment) + "\n" == said


@pytest.mark.parametrize(
    ("moment", "why"),
    [
        ("start", "'start' is before the first update; allowed: 0 to 99, or 0:1 to 99:800"),
        ("0:801", "'0:801' .*; allowed: 0 to 99, or 0:1 to 99:800"),
        ("60", "'60' is past the end of the run; converged after 25 epochs"),
    ],
)
def test_another_moment_is_refused(moment, why):
    with pytest.raises(ValueError, match=why):
        explain(train(RunConfig()), moment)


def test_an_epoch_may_be_its_number():
    run = train(RunConfig(epochs=5))
    assert explain(run, 3) == explain(run, run.epoch[3]) == explain(run, "3")
    for wrong in (3.0, None, (3, 1)):
        with pytest.raises(TypeError, match="is not a moment; allowed: a text such as '15:3', or a whole number"):
            explain(run, wrong)


def test_full_batch_limit_by_hand():
    # 2 over the largest eigenvalue of the mean of (x², x, 1)ᵀ(x², x, 1), of the convention without the factor 2.
    features = np.vander(np.arange(-400, 400) / 400, 3)
    largest = np.linalg.eigvalsh(features.T @ features / 800)[-1]
    found = diagnose(PRESETS["full-batch"])
    assert found.limit.rate == pytest.approx(2 / largest)
    assert (found.optimum, found.converges) == ((2.0, -4.0, 3.0), False)


def test_untrainable_data_is_refused(tmp_path):
    for refuse in (train, diagnose, rate_map):
        with pytest.raises(ConfigError, match="no-such-file"):
            refuse(RunConfig(data=str(tmp_path / "no-such-file.csv")))


def test_heavy_ball_factors_by_hand():
    config = PRESETS["momentum"].replace(samples=24)
    found = rate_map(config, size=(7, 5))
    rates = len(found.rates)
    assert 4 < rates <= 7
    assert (found.rates.shape, found.levels.shape, found.factors.shape) == ((rates,), (5,), (5, rates))
    assert (found.outcomes.dtype, found.values.dtype, found.rates.dtype) == (np.int8, np.float64, np.float64)
    x = make_task(config).problem.x
    curvature = np.vander(x, 3).T @ np.vander(x, 3) / 24
    for row, mu in enumerate(found.levels):
        for column, rate in enumerate(found.rates):
            update = np.block([[np.eye(3) - rate * curvature, mu * np.eye(3)], [-rate * curvature, mu * np.eye(3)]])
            expected = np.abs(np.linalg.eigvals(update)).max()
            assert found.factors[row, column] == pytest.approx(expected, rel=1e-6)
            assert found.outcomes[row, column] == (1 if expected < 1 else 2)
            tenth = np.log(10) / -np.log(expected) if expected < 1 else np.nan
            assert found.values[row, column] == pytest.approx(tenth, rel=1e-6, nan_ok=True)
    with pytest.raises(ValueError, match="read-only"):
        found.values[0, 0] = 1


def test_meaningless_map_is_refused():
    with pytest.raises(ValueError, match="up: 'momentum' means nothing for this run; allowed: batch, scale_features"):
        rate_map(PRESETS["article"], up="momentum")
    with pytest.raises(ValueError, match="figure: 'settles' means nothing for this run; allowed: speed, ends"):
        rate_map(PRESETS["momentum"], figure="settles")
    with pytest.raises(ValueError, match="try fewer epochs"):
        rate_map(PRESETS["full-batch"].replace(optimizer="adam", epochs=10**9))
    assert rate_map(PRESETS["momentum"], up="batch", size=(3, 9)).up == "batch"
