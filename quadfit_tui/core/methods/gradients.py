"""CONVENTIONS of the gradient: what the mean of the samples is multiplied by."""

from __future__ import annotations

# What the mean of residual·(x², x, 1) is multiplied with. The article leaves the 2 of the derivative out.
CONVENTIONS: dict[str, float] = {"half": 1.0, "full": 2.0}
