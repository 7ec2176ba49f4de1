"""FORMULAS: what the code computes, in readable mathematics, for the page *How it works* and the worked update.

The formulas of the optimizers and the schedules are in the rows of their tables. A test evaluates each formula as
arithmetic and compares it with the code. `ascii_of` has words for all their characters.
"""

from __future__ import annotations

from quadfit_tui.core.methods.gradients import CONVENTIONS

MEAN = "mean of"  # marks the mean of the next term in a formula
# In all of them: x and y are a sample, or those of a batch; g is the gradient; ← means "becomes".
FORMULAS: dict[str, tuple[str, ...]] = {
    "model": ("y_out = a·x² + b·x + c",),
    "residual": ("r = y_out − y",),
    "loss": ("loss = mean of r²",),
    "gradient": ("g_a = mean of r·x²", "g_b = mean of r·x", "g_c = mean of r"),
    "descent": ("a ← a − lr·g_a", "b ← b − lr·g_b", "c ← c − lr·g_c"),
    # The derivation, for one sample up to the mean of all samples.
    "whole residual": ("r = a·x² + b·x + c − y",),
    "by the parameters": ("∂r/∂a = x²", "∂r/∂b = x", "∂r/∂c = 1"),
    "chain": ("∂(r²)/∂a = 2·r·∂r/∂a = 2·r·x²", "∂(r²)/∂b = 2·r·∂r/∂b = 2·r·x", "∂(r²)/∂c = 2·r·∂r/∂c = 2·r"),
    "of the loss": (
        "∂loss/∂a = mean of 2·r·x² = 2·mean of r·x²",
        "∂loss/∂b = mean of 2·r·x = 2·mean of r·x",
        "∂loss/∂c = mean of 2·r = 2·mean of r",
    ),
    "of half the loss": ("∂(½·loss)/∂a = mean of r·x²", "∂(½·loss)/∂b = mean of r·x", "∂(½·loss)/∂c = mean of r"),
    "updates": ("updates in an epoch = ⌊samples / batch⌋",),
    # Along one direction of w, d is the distance from the optimum; λ is the curvature there.
    "of c alone": ("d = c − c_best", "g_c = d", "d ← d − lr·d = (1 − lr)·d"),
    "along": ("d ← (1 − lr·λ)·d",),
    # Scaled features: μ is the mean of x, σ its standard deviation; a, b, c are trained in z.
    "scaling": ("z = (x − μ) / σ",),
    "in x": ("a_x = a/σ²", "b_x = b/σ − 2·a·μ/σ²", "c_x = c − b·μ/σ + a·μ²/σ²"),
    "of one sample": ("r ← (1 − lr·(x⁴ + x² + 1))·r",),
}


def gradient_formula(convention: str) -> str:
    """Returns the gradient in a convention of CONVENTIONS as a one-line formula: the article's step 3."""
    factor = CONVENTIONS[convention]
    times = "" if factor == 1 else f"{factor:g}·"
    return f"g = {times}mean of (r·x², r·x, r)"
