"""The methods of training, a table each: gradients, optimizers, schedules, stopping rules. Imports nothing of the
program. Begin with optimizers.py.
"""
