"""Pictures of a sweep as plain data: its map, its bands. May import sweep and what is below it."""
