"""Writes a reply as each mail program would: its text, its HTML and what was newly written."""

import html as entities
import textwrap
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
FORMATS: dict[str, Any] = tomllib.loads((HERE / "formats.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Golden:
    name: str
    text: str
    html: str | None
    new: str


def every_reply() -> list[Golden]:
    return [write(language, FORMATS[language]) for language in FORMATS for write in CLIENTS]


def _paragraphs(text: str, tag: str = "div") -> str:
    empty = f"<{tag}><br></{tag}>"
    lines = (f"<{tag}>{entities.escape(line)}</{tag}>" if line else empty for line in text.split("\n"))
    return "".join(lines)


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def _linked(attribution: str) -> str:
    address = '<a href="mailto:ana@shop.example" target="_blank">ana@shop.example</a>'
    return entities.escape(attribution, quote=False).replace("ana@shop.example", address)


def _wrapped(line: str, width: int = 76) -> str:
    return "\n".join(textwrap.wrap(line, width, break_long_words=False))


def gmail(language: str, it: dict[str, Any]) -> Golden:
    text = f"{it['answer']}\n\n{_wrapped(it['gmail'])}\n\n{_quoted(it['quoted'])}\n>\n"
    html = (
        f'<div dir="ltr">{_paragraphs(it["answer"])}</div><br><div class="gmail_quote '
        f'gmail_quote_container">'
        f'<div dir="ltr" class="gmail_attr">{_linked(it["gmail"])}<br></div><blockquote '
        f'class="gmail_quote" '
        'style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex">'
        f'<div dir="ltr">{_paragraphs(it["quoted"])}</div></blockquote></div>'
    )
    return Golden(f"gmail-{language}", text, html, it["answer"])


def apple_mail(language: str, it: dict[str, Any]) -> Golden:
    text = f"{it['answer']}\n\n> {it['apple']}\n> \n{_quoted(it['quoted'])}\n\n"
    html = (
        '<html><head><meta http-equiv="content-type" content="text/html; charset=utf-8"></head><body '
        'style="overflow-wrap:'
        f' break-word;">{_paragraphs(it["answer"])}<br '
        f'id="lineBreakAtBeginningOfMessage"><div><br><blockquote type="cite">'
        f"<div>{_linked(it['apple'])}</div><br "
        f'class="Apple-interchange-newline"><div>{_paragraphs(it["quoted"])}</div>'
        "</blockquote></div><br></body></html>"
    )
    return Golden(f"apple-mail-{language}", text, html, it["answer"])


def iphone(language: str, it: dict[str, Any]) -> Golden:
    text = (
        f"{it['answer']}\n\n{it['device']}\n\n> {it['apple']}\n> \n> \ufeff{it['quoted'].split(chr(10))[0]}\n"
    )
    html = (
        f'<html><body dir="auto">{_paragraphs(it["answer"])}<br '
        f'id="lineBreakAtBeginningOfSignature"><div dir="ltr">'
        f'{entities.escape(it["device"])}</div><div dir="ltr"><br><blockquote '
        f'type="cite">{_linked(it["apple"])}<br><br>'
        f'</blockquote></div><blockquote type="cite"><div '
        f'dir="ltr">\ufeff{_paragraphs(it["quoted"])}</div></blockquote>'
        "</body></html>"
    )
    return Golden(f"iphone-{language}", text, html, it["answer"])


def thunderbird(language: str, it: dict[str, Any]) -> Golden:
    text = f"{it['answer']}\n\n-- \nJonas Berg\nBerg GmbH\n\n{it['thunderbird']}\n{_quoted(it['quoted'])}\n"
    html = (
        f'<!DOCTYPE html><html><body>{_paragraphs(it["answer"], "p")}<pre class="moz-signature" '
        f'cols="72">-- \nJonas Berg\n'
        f"Berg GmbH</pre><div "
        f'class="moz-cite-prefix">{_linked(it["thunderbird"])}<br></div><blockquote type="cite" '
        f'cite="mid:1@shop.example">{_paragraphs(it["quoted"], "p")}</blockquote></body></html>'
    )
    return Golden(f"thunderbird-{language}", text, html, it["answer"])


def yahoo(language: str, it: dict[str, Any]) -> Golden:
    text = f" {it['answer']}\n\n    {it['yahoo']}  \n \n {it['quoted']}\n  "
    html = (
        f'<html><head></head><body><div class="ydp1a yahoo-style-wrap" '
        f'style="font-size:13px;">{_paragraphs(it["answer"])}'
        '</div><div id="yahoo_quoted_1" class="yahoo_quoted"><div style="font-size:13px;"><div>'
        f"{_linked(it['yahoo'])}</div><div><br></div>{_paragraphs(it['quoted'])}</div></div></body></html>"
    )
    return Golden(f"yahoo-{language}", text, html, it["answer"])


def _headers(it: dict[str, Any]) -> list[tuple[str, str]]:
    who, when, to, about, date = it["outlook"]
    return [(who, "Ana Silva <ana@shop.example>"), (when, date), (to, "Jonas Berg"), (about, "Re: 4711")]


def outlook_desktop(language: str, it: dict[str, Any]) -> Golden:
    block = "\n".join(f"{label} {value}" for label, value in _headers(it))
    text = f"{it['answer']}\n\n{block}\n\n{it['quoted']}\n"
    rows = "<br>".join(f"<b>{label}</b> {entities.escape(value)}" for label, value in _headers(it))
    html = (
        f'<html><body lang="X" link="#0563C1"><div '
        f'class="WordSection1">{_paragraphs(it["answer"], "p")}<p class="MsoNormal">'
        '<o:p>&nbsp;</o:p></p><div><div style="border:none;border-top:solid #E1E1E1 '
        '1.0pt;padding:3.0pt 0cm 0cm 0cm">'
        f'<p class="MsoNormal">{rows}<o:p></o:p></p></div></div>'
        f"{_paragraphs(it['quoted'], 'p')}</div></body></html>"
    )
    return Golden(f"outlook-desktop-{language}", text, html, it["answer"])


def outlook_web(language: str, it: dict[str, Any]) -> Golden:
    block = "\n".join(f"{label} {value}" for label, value in _headers(it))
    text = f"{it['answer']}\n________________________________\n{block}\n\n{it['quoted']}\n"
    rows = "<br>".join(f"<b>{label}</b>&nbsp;{entities.escape(value)}" for label, value in _headers(it))
    html = (
        f'<html><body dir="ltr">{_paragraphs(it["answer"])}<div id="appendonsend"></div><hr '
        f'style="display:inline-block;width:'
        f'98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><font '
        f'face="Calibri">{rows}</font><div>&nbsp;</div></div>'
        f"{_paragraphs(it['quoted'])}</body></html>"
    )
    return Golden(f"outlook-web-{language}", text, html, it["answer"])


def outlook_mobile(language: str, it: dict[str, Any]) -> Golden:
    block = "\n".join(f"{label} {value}" for label, value in _headers(it))
    text = f"{it['answer']}\n\n{it['mobile']}\n________________________________\n{block}\n\n{it['quoted']}\n"
    rows = "<br>".join(f"<b>{label}</b> {entities.escape(value)}" for label, value in _headers(it))
    words = entities.escape(it["mobile"].split("<")[0])
    html = (
        f'<html><body>{_paragraphs(it["answer"])}<div id="ms-outlook-mobile-signature"><a '
        f'href="https://aka.ms/o0ukef">{words}'
        '</a></div><hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" '
        'dir="ltr">'
        f"<font>{rows}</font></div>{_paragraphs(it['quoted'])}</body></html>"
    )
    return Golden(f"outlook-mobile-{language}", text, html, it["answer"])


def original_message(language: str, it: dict[str, Any]) -> Golden:
    block = "\n".join(f"{label} {value}" for label, value in _headers(it))
    text = f"{it['answer']}\n\n-----{it['original']}-----\n{block}\n\n{it['quoted']}\n"
    return Golden(f"original-message-{language}", text, None, it["answer"])


def samsung(language: str, it: dict[str, Any]) -> Golden:
    rows = [row for i, row in enumerate(_headers(it)) if i != 1]
    block = "\n".join(f"{label} {value}" for label, value in rows)
    text = f"{it['answer']}\n\n-------- {it['original']} --------\n{block}\n\n{it['quoted']}\n"
    html = (
        f'<html><body><div dir="auto">{_paragraphs(it["answer"])}</div><div id="composer_signature" '
        f'dir="auto"><div '
        'style="font-size:85%;color:#575757">Galaxy S26</div></div><div><br></div><div align="left" '
        'dir="auto" '
        f'style="font-size:100%;color:#000000"><div>-------- {it["original"]} --------</div>'
        + "".join(f"<div>{label} {entities.escape(value)} </div>" for label, value in rows)
        + f"<div><br></div></div>{_paragraphs(it['quoted'])}</body></html>"
    )
    return Golden(f"samsung-{language}", text, html, it["answer"])


def gmx(language: str, it: dict[str, Any]) -> Golden:
    who, when, to, about, date = it["outlook"]
    rows = [
        (when, date),
        (who, '"Ana Silva" <ana@shop.example>'),
        (to, "jonas@gmx.example"),
        (about, "Re: 4711"),
    ]
    block = "\n".join(f"{label} {value}" for label, value in rows)
    text = f"{it['answer']}\n \n\n{block}\n\n{it['quoted']}\n"
    html = (
        f'<html><body><div style="font-family: Verdana;font-size: '
        f'12.0px;">{_paragraphs(it["answer"])}<div>&nbsp;<div '
        'name="quote" style="margin:10px 5px 5px 10px; padding: 10px 0 10px 10px; border-left:2px '
        'solid #C3D9E5;">'
        '<div style="margin:0 0 10px 0;">'
        + "<br/>".join(f"<b>{label}</b>&nbsp;{entities.escape(value)}" for label, value in rows)
        + f'</div><div name="quoted-content">{_paragraphs(it["quoted"])}</div></div></div></div></body>'
        "</html>"
    )
    return Golden(f"gmx-{language}", text, html, it["answer"])


def yandex(language: str, it: dict[str, Any]) -> Golden:
    attribution = '03.11.2026, 10:12, "Ana Silva" <ana@shop.example>:'
    text = f"{it['answer']}\n\n{attribution}\n\n{_quoted(it['quoted'])}\n"
    html = (
        f"<div>{_paragraphs(it['answer'])}</div><div>&nbsp;</div><div>{_linked(attribution)}</div>"
        f"<blockquote><div>{_paragraphs(it['quoted'])}</div></blockquote>"
    )
    return Golden(f"yandex-{language}", text, html, it["answer"])


CLIENTS: tuple[Callable[[str, dict[str, Any]], Golden], ...] = (
    gmail,
    apple_mail,
    iphone,
    thunderbird,
    yahoo,
    outlook_desktop,
    outlook_web,
    outlook_mobile,
    original_message,
    samsung,
    gmx,
    yandex,
)
