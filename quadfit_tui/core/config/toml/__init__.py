"""Configurations and settings as TOML: read with the line of each fault, written with comments.

Begin with toml_table.py. Others use `parse_config_table` (toml_file.py), `toml_lines` (toml_writer.py), Settings
(settings_file.py).
"""
