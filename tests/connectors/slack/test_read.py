"""What Slack's payloads say, each in its wire form and named for what is odd about it."""

import json
import logging
import random
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from multidict import CIMultiDict
from pydantic import SecretStr

from connectors.slack.config import SlackConfig, Workspace
from connectors.slack.connector import EventsSlack
from connectors.slack.events import arrived, changed_user, ts_of
from connectors.slack.marks import Said, read_rich_text
from connectors.slack.naming import named_in
from connectors.slack.read import Reader
from hub.contract.capabilities import Surface
from hub.contract.connector import Kit
from hub.contract.errors import ConnectorError, SignatureInvalid
from hub.contract.inbound import (
    ArrivedRaw,
    Ignored,
    InboundEvent,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    ReachabilityChanged,
    ReactionChanged,
    Thread,
    WebhookRequest,
)
from hub.model.content import Markup
from tests.conformance_kit.receiving import check_event
from tests.conformance_kit.webhooks import spoiled
from tests.connectors.rendered import rendered
from tests.connectors.slack.wire import APP, BOT, SIGNING_SECRET, TEAM, US, signed

PAYLOADS = Path(__file__).parent / "payloads"
CONFIG = SlackConfig(
    app=APP,
    way="events",
    signing_secret=SecretStr(SIGNING_SECRET),
    workspaces=(Workspace(team=TEAM, user=US, bot=BOT, token=SecretStr("xoxb-x")),),
)
READER = Reader.of(CONFIG)
QUIET = {
    "channel-message-not-for-us": "not to the app",
    "edited-in-a-channel-not-for-us": "not to the app",
    "changed-by-a-preview-only": "its text is as it was",
    "our-own-echo": "as it was sent",
    "our-own-message-edited": "as it was changed",
    "reaction-of-our-own": "Our own reaction",
    "reaction-to-a-file": "no message",
    "somebody-joined": "channel_join",
    "mention-told-twice": "comes as a message, too",
    "event-of-an-unknown-kind": "hologram_opened",
    "home-opened": "app_home_opened",
    "removed-from-the-workspace": "The app was removed from the workspace",
    "button-of-another-kind": "none of Hubbub's",
    "shortcut-of-another-name": "none of Hubbub's",
}
TEXTS = {
    "plain-text": "Does the tent leak?",
    "nobody-looked-up-yet": "Hello @U0BEN",
    "emoji-only": "👍🏽",
    "custom-emoji-of-the-workspace": "Thanks :partyparrot: at 10:30:45",
    "nested-marks": "**all bold and** ***this*** **too**",
    "marks-beside-spaces": r"a \* b **bold** c",
    "signs-that-are-markdown-to-us": r"snake_case \[x\](y) \`tick **bold**",
    "code-block-with-backticks": "```\nprint(`x`)\n# *no*\n```",
    "lists-within-lists": "- one\n   - two\n3. three",
    "quotation-and-answer": "> It leaks.\n\nReally?",
    "links-with-and-without-words": (
        "see [our shop](<https://example.org/a_b>) or <https://example.org/x_y>, a@b.example"
    ),
    "mentions-of-people-channels-and-everybody": "@Ben #tents @here",
    "text-without-blocks": (
        "**Bold** *it* ~~no~~ `co*de` \\<b> \\&amp; @Ben #tents @crew today 🎉\n> quoted\n\nend"
    ),
    "entity-that-hides-a-script": "click [y>z](<https://a.example/%3Ex>)",
    "right-to-left": "هل الخيمة مقاومة للماء؟",
    "40000-characters": "a" * 40_000,
    "file-without-words": "",
    "several-files-with-words": "Two views",
    "file-that-is-gone-and-one-that-is-a-page": (
        "Look\n[A file that has been deleted.]\nPlan: https://docs.example/plan\n"
        "[A file that Slack's free plan does not show any more.]"
    ),
    "another-app-with-an-attachment": (
        "Built **green**\n[Run 7](<https://ci.example/7>)\nAll **passed**\nBranch: main"
    ),
    "blocks-of-an-app": (
        "**Order 🎉**\n**4711** for @Ben\nRed\n2 kg\n\\[logo\\] today\n\\[Ship\\]\n"
        "[a tent](<https://x.example/t.png>)"
    ),
    "blocks-nobody-knows": "What it says in words",
    "nothing-that-can-be-shown": "[Slack sent something Hubbub cannot show: hologram.]",
    "preview-of-a-link-left-out": "https://example.org",
    "forwarded-from-another-channel": "See this\nForwarded from Jo Berg:\n> It **leaks**",
    "button-pressed": "Yes & no",
    "button-pressed-in-a-thread": "Yes & no",
    "edited-so-that-it-names-the-app": "@Hubbub it leaks",
    "me-waves": "*waves*",
    "names-left-out-of-the-text": (
        "@Ben #tents @crew #C0HIDDEN @here @everyone Since 21 Sep 2026 at 14:13 UTC, "
        "[then](<https://shop.example/a>)"
    ),
    "groups-dates-and-a-team-in-blocks": (
        "@crew in #tents Monday, 21 September 2026 14:13:20 UTC [21 Sep](<https://shop.example/a>) "
        "@everyone@channel"
    ),
    "shortcut-send-to-hubbub": "Nobody answers my mails",
}
FILES = {
    "file-without-words": [("cat.png", "image/png", "T0SHOP/F0CAT")],
    "several-files-with-words": [
        ("a.jpg", "image/jpeg", "T0SHOP/F0A"),
        ("Rechnung März.pdf", "application/pdf", "T0SHOP/F0B"),
    ],
    "file-of-another-company": [("file", "application/octet-stream", "T0SHOP/F0EXT")],
    "file-that-is-gone-and-one-that-is-a-page": [],
}


HERE = Thread("T0SHOP/D0ANA", Surface.DIRECT)
KIT = Kit(
    http=None,  # type: ignore[arg-type]  # proving a signature asks nobody
    now=lambda: datetime.now(UTC),
    log=logging.LoggerAdapter(logging.getLogger("hubbub.tests.channel"), {}),
    read=None,  # type: ignore[arg-type]
    save_config=None,  # type: ignore[arg-type]
)


def events_of(name: str, reader: Reader = READER) -> list[InboundEvent]:
    payload = json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8"))
    event = arrived(payload, frozenset({TEAM}), APP)
    assert event is not None
    return list(reader.read(event))


def message_of(name: str, reader: Reader = READER) -> MessageReceived:
    [event] = events_of(name, reader)
    assert isinstance(event, MessageReceived)
    return event


@pytest.mark.parametrize("name", sorted(path.stem for path in PAYLOADS.iterdir()))
def test_every_payload_becomes_one_well_formed_event(name: str) -> None:
    [event] = events_of(name)
    check_event(event)
    assert isinstance(event, Ignored) == (name in QUIET)


def test_what_is_nobodys_message_says_why_it_is_passed_over() -> None:
    for name, because in QUIET.items():
        [event] = events_of(name)
        assert isinstance(event, Ignored)
        assert because in event.because


@pytest.mark.parametrize(("name", "text"), TEXTS.items())
def test_the_text_is_as_it_was_meant(name: str, text: str) -> None:
    assert message_of(name).content.text == text


def test_only_marked_text_is_markdown() -> None:
    assert message_of("nested-marks").content.markup is Markup.MARKDOWN
    assert message_of("mentions-of-people-channels-and-everybody").content.markup is Markup.PLAIN


@pytest.mark.parametrize(("name", "files"), FILES.items())
def test_files_are_named_and_can_be_fetched(name: str, files: list[tuple[str, str, str]]) -> None:
    found = message_of(name).content.attachments
    assert [(file.name, file.mime, file.remote) for file in found] == files


def test_who_wrote_is_known_as_slack_knows_them() -> None:
    author = message_of("plain-text").author
    assert (author.key, author.name, author.handle, author.email) == (
        "U0ANA",
        "Ana Sousa",
        "ana",
        "ana@shop.example",
    )
    assert message_of("another-app-with-an-attachment").author.name == "CI"
    assert message_of("another-app-with-an-attachment").flags == ("automatic",)


def test_in_a_channel_shared_with_another_company_its_people_are_customers_and_ours_are_us() -> None:
    customer = message_of("shared-channel-customer-writes")
    assert (customer.author.name, customer.author.ours) == ("Eve Ext", False)
    assert customer.author.email is None  # their workspace vouches for it, nobody else
    assert customer.thread.key.startswith(f"{TEAM}/C0SHARED:")
    assert message_of("shared-channel-colleague-answers").author.ours
    assert message_of("shared-channel-company-with-a-name").author.name == "Eve Ext (Foreign Ltd)"


def test_whose_account_is_closed_cannot_be_reached_until_it_is_opened_again() -> None:
    told = [events_of(name)[0] for name in ("account-closed", "account-opened-again")]
    found = [(each.author.key, each.reachable) for each in told if isinstance(each, ReachabilityChanged)]
    assert found == [("U0ANA", False), ("U0ANA", True)]
    payload = json.loads((PAYLOADS / "account-closed.json").read_text(encoding="utf-8"))
    assert named_in(payload) == set()  # of thousands that change, few have written to us
    assert changed_user(payload) == "U0ANA"


def test_a_file_that_was_taken_out_is_gone_from_the_message() -> None:
    [edited] = events_of("edited-file-taken-out")
    assert isinstance(edited, MessageEdited)
    assert edited.whole
    assert edited.content.attachments == ()
    assert "A file that has been deleted." in edited.content.text


def test_threads_are_chats_groups_and_what_stands_below_a_message() -> None:
    threads = {
        "plain-text": ("T0SHOP/D0ANA", Surface.DIRECT),
        "direct-chat-without-a-channel-type": ("T0SHOP/D0ANA", Surface.DIRECT),
        "thread-beside-a-direct-chat": ("T0SHOP/D0ANA:1790000001.000100", Surface.DIRECT),
        "group-message": ("T0SHOP/G0PARTY", Surface.GROUP),
        "answer-to-our-own-message": ("T0SHOP/C0SUPPORT:1790000001.000100", Surface.GROUP),
    }
    for name, (key, surface) in threads.items():
        assert (message_of(name).thread.key, message_of(name).thread.surface) == (key, surface), name
    asked = message_of("channel-message-naming-the-app")
    assert asked.thread.key == f"T0SHOP/{asked.message.replace('/', ':')}"
    beside = message_of("thread-beside-a-direct-chat")
    assert beside.reply_to == "D0ANA/1790000001.000100"
    assert beside.related == ("D0ANA/1790000001.000100",)


def test_below_messages_of_others_only_the_hub_knows_whether_it_is_ours() -> None:
    assert message_of("answer-in-a-thread-of-a-channel").only_known
    assert not message_of("answer-to-our-own-message").only_known
    assert not message_of("thread-beside-a-direct-chat").only_known


def test_a_press_is_said_where_the_button_stands() -> None:
    pressed = message_of("button-pressed")
    assert (pressed.thread, pressed.reply_to) == (HERE, "D0ANA/1790000000.000100")
    assert (pressed.author.key, pressed.author.ours) == ("U0ANA", False)
    assert ts_of(pressed.message) == "1790000000.000100"
    below = message_of("button-pressed-in-a-thread")
    assert below.thread == Thread("T0SHOP/C0SUPPORT:1789999999.000100", Surface.GROUP)
    assert named_in(json.loads((PAYLOADS / "button-pressed.json").read_text())) == {"U0ANA", US}


def test_a_channel_may_hear_everything() -> None:
    everything = Reader.of(CONFIG.model_copy(update={"channels": "all"}))
    assert message_of("channel-message-not-for-us", everything).content.text == "Lunch, anyone?"
    assert not message_of("answer-in-a-thread-of-a-channel", everything).only_known


def test_what_changes_afterwards_is_told() -> None:
    [edited] = events_of("edited")
    assert isinstance(edited, MessageEdited)
    assert (edited.message, edited.content.text) == (
        "D0ANA/1790000001.000001",
        "Does the **red** tent leak?",
    )
    for name in ("deleted", "deleted-while-answers-stand-below"):
        [deleted] = events_of(name)
        assert isinstance(deleted, MessageDeleted)
        assert deleted.message == "D0ANA/1790000001.000001"
    told = [events_of(name)[0] for name in ("reaction-with-a-skin-tone", "reaction-taken-back")]
    assert [(each.emoji, each.on) for each in told if isinstance(each, ReactionChanged)] == [
        ("👋🏾", True),
        ("❤️", False),
    ]


def test_the_key_is_slacks_own_and_the_same_when_it_is_delivered_again() -> None:
    payload = json.loads((PAYLOADS / "plain-text.json").read_text(encoding="utf-8"))
    first = arrived(payload, frozenset({TEAM}), APP)
    again = arrived({**payload, "event_time": payload["event_time"] + 60}, frozenset({TEAM}), APP)
    assert first is not None
    assert again is not None
    assert first.key == again.key == f"event:{payload['event_id']}"


def test_everybody_a_message_names_is_looked_up() -> None:
    payload = json.loads((PAYLOADS / "mentions-of-people-channels-and-everybody.json").read_text("utf-8"))
    assert named_in(payload) == {"U0ANA", "U0BEN"}  # its text calls the channel by name


@settings(max_examples=40)
@given(st.sampled_from(sorted(PAYLOADS.iterdir())), st.integers(0, 2**32))
def test_a_spoiled_payload_is_kept_and_breaks_nothing(path: Path, seed: int) -> None:
    chosen = random.Random(seed).sample(list(spoiled(path.read_bytes())), 8)
    for body in chosen:
        try:
            event = arrived(json.loads(body), frozenset({TEAM}), APP)
        except (ConnectorError, ValueError):
            event = None
        if event is not None:
            check_event(event)
        now = datetime.now(UTC)
        read = READER.read(ArrivedRaw(key="event:1", at=now, thread=HERE, raw={"team": TEAM}, body=body))
        assert read
        for each in read:
            check_event(each)


@settings(max_examples=30)
@given(st.binary(max_size=200), st.text(max_size=80), st.text(max_size=20))
def test_nothing_but_slacks_own_signature_is_let_in(body: bytes, signature: str, at: str) -> None:
    hooks = EventsSlack(CONFIG, KIT)
    headers, right = signed({"type": "event_callback"})
    good = WebhookRequest("POST", "https://hub.example/hooks/x", CIMultiDict(headers), {}, right)
    hooks.verify(good)
    strange = [
        {**headers, "X-Slack-Signature": signature},
        {**headers, "X-Slack-Request-Timestamp": at},
        {"X-Slack-Signature": signature, "X-Slack-Request-Timestamp": at},
    ]
    requests = [WebhookRequest("POST", good.url, CIMultiDict(each), {}, right) for each in strange]
    requests += [WebhookRequest("POST", good.url, CIMultiDict(headers), {}, body)] if body != right else []
    for request in requests:
        if request.headers == good.headers and request.body == right:
            continue
        with pytest.raises(SignatureInvalid):
            hooks.verify(request)


@given(st.lists(st.text("ab #>-+=*_~`[]<&.1\n", min_size=1, max_size=8), min_size=1, max_size=4))
def test_signs_at_the_beginning_of_a_line_stay_signs_beside_what_is_marked(pieces: list[str]) -> None:
    leaves: list[dict[str, object]] = [{"type": "text", "text": "Bold", "style": {"bold": True}}]
    leaves += [{"type": "text", "text": each} for each in ["\n", *pieces]]
    items = [{"type": "rich_text_section", "elements": [{"type": "text", "text": "- 1. one"}]}]
    listed = {"type": "rich_text_list", "style": "bullet", "elements": items}
    said = Said()
    read_rich_text({"elements": [{"type": "rich_text_section", "elements": leaves}]}, {}, said)
    shown = rendered(said.text()[0])
    assert shown[:4] == [(sign, {"bold"}) for sign in "Bold"]
    assert shown[4:] == [(sign, set()) for sign in "".join(pieces) if not sign.isspace()]
    said = Said()
    read_rich_text({"elements": [listed]}, {}, said)
    assert said.text()[0] == "- \\- 1. one"
