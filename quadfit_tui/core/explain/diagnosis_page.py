"""The diagnosis of a run for its page (i) and for lessons, without the parts that a lesson hides, and with a note."""

from __future__ import annotations

from collections.abc import Mapping, Set
from types import MappingProxyType
from typing import TYPE_CHECKING

from quadfit_tui.core.text.language import N_, _

# Imported late: at the start of the app there is no diagnosis.
if TYPE_CHECKING:
    from quadfit_tui.core.diagnosis.diagnose import RateForecast, Remedy, RunDiagnosis
    from quadfit_tui.core.session.snapshot import Snapshot

WITHHELD_NOTICES: Mapping[str, str] = MappingProxyType(  # shown in place of what is hidden; each fits 40 columns
    {
        "optimum": N_("The lesson hides the optimum for now."),
        "map": N_("The lesson hides the map for now."),
    }
)
REST_HELD_BACK = N_("The lesson holds back the rest for now.")
# What each heading of the diagnosis reveals, of limit, forecast, remedy, optimum and map.
_REVEALED: Mapping[str, Set[str]] = MappingProxyType(
    {
        "In short": {"forecast"},
        "The run": {"forecast", "optimum"},
        "What works": {"remedy", "optimum"},
        "Learning rate": {"limit"},
        "Where it settles": {"forecast", "optimum"},
        "Epochs": {"forecast", "optimum"},
        "Condition": {"remedy"},  # the number with scaled features
    }
)


def diagnosis_page(
    snapshot: Snapshot,
    diagnosis: RunDiagnosis,
    at_rate: RateForecast | None,
    remedy: Remedy | None,
    withheld: Set[str] = frozenset(),
) -> list[tuple[str, str]]:
    """Returns headings with sentences, as from `details`, without parts that reveal something `withheld`."""
    from quadfit_tui.core.diagnosis.wording.advice import details

    parts = details(snapshot, diagnosis, at_rate, remedy)
    page = [(_(heading), text) for heading, text in parts if withheld.isdisjoint(_REVEALED.get(heading, ()))]
    if not withheld.isdisjoint(set().union(*_REVEALED.values())):
        page.append((_("The rest"), _(REST_HELD_BACK)))
    return page
