"""The map of a run (view 6): what each learning rate, beside another parameter, comes to.

Begin with rate_map.py. Others use RateMap, Figure and Outcome from it, `whole_map` and `map_pieces` (pieces.py).
"""
