"""Ids and addresses that are ours, that pretend to be, and that are somebody else's."""

import pytest

from connectors.email.message_ids import Signer, Whose
from tests.connectors.email.mailboxes import KEY, SIGNING_KEY

OURS = Signer("Support@Hub.test", SIGNING_KEY)


def test_an_id_of_ours_is_known_again_in_any_case() -> None:
    message_id = OURS.message_id(KEY)
    assert message_id.startswith(f"{KEY}.")
    assert message_id.endswith("@hub.test")
    assert OURS.whose(message_id) is Whose.OURS
    assert OURS.whose(message_id.upper()) is Whose.OURS
    assert Signer("support@hub.test", SIGNING_KEY).message_id(KEY) == message_id


@pytest.mark.parametrize(
    "pretended",
    [
        f"{KEY}.aaaaaaaaaaaaaaaa@hub.test",
        Signer("support@hub.test", "another key altogether").message_id(KEY),
        Signer("sales@hub.test", SIGNING_KEY).message_id(KEY),
        OURS.message_id(KEY).replace(KEY, "f" * 24),
    ],
)
def test_an_id_that_only_looks_like_ours_is_forged(pretended: str) -> None:
    assert OURS.whose(pretended) is Whose.FORGED


@pytest.mark.parametrize(
    "foreign",
    ["", "@", "x@hub.test", "20261123.abc@hub.test", OURS.message_id(KEY) + ".example", "\ud800@hub.test"],
)
def test_any_other_id_is_somebody_elses(foreign: str) -> None:
    assert OURS.whose(foreign) is Whose.FOREIGN


def test_a_reply_address_leads_to_the_message_it_answers() -> None:
    address = OURS.reply_address(KEY)
    assert address is not None
    assert OURS.answered(address) == OURS.message_id(KEY)
    assert OURS.answered(address.lower()) == OURS.message_id(KEY)
    assert OURS.is_own(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "support@hub.test",
        "support+x@hub.test",
        f"support+{KEY}.aaaaaaaaaaaa@hub.test",
        "a+b.c@elsewhere.test",
    ],
)
def test_other_addresses_lead_nowhere(address: str) -> None:
    assert OURS.answered(address) is None


def test_a_reply_address_of_another_mailbox_leads_nowhere() -> None:
    address = Signer("sales@hub.test", SIGNING_KEY).reply_address(KEY)
    assert address is not None
    assert OURS.answered(address) is None
    assert OURS.answered(address.replace("sales", "support")) is None


def test_an_address_too_long_to_be_signed_is_left_alone() -> None:
    assert Signer(f"{'a' * 26}@hub.test", SIGNING_KEY).reply_address(KEY) is not None
    assert Signer(f"{'a' * 27}@hub.test", SIGNING_KEY).reply_address(KEY) is None


def test_a_probe_is_known_as_one() -> None:
    probe = OURS.probe_id("0" * 24)
    assert OURS.is_probe(probe)
    assert not OURS.is_probe(OURS.message_id(KEY))
    assert not OURS.is_probe("probe-" + OURS.message_id(KEY))


def test_an_international_domain_is_one_domain() -> None:
    unicode, ascii_form = (
        Signer(f"info@{each}", SIGNING_KEY) for each in ("bücher.example", "xn--bcher-kva.example")
    )
    assert unicode.message_id(KEY) == ascii_form.message_id(KEY)
    assert unicode.is_own("INFO@xn--bcher-kva.example")
