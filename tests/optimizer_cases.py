"""Optimizers with random hyperparameters, gradients and rates, for tests of their rules."""

import pytest
from hypothesis import strategies as st

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.methods.optimizers import OPTIMIZERS

every_optimizer = pytest.mark.parametrize("name", list(OPTIMIZERS))

shares = st.floats(0, 0.999)
gradients = st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=12)
rates = st.floats(1e-3, 10)
configs = st.builds(
    RunConfig, momentum=shares, rho=shares, beta1=shares, beta2=shares, epsilon=st.floats(1e-8, 1), lr=rates
)
