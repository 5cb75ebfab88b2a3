"""A package by name, so that no `tests` that a dependency brings along is taken for it."""
