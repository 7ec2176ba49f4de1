"""quadfit-tui: watch gradient descent fit a parabola, live in a terminal."""

__version__ = "0.2.0"
