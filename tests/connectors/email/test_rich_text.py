"""Our Markdown as mail programs get it: safe HTML, and text that reads well."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from connectors.email.rich_text import html_of, html_of_plain, text_of


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "![x](file:///etc/passwd)",
        '![x" onerror="alert(1)](cid:a)',
        '![x](cid:a" onerror="alert(1))',
        '[x](https://a.test/" onclick="alert(1))',
        "<a href='javascript:alert(1)'>x</a>",
        "`<b>`",
    ],
)
def test_nothing_written_becomes_active(hostile: str) -> None:
    shown = html_of(hostile)
    tags = [tag.partition(">")[0] for tag in shown.split("<")[1:]]
    assert not any(tag.startswith(("script", "b>", "b ")) for tag in tags)
    assert not any("onerror=" in tag.replace("&quot;", "") and '" onerror' in tag for tag in tags)
    assert 'href="javascript' not in shown.lower()
    assert 'src="file' not in shown
    assert 'href="data' not in shown


def test_a_picture_from_elsewhere_is_a_link() -> None:
    shown = html_of("![logo](https://example.test/logo.png)")
    assert "<img" not in shown
    assert '<a href="https://example.test/logo.png"' in shown


def test_addresses_become_links_and_lines_stay_lines() -> None:
    shown = html_of("See https://example.test/?a=1&b=2\nor info@example.com")
    assert 'href="https://example.test/?a=1&amp;b=2"' in shown
    assert 'href="mailto:info@example.com"' in shown
    assert "<br" in shown


@pytest.mark.parametrize(
    ("markdown", "read"),
    [
        ("**bold** and *thin* and `code`", "bold and thin and code"),
        ("# Title\n\ntext", "Title\n\ntext"),
        ("3. a\n4. b", "3. a\n4. b"),
        ("- a\n  - b\n- c", "- a\n  - b\n- c"),
        ("> a\n> b", "> a\n> b"),
        ("```\nx = 1\n```", "    x = 1"),
        ("[site](https://a.test)", "site <https://a.test>"),
        ("<https://a.test>", "https://a.test"),
        ("[a@b.test](mailto:a@b.test)", "a@b.test"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "a | b\n1 | 2"),
        ("a\n\n---\n\nb", "a\n\n* * *\n\nb"),
        ("", ""),
    ],
)
def test_the_text_reads_without_marks(markdown: str, read: str) -> None:
    assert text_of(markdown) == read


def test_plain_text_keeps_its_marks() -> None:
    assert "a * b * c &lt;d&gt;<br>e" in html_of_plain("a * b * c <d>\ne")


def test_mails_composed_at_once_do_not_mix() -> None:
    texts = [f"See https://example.test/{number} and mail{number}@example.test" for number in range(300)]
    with ThreadPoolExecutor(8) as threads:
        shown = list(threads.map(html_of, texts))
    assert shown == [html_of(text) for text in texts]
