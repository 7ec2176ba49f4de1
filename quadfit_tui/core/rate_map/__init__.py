"""The map of a run (view 6): how runs at each learning rate, and each value of another parameter, come out.

Begin with rate_map.py. Others use RateMap, Figure and CellOutcome from it, `whole_map` and `map_pieces` (pieces.py).
"""
