"""Who somebody is and what they may do."""

from dataclasses import dataclass
from datetime import timedelta

from hub.auth.oidc_provider import Provider
from hub.auth.seal import Sealer
from hub.clock import Clock
from hub.store import Store

__all__ = ["Auth"]


@dataclass(frozen=True, slots=True, repr=False)
class Auth:
    """What signing in and everything around it needs."""

    store: Store
    clock: Clock
    sealer: Sealer
    idle: timedelta = timedelta(days=3)  # a session unused for so long ends
    longest: timedelta = timedelta(days=30)  # however much it is used
    provider: Provider | None = None  # of single sign-on
