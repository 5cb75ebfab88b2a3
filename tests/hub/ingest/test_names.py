"""Names of files: whatever they are called, what is shown is one visible, storable name."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.ingest.names import LONGEST, LONGEST_BYTES, safe_file_name

PDF = "application/pdf"
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
strange = st.text(
    st.one_of(
        st.characters(exclude_categories=()),
        st.sampled_from('./\\ \u202e\u200d\u200c\u2066\0\r\n\t:*?"<>|\ufeff\u00ad\u0301\u212a\u3000con'),
    ),
    max_size=300,
)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("invoice.pdf", "invoice.pdf"),
        ("C:\\Users\\ana\\Desktop\\invoice.pdf", "invoice.pdf"),
        ("../../../../etc/passwd", "passwd"),
        ("/var/log/", "log"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("\u2066invoice\u2069.pdf", "invoice.pdf"),
        ("inv\0oice.pdf\0", "invoice.pdf"),
        ("inv\r\nSet-Cookie: a=b.pdf", "inv Set-Cookie_ a=b.pdf"),
        ("invoice.pdf.exe", "invoice.pdf.exe"),
        ("invoice.pdf" + " " * 200 + ".exe", "invoice.pdf .exe"),
        ("invoice.pdf. . .", "invoice.pdf"),
        ("...hidden", "hidden"),
        ("con", "_con"),
        ("NUL.txt", "_NUL.txt"),
        ("com1 .txt", "_com1 .txt"),
        ("console.txt", "console.txt"),
        ('a<b>:"c"|d?*.txt', "a_b___c__d__.txt"),
        ("Rechnung für März.pdf", "Rechnung für März.pdf"),
        ("Rechnung fu\u0308r Ma\u0308rz.pdf", "Rechnung für März.pdf"),
        ("請求書 2026年.pdf", "請求書 2026年.pdf"),
        (f"{FAMILY} Ausflug ❤\ufe0f.jpg", f"{FAMILY} Ausflug ❤\ufe0f.jpg"),
        ("نامه\u200cها.pdf", "نامه\u200cها.pdf"),
        ("in\u200dvoi\u200cce\u200b.p\u00addf", "invoice.pdf"),
        ("lone \ud83d surrogate.txt", "lone surrogate.txt"),
        ("a\u3000b\u00a0c.txt", "a b c.txt"),
    ],
)
def test_a_strange_name_becomes_a_plain_one(sent: str, shown: str) -> None:
    assert safe_file_name(sent, PDF) == shown


@pytest.mark.parametrize("nothing", ["", "   ", "..", ".", "/", "\\..\\", "\u202e", "\0", ". . ."])
def test_a_file_without_a_name_is_called_an_attachment_of_its_type(nothing: str) -> None:
    assert safe_file_name(nothing, PDF) == "attachment.pdf"
    assert safe_file_name(nothing, "image/jpeg; charset=x") == "attachment.jpg"
    assert safe_file_name(nothing, "message/rfc822") == "attachment.eml"
    assert safe_file_name(nothing, "nonsense") == "attachment.bin"


def test_three_hundred_characters_are_shortened_and_the_extension_stays() -> None:
    assert safe_file_name("a" * 296 + ".pdf", PDF) == "a" * 115 + "….pdf"
    shortened = safe_file_name("報" * 296 + ".tar.gz", PDF)
    assert shortened.endswith("….gz")
    assert 195 < len(shortened.encode()) <= LONGEST_BYTES
    assert safe_file_name("report." + "x" * 300, PDF) == "report." + "x" * 112 + "…"


@given(strange, st.sampled_from([PDF, "", "text/plain"]))
def test_no_name_is_dangerous(sent: str, mime: str) -> None:
    name = safe_file_name(sent, mime)
    assert 0 < len(name) <= LONGEST
    assert len(name.encode("utf-8")) <= LONGEST_BYTES
    assert not set(name) & set('/\\<>:"|?*')
    assert name == name.strip(" .")
    assert unicodedata.is_normalized("NFC", name)
    assert {
        unicodedata.category(character) for character in name if character not in "\u200c\u200d"
    }.isdisjoint({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
    assert name.partition(".")[0].strip().lower() not in {"con", "nul", "prn", "aux", "com1", "lpt9"}


@given(strange)
def test_a_safe_name_stays_as_it_is(sent: str) -> None:
    name = safe_file_name(sent, PDF)
    assert safe_file_name(name, PDF) == name


@given(st.text(st.characters(categories=("Lu", "Ll", "Nd")), min_size=1, max_size=250))
def test_the_extension_survives(stem: str) -> None:
    assert safe_file_name(f"{stem}.docx", PDF).endswith(".docx")
