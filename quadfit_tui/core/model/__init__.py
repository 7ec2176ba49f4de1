"""The data and the mathematics of the fit: samples, parabola, loss, optimum, scaling.

Begin with parabola.py, then problem.py and task.py. Others use FitTask and `make_task` (task.py), Dataset (problem.py),
Array (array.py) and Pieces (incremental_job.py).
"""
