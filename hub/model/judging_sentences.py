"""What the hub says about suspicious messages; a part of `sentences.py`."""

from collections.abc import Mapping

JUDGING_REASONS: Mapping[str, str] = {
    "spam_provider": "The mail provider takes it for spam.",
    "spam_unverified": "It cannot be proven that the sender is who they say.",
    "spam_sender": "An earlier conversation of this sender was marked as spam.",
    "spam_words": "What was marked as spam here had words like these: %(words)s.",
}
