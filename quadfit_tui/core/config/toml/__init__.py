"""Configurations and settings as TOML."""
