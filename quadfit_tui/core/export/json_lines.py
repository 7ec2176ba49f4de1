"""JsonLinesWriter: the epochs of a run as JSON lines."""

from __future__ import annotations

from quadfit_tui.core.export.formats import every_options
from quadfit_tui.core.export.provenance import facts, json_text
from quadfit_tui.core.export.writers import Writer, mean_loss_of
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.training.record import Record


class JsonLinesWriter(Writer):
    """One JSON object an epoch, then one about the run; numbers read back to the same double; inf and nan are null."""

    def epoch(self, record: Record) -> str:
        values = {
            "epoch": record.epoch,
            "lr": record.lr,
            "gradient": record.gradient.tolist(),
            "loss": record.loss,
            "mean_loss": mean_loss_of(record),
            "w": record.w.tolist(),
        }
        within = {} if record.ends_epoch else {"update": record.update}
        return json_text(values | within)

    def end(self, snapshot: Snapshot) -> list[str]:
        return [json_text(facts(snapshot, ["--format", "jsonl", *every_options(self.every)]))]
