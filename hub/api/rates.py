"""How many requests a token may make, and the headers that say so.

Counted in this process alone: two web processes give a token twice as much. Windows begin with their first
request. The headers are those of draft-ietf-httpapi-ratelimit-headers (as of -11), checked 2026-11-23.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from hub.clock import Clock

MOST_KEPT = 10_000  # windows; those that are over are thrown away when there are more


@dataclass(frozen=True, slots=True)
class Limit:
    """So many requests within so many seconds."""

    name: str
    requests: int
    seconds: int


ALL = Limit("all", 600, 60)
WRITES = Limit("writes", 120, 60)


@dataclass(slots=True)
class Window:
    ends_at: datetime
    used: int = 0


class TooMany(Exception):
    def __init__(self, headers: dict[str, str]) -> None:
        super().__init__("Too many requests.")
        self.headers = headers


class Meter:
    def __init__(self, clock: Clock, every: Limit = ALL, writes: Limit = WRITES) -> None:
        self.clock = clock
        self.every = every
        self.writes = writes
        self.windows: dict[tuple[str, str], Window] = {}

    def take(self, token: str, *, write: bool) -> dict[str, str]:
        """Count a request. Returns the headers of its answer; raises TooMany, with them too."""
        now = self.clock()
        limits = [self.every, self.writes] if write else [self.every]
        windows = [self._window(token, limit, now) for limit in limits]
        full = [
            window.ends_at
            for window, limit in zip(windows, limits, strict=True)
            if window.used >= limit.requests
        ]
        if not full:
            for window in windows:
                window.used += 1
        headers = _headers(limits, windows, now)
        if full:
            raise TooMany({**headers, "Retry-After": str(max(1, ceil((max(full) - now).total_seconds())))})
        return headers

    def _window(self, token: str, limit: Limit, now: datetime) -> Window:
        key = (token, limit.name)
        window = self.windows.get(key)
        if window is None or window.ends_at <= now:
            if len(self.windows) >= MOST_KEPT:
                self.windows = {kept: each for kept, each in self.windows.items() if each.ends_at > now}
            window = self.windows[key] = Window(now + timedelta(seconds=limit.seconds))
        return window


def _headers(limits: Sequence[Limit], windows: Sequence[Window], now: datetime) -> dict[str, str]:
    pairs = list(zip(limits, windows, strict=True))
    left = [
        f'"{limit.name}";r={limit.requests - window.used};t={ceil((window.ends_at - now).total_seconds())}'
        for limit, window in pairs
    ]
    policy = [f'"{limit.name}";q={limit.requests};w={limit.seconds}' for limit in limits]
    return {"RateLimit-Policy": ", ".join(policy), "RateLimit": ", ".join(left)}
