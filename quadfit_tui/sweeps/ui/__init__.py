"""Sweeps in the app: the screen with their runs, and the charts of their pictures."""
