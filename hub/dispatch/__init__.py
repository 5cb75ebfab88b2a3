"""Asks the router who a writer is and who answers, and applies what it decides."""

from hub.dispatch.linking import link
from hub.dispatch.office import Dispatch, Office
from hub.dispatch.queue import drain
from hub.dispatch.reckoning import reckon
from hub.dispatch.rereckoning import promises_changed
from hub.dispatch.ruling import About, Following, arrived, finish, foretold, happened

__all__ = [
    "About",
    "Dispatch",
    "Following",
    "Office",
    "arrived",
    "drain",
    "finish",
    "foretold",
    "happened",
    "link",
    "promises_changed",
    "reckon",
]
