"""Asks the router who a writer is and who answers, and applies what it decides."""

from hub.dispatch.assigning import assign
from hub.dispatch.linking import link

__all__ = ["assign", "link"]
