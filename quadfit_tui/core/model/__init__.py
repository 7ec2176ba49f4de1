"""The data and the mathematics of the fit: samples, parabola, loss, optimum. May import config and what is below it.

Begin with parabola.py, then problem.py.
"""
