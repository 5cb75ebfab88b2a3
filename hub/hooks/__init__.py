"""Outgoing webhooks: other programs are told what happens, signed, until they have taken it.

Signed as the Standard Webhooks specification 1.0 says (checked 2026-11-23).
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import aiohttp

from hub.desk.replying import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhooks:
    """What deeds on webhooks and the workers behind them need."""

    desk: Desk
    http: aiohttp.ClientSession  # refuses private addresses, unless `private`
    private: bool = False  # into the own network, and by plain http
    disable_after: timedelta = timedelta(days=5)
    kept: timedelta = timedelta(days=30)
    chance: Callable[[], float] = random.random
