"""What a web chat has to know, and what is asked for it."""

import re
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from connectors.webchat.hours import read_hours
from connectors.webchat.texts import LANGUAGES, TEXTS
from hub.contract.connector import Question

ORIGIN = re.compile(r"https?://(\*\.)?[a-z0-9.-]+(:\d{1,5})?|\*")
COLOUR = re.compile(r"#[0-9a-f]{6}")
_RULE = re.compile(
    r"(?P<page>\S+)(?:\s+after\s+(?P<after>\d{1,4})\s*s)?(?P<who>\s+returning|\s+new)?\s*:\s*(?P<text>.+)",
    re.IGNORECASE,
)


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FormField(_Model):
    """One thing asked before the chat; `name` and `email` are known by their keys."""

    key: str = Field(min_length=1, max_length=60)
    label: str = Field(default="", max_length=80)
    required: bool = False


class Rule(_Model):
    """When the widget speaks first."""

    page: str = Field(default="*", max_length=200)  # a part of the address, * for anything
    after: int = Field(default=0, ge=0, le=3600)  # seconds on that page
    who: Literal["anybody", "returning", "new"] = "anybody"
    text: str = Field(min_length=1, max_length=300)


class WebchatConfig(_Model):
    """`secret` signs what browsers carry; `identity_secret` is shared with the site's own server."""

    title: str = Field(default="Chat", min_length=1, max_length=60)
    origins: tuple[str, ...] = Field(min_length=1)
    secret: SecretStr = Field(min_length=32)
    identity_secret: SecretStr | None = None
    identity_required: bool = False
    colour: str = "#2d5bd7"
    side: Literal["right", "left"] = "right"
    theme: Literal["auto", "light", "dark"] = "auto"
    language: str = "auto"
    greeting: str = Field(default="", max_length=300)
    form: tuple[FormField, ...] = Field(default=(), max_length=8)
    hours: str = Field(default="", max_length=300)
    zone: str = "UTC"
    hide_outside_hours: bool = False
    rules: tuple[Rule, ...] = Field(default=(), max_length=20)
    texts: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)
    consent: Literal["chat", "ask"] = "chat"  # when the browser may keep something: once they write, or asked
    mail_after: int = Field(default=10, ge=0, le=1440)  # minutes unread before it goes by e-mail; 0: never
    mail_channel: str = ""  # the name of the e-mail channel; "": the first there is
    change_within: int = Field(default=15, ge=0, le=10_080)  # minutes in which visitors change what they said
    largest_file: int = Field(default=10, ge=0, le=25)  # MB; 0: no files
    demo: bool = False  # serves a page of its own to try it on

    @field_validator("origins")
    @classmethod
    def _are_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for each in origins:
            if not ORIGIN.fullmatch(each):
                raise ValueError(f"{each!r} is not like https://shop.example")
        return origins

    @field_validator("colour")
    @classmethod
    def _is_colour(cls, colour: str) -> str:
        if not COLOUR.fullmatch(colour.lower()):
            raise ValueError("a colour is like #2d5bd7")
        return colour.lower()

    @field_validator("hours")
    @classmethod
    def _are_hours(cls, hours: str) -> str:
        read_hours(hours)
        return hours

    @field_validator("zone")
    @classmethod
    def _is_zone(cls, zone: str) -> str:
        if zone not in available_timezones():
            raise ValueError(f"{zone!r} is no time zone, such as Europe/Berlin")
        return zone

    @field_validator("language")
    @classmethod
    def _is_language(cls, language: str) -> str:
        if language not in ("auto", *LANGUAGES):
            raise ValueError(f"there are auto, {', '.join(LANGUAGES)}")
        return language

    @field_validator("texts")
    @classmethod
    def _are_texts(cls, texts: Mapping[str, Mapping[str, str]]) -> Mapping[str, Mapping[str, str]]:
        for language, said in texts.items():
            unknown = set(said) - set(TEXTS["en"])
            if language not in LANGUAGES or unknown:
                raise ValueError(f"unknown texts: {language} {', '.join(sorted(unknown))}")
        return texts

    def allows(self, origin: str) -> bool:
        """Whether the widget may stand on pages of this origin."""
        found = urlsplit(origin.lower())
        return any(_fits(each, origin.lower(), found.scheme, found.netloc) for each in self.origins)


def _fits(pattern: str, origin: str, scheme: str, place: str) -> bool:
    if pattern == "*":
        return scheme in ("http", "https")
    if "://*." in pattern:
        wanted, _, domain = pattern.partition("://*")
        return scheme == wanted and place.endswith(domain) and len(place) > len(domain)
    return origin == pattern


def read_answers(answers: Mapping[str, str]) -> dict[str, Any]:
    """Answers to the questions as settings; lists are written on one line each. Raises ValueError."""
    settings: dict[str, Any] = dict(answers)
    settings["origins"] = tuple(origin_of(each) for each in re.split(r"[,;\s]+", answers["origins"]) if each)
    settings["form"] = tuple(map(_form_field, _parts(answers.get("form", ""), ",")))
    settings["rules"] = tuple(map(_rule, _parts(answers.get("rules", ""), ";")))
    texts: dict[str, dict[str, str]] = {}
    for each in _parts(answers.get("texts", ""), ";"):
        name, equals, said = each.partition("=")
        language, dot, key = name.strip().partition(".")
        if not equals or not dot:
            raise ValueError(f"{each!r} is not like en.send=Send")
        texts.setdefault(language, {})[key] = said.strip()
    settings["texts"] = texts
    for name in ("identity_required", "hide_outside_hours"):
        settings[name] = answers.get(name, "no") == "yes"
    return settings


def shown_answers(config: WebchatConfig) -> dict[str, str]:
    """The settings as they were, or would have been, answered; no secrets."""
    shown = {name: str(value) for name, value in config if isinstance(value, str | int)}
    shown["origins"] = " ".join(config.origins)
    shown["form"] = ", ".join(
        (each.key if each.key == each.label or not each.label else f"{each.key}={each.label}")
        + ("*" if each.required else "")
        for each in config.form
    )
    shown["rules"] = "; ".join(map(_rule_text, config.rules))
    shown["texts"] = "; ".join(
        f"{language}.{key}={said}" for language, each in config.texts.items() for key, said in each.items()
    )
    for name in ("identity_required", "hide_outside_hours"):
        shown[name] = "yes" if getattr(config, name) else "no"
    return shown


def origin_of(typed: str) -> str:
    """What somebody meant who typed an address: `shop.example/` is https://shop.example."""
    if typed == "*":
        return typed
    found = urlsplit((typed if "://" in typed else f"https://{typed}").lower())
    return f"{found.scheme}://{found.netloc}"


def _parts(text: str, by: str) -> list[str]:
    return [each.strip() for each in text.split(by) if each.strip()]


def _form_field(text: str) -> FormField:
    required = text.endswith("*")
    key, _, label = text.rstrip("* ").partition("=")
    known = key.strip().lower()
    return FormField(
        key=known if known in ("name", "email") else key.strip(), label=label.strip(), required=required
    )


def _rule(text: str) -> Rule:
    match = _RULE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not like '/prices* after 20s: May we help?'")
    who = (match["who"] or "anybody").strip().lower()
    return Rule.model_validate(
        {"page": match["page"], "after": int(match["after"] or 0), "who": who, "text": match["text"].strip()}
    )


def _rule_text(rule: Rule) -> str:
    after = f" after {rule.after}s" if rule.after else ""
    who = f" {rule.who}" if rule.who != "anybody" else ""
    return f"{rule.page}{after}{who}: {rule.text}"


QUESTIONS = (
    Question(name="title", label="Title", help="What stands above the chat.", default="Chat with us"),
    Question(
        name="origins",
        label="Where it may stand",
        help="The addresses of your sites, such as https://shop.example or https://*.shop.example.",
    ),
    Question(
        name="greeting",
        label="Greeting",
        help="The first thing a visitor reads; left empty: a friendly one in their language.",
        required=False,
    ),
    Question(
        name="colour", label="Colour", help="Of the button and of what visitors say.", default="#2d5bd7"
    ),
    Question(
        name="form",
        label="Asked before the chat",
        help="Such as: name, email*, Order number. A star: must be answered. Left empty: nothing is asked.",
        required=False,
    ),
    Question(
        name="hours",
        label="Business hours",
        help="Such as: mon-fri 9:00-17:30; sat 10:00-14:00. Left empty: always.",
        required=False,
    ),
    Question(name="zone", label="Time zone", help="Of the business hours.", default="Europe/Berlin"),
    Question(
        name="identity_secret",
        label="Secret shared with your site",
        help="At least 32 characters. Your server signs with it who is signed in there.",
        secret=True,
        required=False,
        advanced=True,
    ),
    Question(
        name="identity_required",
        label="Only people who are signed in on your site",
        default="no",
        choices=("no", "yes"),
        advanced=True,
    ),
    Question(
        name="hide_outside_hours",
        label="Hide it outside business hours",
        default="no",
        choices=("no", "yes"),
        advanced=True,
    ),
    Question(
        name="rules",
        label="Speaks first",
        help="Such as: /prices* after 20s: May we help?; * after 60s returning: Welcome back!",
        required=False,
        advanced=True,
    ),
    Question(
        name="consent",
        label="The browser keeps something",
        help="chat: once somebody writes, as it has to. ask: only after your site has told of their consent.",
        default="chat",
        choices=("chat", "ask"),
        advanced=True,
    ),
    Question(
        name="mail_after",
        label="Goes on by e-mail after so many minutes",
        help="When the visitor has left, gave an address and has not seen our answer. 0: never.",
        default="10",
        advanced=True,
    ),
    Question(
        name="mail_channel",
        label="By which e-mail channel",
        help="Its name here; left empty: the first there is.",
        required=False,
        advanced=True,
    ),
    Question(
        name="change_within",
        label="Visitors may change what they wrote",
        help="For so many minutes; both sides see that it was changed. 0: never.",
        default="15",
        advanced=True,
    ),
    Question(name="language", label="Language", default="auto", choices=("auto", *LANGUAGES), advanced=True),
    Question(
        name="theme", label="Light or dark", default="auto", choices=("auto", "light", "dark"), advanced=True
    ),
    Question(name="side", label="Side", default="right", choices=("right", "left"), advanced=True),
    Question(
        name="texts",
        label="Other words",
        help="Such as: en.send=Go; de.send=Los. The README names all of them.",
        required=False,
        advanced=True,
    ),
)
