"""The map of a run: what each learning rate beside each momentum, batch size ... comes to. May import diagnosis,
many_runs and what is below them.
"""
