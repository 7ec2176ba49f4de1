"""What runs beside the keys: training in slices, and the diagnosis in a thread. May import core.

Begin with training_loop.py.
"""
