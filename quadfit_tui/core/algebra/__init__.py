"""The algebra of updates: many of them as one affine map w ↦ M·w + v.

All is in affine_maps.py. Others use Maps and `log_spectral_radius`.
"""
