"""What a page catches while the database cannot be reached, without knowing the store."""

from hub.store import StoreUnavailable

__all__ = ["StoreUnavailable"]
