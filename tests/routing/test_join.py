"""Whether what somebody writes anew belongs to what is open: the decision alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hub.contract.routing import Joint, Matter
from hub.model.channels import Joining
from routing.join import join, numbers_in

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
KETTLE = Matter(
    id="old",
    subject="Kettle leaks since Tuesday",
    text="The kettle I bought leaks.",
    public=False,
    team="support",
    at=NOW - timedelta(minutes=20),
)
AGAIN = replace(KETTLE, id="new", at=NOW, subject="Re: Kettle leaks since Tuesday", text="And now it is hot.")
OTHER = replace(AGAIN, subject="Invoice for my desk", text="Please send it to me.")


def decide(new: Matter, *live: Matter, wanted: Joining = Joining.JOIN, shared: bool = False) -> Joint:
    return join(new, live, wanted, shared=shared)


def test_the_same_subject_within_the_hour_is_joined_and_says_why() -> None:
    joint = decide(AGAIN, KETTLE)
    assert (joint.how, joint.matter) == (Joining.JOIN, "old")
    assert joint.reasons[0] == "The same subject: “Kettle leaks since Tuesday”."
    assert "They wrote there within the same hour." in joint.reasons


def test_a_number_that_both_name_tells_the_matter_whatever_the_subject() -> None:
    old, new = replace(KETTLE, subject="Order A-10423"), replace(OTHER, text="Where is #A-10423?")
    assert decide(new, old).how is Joining.JOIN
    assert decide(new, old).reasons[0] == "Both name A-10423."


def test_another_subject_is_never_joined_but_suggested() -> None:
    joint = decide(OTHER, KETTLE)
    assert (joint.how, joint.matter) == (Joining.SUGGEST, "old")


@pytest.mark.parametrize(
    ("new", "shared", "words"),
    [
        (replace(AGAIN, public=True), False, "One is public"),
        (replace(AGAIN, team="sales"), False, "different teams"),
        (AGAIN, True, "Several people"),
    ],
)
def test_what_speaks_against_joining_leaves_it_to_somebody(new: Matter, shared: bool, words: str) -> None:
    joint = decide(new, KETTLE, shared=shared)
    assert joint.how is Joining.SUGGEST
    assert words in joint.reasons[-1]


def test_a_channel_that_only_suggests_or_leaves_apart_is_obeyed() -> None:
    assert decide(AGAIN, KETTLE, wanted=Joining.SUGGEST).how is Joining.SUGGEST
    assert decide(AGAIN, KETTLE, wanted=Joining.APART) == Joint(
        how=Joining.APART, because="The channel leaves such conversations apart."
    )


def test_different_numbers_speak_against_the_same_subject() -> None:
    old, new = replace(KETTLE, text="It is order 10423."), replace(AGAIN, text="It is order 20555.")
    assert decide(new, old).how is not Joining.JOIN


def test_a_subject_that_tells_nothing_is_no_clue_to_the_matter() -> None:
    old, new = replace(KETTLE, subject="Hello"), replace(OTHER, subject="hello")
    assert decide(new, old).how is Joining.SUGGEST


def test_what_has_been_quiet_and_answered_for_long_is_left_apart() -> None:
    old = replace(KETTLE, at=NOW - timedelta(days=9), waits=False)
    assert decide(OTHER, old).how is Joining.APART
    assert decide(OTHER).how is Joining.APART


def test_of_several_the_likeliest_is_meant() -> None:
    others = [replace(KETTLE, id=f"o{number}", subject=f"Matter {number}") for number in range(3)]
    assert decide(AGAIN, *others, KETTLE).matter == "old"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Order 10423 of 2026", {"10423"}),
        ("RE-2024-0815, please", {"RE-2024-0815"}),
        ("on 2026-03-02 or 02-03-2026", set()),
        ("Call +49 170 1234567 or 01701234567", set()),
        ("v1.2345 costs 12.5000", set()),
        ("AB/77123!", {"AB/77123"}),
    ],
)
def test_numbers_are_those_that_name_something(text: str, found: set[str]) -> None:
    assert numbers_in(replace(OTHER, subject="", text=text)) == found
