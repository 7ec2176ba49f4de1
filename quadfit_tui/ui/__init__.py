"""The faces that a terminal sees; imports nothing by itself, so that a part can be used alone."""
