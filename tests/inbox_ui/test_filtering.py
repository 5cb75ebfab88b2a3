"""Filters in addresses, and as the form sends them."""

from datetime import UTC, datetime
from urllib.parse import parse_qsl

from multidict import MultiDict

from hub.model.desk import Filter
from hub.model.fields import CustomField, FieldOn
from inbox_ui.filtering import address_of, filter_of
from inbox_ui.filters import pairs_asked
from inbox_ui.words import Words


def _query(text: str) -> MultiDict[str]:
    return MultiDict(parse_qsl(text, keep_blank_values=True))


def test_several_fields_of_each_kind_are_asked_for_and_stay_when_the_form_is_sent_again() -> None:
    wanted = Filter(customer_fields={"plan": "gold", "seats": "5"}, fields={"cause": "parcel"})
    assert filter_of(_query(address_of(wanted)[1:])) == wanted
    known = [
        CustomField(id=key, on=on, key=key, name=key, created_at=datetime(2026, 1, 1, tzinfo=UTC))
        for on, key in (
            (FieldOn.CUSTOMER, "plan"),
            (FieldOn.CUSTOMER, "city"),
            (FieldOn.CONVERSATION, "cause"),
        )
    ]
    shown = pairs_asked(wanted, known, Words("en"))
    assert [(each.key, each.name, each.value) for each in shown] == [
        ("customer", "plan", "gold"), ("customer", "seats", "5"), ("customer", "", ""),
        ("field", "cause", "parcel"),
    ]  # fmt: skip
    sent = "&".join(f"{each.key}_name={each.name}&{each.key}_value={each.value}" for each in shown)
    assert filter_of(_query(sent)) == wanted
    emptied = "customer_name=plan&customer_value=&customer_name=city&customer_value=Linz"
    assert filter_of(_query(emptied)) == Filter(customer_fields={"city": "Linz"})
