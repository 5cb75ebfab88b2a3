"""Storms: mails in and replies out while workers and the database are killed.

`python -m tests.chaos` runs the whole storm; a shorter one is part of the tests.
"""
