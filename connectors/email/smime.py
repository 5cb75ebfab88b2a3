"""The content of an S/MIME mail that is signed in one piece (application/pkcs7-mime): what stands inside the
signature.

Nothing is verified here; the mail is made readable, no more. asn1crypto reads the indefinite lengths that
Outlook and `openssl -stream` write, which `cryptography` refuses.
"""

from asn1crypto import cms  # type: ignore[import-untyped]

PEM_START = b"-----BEGIN"


def signed_content(raw: bytes) -> bytes | None:
    """The mail part inside a signed-data structure; None if it is encrypted, spoilt, or holds no content."""
    if not raw.startswith(b"\x30"):
        return None
    try:
        info = cms.ContentInfo.load(raw)
        if info["content_type"].native != "signed_data":
            return None
        content = info["content"]["encap_content_info"]["content"].native
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError, OverflowError):
        return None  # asn1crypto's way of saying that these bytes are something else
    return bytes(content) if content else None
