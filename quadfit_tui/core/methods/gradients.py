"""CONVENTIONS of the gradient: the factor 2 of the derivative is left out (half, the article's) or kept (full)."""

from __future__ import annotations

# The factor of mean(residual·(x², x, 1)). With `full` it is the gradient of the mean squared error by (a, b, c); the
# article, step 3, leaves the 2 out.
CONVENTIONS: dict[str, float] = {"half": 1.0, "full": 2.0}
