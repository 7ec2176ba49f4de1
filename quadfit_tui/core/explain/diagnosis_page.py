"""The diagnosis of a run for its page (i) and for lessons, without what a lesson hides, and with a note of that."""

from __future__ import annotations

from collections.abc import Mapping, Set
from types import MappingProxyType
from typing import TYPE_CHECKING

from quadfit_tui.core.text.language import N_, _

# Imported when one is told: at the start of the app nothing is known.
if TYPE_CHECKING:
    from quadfit_tui.core.diagnosis.diagnose import RateForecast, Remedy, RunDiagnosis
    from quadfit_tui.core.session.snapshot import Snapshot

HELD_BACK: Mapping[str, str] = MappingProxyType(  # in the place of what is; each has room in 40 columns
    {
        "optimum": N_("The lesson hides the optimum for now."),
        "map": N_("The lesson hides the map for now."),
    }
)
REST_HELD_BACK = N_("The lesson holds back the rest for now.")
# What is told below the headings of the diagnosis, of limit, forecast, remedy, optimum and map.
_TOLD: Mapping[str, Set[str]] = MappingProxyType(
    {
        "In short": {"forecast"},
        "The run": {"forecast", "optimum"},
        "What works": {"remedy", "optimum"},
        "Learning rate": {"limit"},
        "Where it settles": {"forecast", "optimum"},
        "Epochs": {"forecast", "optimum"},
        "Condition": {"remedy"},  # what it would be with scaled features
    }
)


def diagnosis_page(
    snapshot: Snapshot,
    diagnosis: RunDiagnosis,
    at_rate: RateForecast | None,
    remedy: Remedy | None,
    held: Set[str] = frozenset(),
) -> list[tuple[str, str]]:
    """Headings with sentences, as `details` has them; at the end that the rest is `held` back, where some of it is."""
    from quadfit_tui.core.diagnosis.wording.advice import details

    parts = details(snapshot, diagnosis, at_rate, remedy)
    told = [(_(heading), text) for heading, text in parts if held.isdisjoint(_TOLD.get(heading, ()))]
    return told if held.isdisjoint(set().union(*_TOLD.values())) else [*told, (_("The rest"), _(REST_HELD_BACK))]
