"""The simulator without a screen: the standard library and NumPy, nothing else.

The rooms, from the lowest: text, methods, files, config, model, algebra, training, many_runs, session, diagnosis,
rate_map, explain, export; each uses those before it. Begin with config/parameters.py, then training/trainer.py.
"""
