"""The simulator without a screen: the standard library and NumPy, nothing else."""
