"""VIEW_NAMES: the views by name, in the order of their keys; ui/views draws them, and loads NumPy."""

VIEW_NAMES = ("fit", "loss", "parameters", "surface", "update", "words", "map")
