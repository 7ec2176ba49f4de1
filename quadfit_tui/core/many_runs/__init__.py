"""Training many runs at once, each to the last bit as it is trained alone.

Begin with side_by_side.py. Others use VectorizedRuns and RunEnd from it.
"""
