"""Votes of a class in the app."""
