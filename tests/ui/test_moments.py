"""One number for each moment: whatever names a moment of a run names it alike."""

import json
import random
import re
from contextlib import redirect_stdout
from io import StringIO

import numpy as np
import pytest
from app_helpers import burst, message
from trials import AT_LENGTH

from quadfit_tui.core.config.parameters import PARAMETERS, RunConfig
from quadfit_tui.main import main
from quadfit_tui.testing import screen_text
from quadfit_tui.ui.screens.runs import table
from quadfit_tui.ui.views.update import copy
from quadfit_tui.ui.widgets.header import Header
from quadfit_tui.ui.widgets.log import LogLines
from quadfit_tui.ui.widgets.scrubber import Scrubber


def rows_of(app, kind):
    """The rows of a widget as they are on the screen."""
    region = app.query_one(kind).content_region
    return [row[region.x : region.right] for row in screen_text(app).splitlines()[region.y : region.bottom]]


def name_of(updates, per_epoch):
    """The name of the moment after so many updates, by what was done last; in a sentence, too."""
    epoch, update = divmod(updates - 1, per_epoch)
    if not updates:
        return "start", "the start"
    name = str(epoch) if update + 1 == per_epoch else f"{epoch}:{update + 1}"
    return name, f"epoch {name}"


def heading_of(updates, per_epoch):
    """The heading of the update that led there."""
    epoch, update = divmod(updates - 1, per_epoch)
    of_epoch = f"update {update + 1} of {per_epoch}" if per_epoch > 1 else "its only update"
    return f"Epoch {epoch}, {of_epoch} (update {updates} of the run)"


def random_run(rng):
    samples = rng.randint(1, 12)
    return RunConfig(
        samples=samples,
        batch=rng.choice([1, rng.randint(1, samples), "full"]),
        epochs=rng.randint(1, 40),
        optimizer=rng.choice(["sgd", "momentum"]),
        init=(1, 1, 1),
        lr=0.05,
        stop_on="never",
    )


def run(config, *args):
    """The lines that `quadfit-tui run` writes about a configuration."""
    given = {row: row.show(getattr(config, row.name)) for row in PARAMETERS.values()}
    options = [f"{row.option}={text}" for row, text in given.items() if text != row.show(row.default)]
    with redirect_stdout(StringIO()) as out, pytest.raises(SystemExit) as end:
        main(["run", *options, *args])
    assert end.value.code == 0
    return out.getvalue().splitlines()


async def test_every_place_names_a_random_moment_alike(make_app):
    rng = random.Random(15)
    app = make_app(random_run(rng))
    async with app.run_test(size=(140, 45)) as pilot:
        await pilot.press("5")
        for _ in range(4 if AT_LENGTH else 1):
            config = random_run(rng)
            app.session.restart(config)
            app.training.echo()
            per_epoch = app.session.snapshot().updates_per_epoch
            most = config.epochs * per_epoch
            by_file = [json.loads(line) for line in run(config, "--format", "jsonl")]
            within, whole = (rng.randint(1, most) for _ in range(3)), per_epoch * rng.randint(1, config.epochs)
            for updates in (most, 0, *within, whole):
                name, words = name_of(updates, per_epoch)
                burst(app, ["g", *({":": "colon"}.get(key, key) for key in name), "enter"])
                await pilot.pause()
                snapshot = app.snapshot
                assert snapshot.updates == updates

                progress, _ = rows_of(app, Header)
                hint = message(app)
                done = re.search(r" (\d+) of (\d+) epochs(?:  update (\d+) of \d+)? ", progress)
                assert [int(each or 0) for each in done.groups()] == [
                    updates // per_epoch, config.epochs, updates % per_epoch
                ]  # fmt: skip
                newest, _ = name_of(most, per_epoch)
                label = re.search(r" (start|epoch \S+)(?: / (\S+))? *$", rows_of(app, Scrubber)[0])
                marked = [row.split()[0] for row in rows_of(app, LogLines) if row.startswith(">")]
                if updates == most:
                    assert label.groups() == (words.removeprefix("the "), None)
                    rows = [row.split()[0] for row in rows_of(app, LogLines) if row[:-1].strip()]
                    assert (rows[-1], marked) == (name, [])
                else:
                    done = f"{updates // per_epoch} epoch{'s' * (updates // per_epoch != 1)}"
                    when = "the start" if name == "start" else name if updates % per_epoch else done
                    assert f"{when} the mean loss was " in hint
                    assert label.groups() == (words.removeprefix("the "), newest)
                    assert marked == ([] if name == "start" else [f">{name}"]) or marked == [">"], (marked, name)

                assert table(app.session.runs, snapshot.number, 100).rows[-1][-4] == newest
                if name == "start":
                    assert "No update has been made yet" in screen_text(app)
                    continue
                heading = heading_of(updates, per_epoch)
                assert heading in screen_text(app)
                assert run(config, "--explain", name)[0] == heading
                assert f"Copied update {name} to" in copy(snapshot)[1]
                if ":" not in name:
                    assert by_file[int(name)]["epoch"] == int(name)
                    np.testing.assert_allclose(by_file[int(name)]["w"], snapshot.w, rtol=1e-8)
