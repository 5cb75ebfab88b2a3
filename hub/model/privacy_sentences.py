"""What the hub says about erasing people, and how long things are kept; a part of `sentences.py`."""

from collections.abc import Mapping

PRIVACY_REFUSALS: Mapping[str, str] = {
    "only_admins_privacy": "Only admins may take out or erase everything about a person.",
    "privacy_job_gone": "There is no such job.",
    "privacy_under_way": "That is under way for this customer already.",
    "privacy_not_failed": "Only what has failed can be begun again.",
    "privacy_no_receipt": "There is no receipt yet.",
    "privacy_export_gone": "The file of this export is not there, or not any more.",
    "receipt_unreadable": "This is not a receipt.",
    "retention_days": "Something is kept for 1 to %(most)s days.",
    "retention_kind": "There is no rule about %(kind)s.",
    "retention_channel": "%(kind)s is the same for every channel.",
}

PRIVACY_REASONS: Mapping[str, str] = {
    "arrival_erased": "Whoever wrote it was erased: what was said before stays away.",
    "original_named": "Its original named somebody who was erased.",
    "original_expired": "Originals are kept for so long as is set, and no longer.",
    "file_expired": "It was kept for %(days)s days, as is set.",
}
