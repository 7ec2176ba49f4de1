"""The simulator without a screen: the standard library and NumPy, nothing else.

The wings, from the lowest: text and methods, files, config, model, training, session, diagnosis, explain and export.
Each uses those below it and none above; begin with config/parameters.py and training/trainer.py.
"""
