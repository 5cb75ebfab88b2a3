"""What may go wrong with the database itself, in words for the people who run Hubbub."""

from pymongo.errors import ConnectionFailure


class StoreError(Exception):
    """The database cannot be used. The text says what is wrong and how to mend it; it carries no secrets."""


# The database cannot be reached just now. Whoever catches it tries again later: nothing was lost.
StoreUnavailable = ConnectionFailure


class StreamLost(Exception):
    """A change stream cannot go on where it was, and something may have been missed: open a new one."""
