"""Reads what a composer's form carries: text, recipients, files."""

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from aiohttp import web
from aiohttp.web_request import FileField

from hub.desk.changing import NotPossible
from hub.desk.replying import Draft
from hub.desk.uploading import attach, upload
from hub.model.content import Attachment
from inbox_ui.composer import Writing
from inbox_ui.pages import PAGES
from inbox_ui.visitor import agent_of, words_of

MOST_RECIPIENTS = 50
NAMED = ("to", "cc", "bcc", "subject", "about", "through", "answers", "key", "seen")
PLACEHOLDER = re.compile(r"\{\{[^{}\n]{1,200}\}\}")
_BRACKETS = re.compile(r"<([^<>]+)>\s*$")
PIECE = 64 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Written:
    """A form as it was submitted."""

    form: dict[str, str]
    attachments: tuple[Attachment, ...]
    keep: tuple[str, ...]

    @property
    def text(self) -> str:
        return self.form.get("text", "").replace("\r\n", "\n").strip()

    @property
    def missing(self) -> list[str]:
        """What a saved reply left to be filled in."""
        return list(dict.fromkeys(PLACEHOLDER.findall(self.text)))

    def draft(self) -> Draft:
        form = self.form
        return Draft(
            text=self.text,
            key=form.get("key") or None,
            seen=form.get("seen") or None,
            to=addresses(form.get("to", "")) or None,
            cc=addresses(form.get("cc", "")),
            bcc=addresses(form.get("bcc", "")),
            attachments=self.attachments,
            subject=" ".join(form.get("subject", "").split()) or None,
            about=form.get("about") or form.get("channel") or None,
            answers=form.get("answers") or None,
            through=form.get("through") or None,
        )

    def writing(self, mode: str, **why: object) -> Writing:
        """To be shown again."""
        form = self.form
        given = {
            "text": form.get("text", "").replace("\r\n", "\n"),
            "attachments": self.attachments,
            "keep": self.keep,
            "confirmed": [each for each in ("unfilled", "publicly") if form.get(each)],
        }
        named = {each: form.get(each, "") for each in NAMED}
        return Writing(mode=mode, **{**given, **named, **why})  # type: ignore[arg-type]  # named as the fields are


async def read_written(request: web.Request) -> Written:
    """Files that came with the form itself, without scripts, are kept first. Raises NotPossible."""
    post, desk, agent = await request.post(), request.app[PAGES].desk, agent_of(request)
    references = await read_files(request)
    keep = [each for each in post.getall("keep", []) if isinstance(each, str)]
    form = {name: value for name, value in post.items() if isinstance(value, str)}
    return Written(form, await attach(desk, agent, references), tuple(keep))


async def read_files(request: web.Request) -> list[str]:
    """References of the files that a form names, and of those that came with it. Raises NotPossible."""
    post, desk, agent = await request.post(), request.app[PAGES].desk, agent_of(request)
    references = [each for each in post.getall("file", []) if isinstance(each, str)]
    for each in post.getall("upload", []):
        if isinstance(each, FileField) and each.filename:
            with each.file:
                kept = await upload(desk, agent, _pieces(each), name=each.filename, mime=each.content_type)
            references.append(kept.stored or "")
    return references


async def _pieces(file: FileField) -> AsyncIterator[bytes]:
    while piece := file.file.read(PIECE):
        yield piece


def check_addresses(request: web.Request, found: Sequence[str]) -> None:
    """Raises NotPossible for what is no address."""
    words = words_of(request)
    for each in found:
        if not re.fullmatch(r"[^\s@<>,;]+@[^\s@<>,;]+", each) or len(each) > 320:
            raise NotPossible(words.gettext("“%(address)s” is no address.", address=each[:100]))


def addresses(text: str) -> tuple[str, ...]:
    """`ana@x.example, Ben <ben@x.example>` as bare addresses."""
    parts = [each.strip() for each in text.replace(";", ",").replace("\n", ",").split(",")]
    found = [bare[1].strip() if (bare := _BRACKETS.search(each)) else each for each in parts]
    return tuple(dict.fromkeys(each for each in found if each))[:MOST_RECIPIENTS]
