"""Who is whom: the golden set, and the rules one by one where it would not tell why."""

from dataclasses import replace
from datetime import timedelta

from hub.contract.inbound import Author
from hub.model.addresses import (
    addresses_in,
    base_email,
    company_domain,
    is_role,
    normal_email,
    normal_handle,
    normal_key,
    normal_phone,
    numbers_in,
)
from hub.model.names import Fit, fits
from hub.model.people import Identity
from routing import Routing
from tests.routing.golden import NOW, measure, read_cases

ROUTING = Routing()


def test_a_long_text_without_spaces_is_read_through_once() -> None:
    assert addresses_in("🏳️‍🌈" * 100_000) == addresses_in("a" * 300_000) == addresses_in("@" * 300_000) == []
    assert addresses_in("x" * 100_000 + " ana@shop.example") == ["ana@shop.example"]


def test_the_golden_set_has_what_it_must_and_is_judged_well_enough() -> None:
    figures, judged = measure()
    assert figures.cases >= 150
    wrong = [each.case.line for each in judged if each.linked and not each.case.same]
    assert wrong == []
    assert figures.linked >= 20
    assert figures.recall >= 0.9
    assert figures.precision >= 0.8


def test_the_golden_set_is_written_without_slips() -> None:
    lines = [each.line for each in read_cases()]
    assert len(set(lines)) == len(lines)
    assert all(line.count("|") == 1 for line in lines)


def test_spellings_that_are_certainly_one_address_are_one() -> None:
    assert normal_email(" Ana@BÜCHER.example ") == normal_email("ana@xn--bcher-kva.example")
    assert normal_key("email", "Ana@Shop.Example") == "ana@shop.example"
    assert normal_key("telegram", "Ana") == "Ana"
    assert normal_email("ana.b+x@gmail.com") == "ana.b+x@gmail.com"  # dots and plus stay
    assert normal_email("no address") is None
    assert normal_phone("030 1234567", "DE") == normal_phone("+49 (30) 123 45 67")
    assert normal_phone("030 1234567") is None  # nobody knows where
    assert normal_phone("4711", "DE") is None
    assert normal_handle("@Ana", "Social.Example") == "ana@social.example"
    assert normal_handle("@ana@other.example", "social.example") == "ana@other.example"


def test_what_a_provider_ignores_is_known_for_suggestions() -> None:
    assert base_email("a.n.a+shop@googlemail.com") == "ana@gmail.com"
    assert base_email("a.n.a+shop@web.de") == "a.n.a+shop@web.de"
    assert is_role("info@shop.example")
    assert is_role("support-de@shop.example")
    assert not is_role("ines@shop.example")
    assert company_domain("ana@gmx.de") is None
    assert company_domain("ana@stahl.example") == "stahl.example"


def test_addresses_and_numbers_are_found_in_what_somebody_writes() -> None:
    text = "Regards, Ana\nana@shop.example, <ana@web.de>.\nTel. 0151 23456789, order 4711"
    assert addresses_in(text) == ["ana@shop.example", "ana@web.de"]
    assert numbers_in(text, "DE") == ["+4915123456789"]


def test_names_fit_across_scripts_and_spellings_and_not_across_families() -> None:
    assert fits("王伟", "Wei Wang") is Fit.SAME
    assert fits("عمر خالد", "Omar Khaled") is Fit.SAME
    assert fits("Dr. Jürgen Groß", "Gross, Juergen") is Fit.SAME
    assert fits("Anna", "Anna Schmidt") is Fit.COULD_BE
    assert fits("J. Maier", "Jana Maier") is Fit.SHORTENED
    assert fits("Christian Wolf", "Christina Wolf") is Fit.OTHER
    assert fits(None, "Anna Schmidt") is Fit.UNKNOWN


def test_a_number_that_was_silent_for_long_only_suggests() -> None:
    known = Identity(
        id="i", platform="whatsapp", key="1", customer="c", name="Rita Sauer", phone="+4916012345603",
        first_seen_at=NOW - timedelta(days=900), last_seen_at=NOW - timedelta(days=5), because="",
    )  # fmt: skip
    author = Author(key="2", name="Rita", phone="+4916012345603")
    assert ROUTING.link(author, [known], NOW).customer == "c"
    silent = replace(known, last_seen_at=NOW - timedelta(days=200))
    decided = ROUTING.link(author, [silent], NOW)
    assert decided.customer is None
    assert decided.suggest == ("c",)
    assert ROUTING.link(replace(author, name="Rita Sauer"), [silent], NOW).customer == "c"
