"""The methods of training, a table each: gradients, optimizers, schedules, stopping rules.

Begin with optimizers.py. Others use the tables: OPTIMIZERS, SCHEDULES, STOP_RULES, CONVENTIONS.
"""
