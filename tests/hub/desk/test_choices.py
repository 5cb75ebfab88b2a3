"""Answers to tap on stand at the end of what is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.desk.choices import says, with_choices, written
from hub.model.content import Content


@pytest.mark.parametrize(
    ("text", "said", "choices"),
    [
        ("Which?\n[[Red]]\n[[Blue]]", "Which?", ("Red", "Blue")),
        ("Which?\n\n[[Red]] [[ Dark  blue ]]\n\n[[Red]]\n", "Which?", ("Red", "Dark blue")),
        ("[[Red]] is a colour", "[[Red]] is a colour", ()),
        ("See [[Red]]", "See [[Red]]", ()),
        ("[[Red]]\nor not", "[[Red]]\nor not", ()),
        ("a[0][[1]]", "a[0][[1]]", ()),
        ("Which?\n[[ ]]", "Which?\n[[ ]]", ()),
        ("[[Yes]]", "", ("Yes",)),
    ],
)
def test_lines_of_their_own_at_the_end_are_choices(text: str, said: str, choices: tuple[str, ...]) -> None:
    found = with_choices(Content(text=text))
    assert (found.text, found.choices) == (said, choices)
    assert says(found, text)
    assert not says(found, text + " and more")


@given(st.text(alphabet="a[] \n\t\u2028", max_size=40))
def test_what_is_taken_back_says_the_same_when_it_is_sent_again(text: str) -> None:
    found = with_choices(Content(text=text))
    again = with_choices(Content(text=written(found)))
    assert (again.text, again.choices) == (found.text if found.choices else again.text, found.choices)
