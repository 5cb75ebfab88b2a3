"""Profiles and the identities that belong to them."""
