"""What the hub says about webhooks of ours; a part of `sentences.py`."""

from collections.abc import Mapping

HOOK_REFUSALS: Mapping[str, str] = {
    "hook_gone": "There is no such webhook.",
    "hook_delivery_gone": "There is no such delivery (any more).",
    "hooks_many": "There are %(most)s webhooks already: remove one that is not needed any more.",
    "hook_name": "Give it a name of %(most)s characters at most: who listens there?",
    "hook_kinds": "Choose what it shall hear of.",
    "hook_kind_unknown": "There is no kind %(kind)s.",
    "hook_channels": "One of these channels does not exist (any more).",
    "hook_teams": "One of these teams does not exist (any more).",
    "hook_url": "Enter a whole address, like https://example.com/hubbub.",
    "hook_url_https": "The address must begin with https://.",
    "hook_url_password": "Leave name and password out of the address: the signature proves who we are.",
}

HOOK_REASONS: Mapping[str, str] = {
    # Why a webhook was not taken, or is told nothing any more
    "hook_silent": "No answer within %(seconds)s seconds.",
    "hook_redirects": "It redirects to another address; enter that one if it is right.",
    "hook_says_gone": "It says that it is gone.",
    "hook_address": "The address cannot be used.",
    "hook_certificate": "Its certificate is not valid for this address.",
    "hook_no_host": "There is no such host.",
    "hook_insecure": "No secure connection can be made.",
    "hook_private": (
        "The address is inside a private network, and the setting webhooks.private_addresses is off."
    ),
    "hook_refuses": "The connection is refused: nothing listens there.",
    "hook_closes": "It closed the connection without an answer.",
    "hook_away": "It cannot be reached (%(problem)s).",
    "hook_late": "It waited too long for those before it.",
    "hook_ended": "It answered 410: it wants nothing any more.",
    "hook_fails": "It has done nothing but fail for %(days)s days.",
}
