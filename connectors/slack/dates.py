"""Dates within Slack's texts, in words: Slack shows each reader their own time, and we show UTC. Pure.

https://docs.slack.dev/messaging/formatting-message-text#date-formatting and
https://docs.slack.dev/reference/block-kit/block-elements/date-element (checked 2026-12-01).
"""

import re
from datetime import UTC, datetime

_TOKEN = re.compile(r"\{([a-z_]{1,20})\}")
_DAY = "%-d %B %Y"
_SHORT = "%-d %b %Y"
_LONG = "%A, %-d %B %Y"
_FORMATS = {
    "date_num": "%Y-%m-%d",
    "date_slash": "%d/%m/%Y",
    "date": _DAY,
    "date_pretty": _DAY,
    "date_long_full": _DAY,
    "date_short": _SHORT,
    "date_short_pretty": _SHORT,
    "date_long": _LONG,
    "date_long_pretty": _LONG,
    "day_divider_pretty": _LONG,
    "time": "%H:%M UTC",
    "time_secs": "%H:%M:%S UTC",
}


def shown_date(timestamp: object, pattern: str, otherwise: str) -> str:
    """`otherwise`: what its writer has shown where dates cannot be; it comes first, if there is any."""
    if otherwise:
        return otherwise
    try:
        moment = datetime.fromtimestamp(int(str(timestamp)), UTC)
    except (ValueError, OverflowError, OSError):
        return str(timestamp or "")
    asked = pattern if _TOKEN.search(pattern) else "{date} {time}"
    return _TOKEN.sub(lambda found: moment.strftime(_FORMATS.get(found[1], _DAY)), asked)
