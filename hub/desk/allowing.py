"""What consents say: which hold, and what they allow. Pure."""

from collections.abc import Sequence

from hub.model.customers import Consent


def is_allowed(consents: Sequence[Consent], platform: str, purpose: str) -> bool:
    """Whether these, the newest first, allow it: the newest that speaks of it decides; silence does not."""
    for each in consents:
        if each.purpose.casefold() == purpose.casefold() and each.platform in ("", platform):
            return each.given
    return False


def standing(consents: Sequence[Consent]) -> list[Consent]:
    """Of these, the newest first, the ones that still hold: the last word on each platform and purpose."""
    found: list[Consent] = []
    for each in consents:
        newer = [last for last in found if last.purpose.casefold() == each.purpose.casefold()]
        if not any(last.platform in ("", each.platform) for last in newer):
            found.append(each)
    return found
