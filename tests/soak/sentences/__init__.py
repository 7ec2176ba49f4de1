"""Sentences about random configurations: parsed, and checked by training and by arithmetic of many digits."""
