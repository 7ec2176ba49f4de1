"""Runs of every kind and their timelines, short enough that tests visit each update."""

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.model.task import make_task
from quadfit_tui.core.training.timeline import Timeline

SMALL = RunConfig(samples=7, epochs=30, stop_on="never", decay_every=4)
RUNS = {
    "per sample": SMALL,
    "in batches, shuffled": SMALL.replace(samples=9, batch=2, shuffle=True, seed=4),
    "full batch, Nesterov": SMALL.replace(batch="full", optimizer="nesterov", epochs=60, schedule="cosine"),
    "heavy ball, in batches": SMALL.replace(samples=11, batch=3, optimizer="momentum", lr=0.1, schedule="constant"),
    "full batch, shuffled": SMALL.replace(batch="full", shuffle=True, epochs=60, noise=0.5),
    "adam, shuffled": SMALL.replace(samples=9, batch=2, shuffle=True, optimizer="adam", lr=10.0, epochs=17),
    "rounded": SMALL.replace(round_epochs=3, epochs=12, schedule="constant"),
    "converges": SMALL.replace(init=(2, -4, 8), lr=0.4, stop_on="dataset", tol=1e-3, schedule="constant"),
    "converges by its last update": SMALL.replace(lr=0.2, stop_on="last-update", tol=1.0, shuffle=True),
    "diverges": SMALL.replace(samples=4, lr=4.0, schedule="constant", epochs=10**9),
    "diverges in an order of its own": SMALL.replace(samples=5, batch=2, lr=1e6, gradient="full", shuffle=True),
    "diverges where no update looks": SMALL.replace(
        samples=5, batch=2, x_min=0, x_max=1000, lr=1e-4, schedule="constant", epochs=10**9
    ),
    "diverges in a full batch": SMALL.replace(batch="full", lr=3.5, schedule="constant", epochs=10**9),
    "comes near before its spans": SMALL.replace(
        samples=4, true=(1e12, -1e12, 1e12), init=(1, 1, 1), lr=3e-8, schedule="constant", epochs=60
    ),
    "one sample": SMALL.replace(samples=1, epochs=9),
    "scaled, shuffled": SMALL.replace(samples=9, batch=2, x_min=5, x_max=9, shuffle=True, lr=0.1, scale_features=True),
    "scaled, converges": SMALL.replace(
        init=(2, -4, 8), batch="full", optimizer="momentum", lr=0.2, stop_on="dataset", tol=1e-3, scale_features=True
    ),
    "scaled, rounded": SMALL.replace(round_epochs=3, lr=0.05, epochs=12, scale_features=True),
}


def timeline_of(config):
    return Timeline(make_task(config))
