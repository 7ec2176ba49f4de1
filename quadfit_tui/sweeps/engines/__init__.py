"""The engines that train the cells of a sweep: this process, processes beside it, an executor, a cluster.

Begin with engine.py. Others use `results` and WorkersLostError from it, and `connected` (cluster.py).
"""
