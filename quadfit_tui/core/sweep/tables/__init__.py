"""The formats of a sweep's file, a module each: how it is written, and read again."""
