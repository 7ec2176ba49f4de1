"""The methods of training, a table each: gradients, optimizers, schedules, stopping rules. May import text.

Begin with optimizers.py.
"""
