"""Random configurations: each sentence about them is parsed, and checked by training and by arithmetic of many digits."""
