"""Sweeps in the app: the screen with their runs, and the charts of their pictures.

Begin with sweep_screen.py. Others use OpenSweep and SweepScreen from it, and `sweep_chart` (sweep_chart.py).
"""
