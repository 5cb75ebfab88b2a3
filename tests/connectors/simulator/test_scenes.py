"""The demo's content is believable: checked as an editor would, over everything that can be played."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from connectors.simulator import close_world
from connectors.simulator.director import Director, in_order
from connectors.simulator.planning import By, PlannedConversation
from connectors.simulator.scenario import SCENES, load_scenario
from connectors.simulator.screenplay import STAGES, SceneInvalid, cues_of, load_matters, matter_of
from connectors.simulator.timetable import CLOCK, OFFICE

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)  # a Monday
FILLER = re.compile(
    r"lorem|ipsum|dolor sit|foo\b|\bbar\b|asdf|xxx|todo|test message|placeholder", re.IGNORECASE
)
GERMAN = re.compile(r"\b(ich|und|nicht|bitte|der|die|das|ist|danke|wie|mit|von|für|auf)\b", re.IGNORECASE)
ENGLISH = re.compile(
    r"\b(i|and|not|please|the|is|thank|thanks|how|with|from|for|you|it|that)\b", re.IGNORECASE
)


@pytest.fixture(scope="module")
def history() -> tuple[PlannedConversation, ...]:
    scenario = load_scenario()
    world = scenario.model_copy(update={"world": "content-under-test"}).open()
    planned = Director(scenario, world).history(NOW, 300)
    close_world("content-under-test")
    return planned


MATTERS = load_matters(SCENES)


def spoken(conversation: PlannedConversation) -> str:
    return "\n".join(turn.text for turn in (*conversation.turns, *conversation.later))


def test_there_are_about_eighty_matters_half_of_them_in_each_language() -> None:
    languages = Counter(matter.language for matter in MATTERS)
    assert len(MATTERS) >= 80
    assert min(languages.values()) >= 40


def test_matters_come_up_everywhere_in_both_languages() -> None:
    for language in ("en", "de"):
        assert {matter.on for matter in MATTERS if matter.language == language} == set(STAGES)


def test_a_matter_is_a_conversation_and_not_a_line() -> None:
    one_sided = [matter.key for matter in MATTERS if not any(cue.who == "agent" for cue in matter.script)]
    assert all(matter.flags for matter in MATTERS if matter.key in one_sided), one_sided
    long_enough = [matter for matter in MATTERS if sum(cue.who == "customer" for cue in matter.script) >= 2]
    assert len(long_enough) > 0.75 * len(MATTERS)


def test_everything_that_happens_to_messages_happens_in_the_scenes() -> None:
    happens = Counter(cue.who for matter in MATTERS for cue in matter.script)
    assert set(happens) == {str(by) for by in By}
    files = {kind for matter in MATTERS for cue in matter.script for kind, _ in cue.files}
    assert files == {"photo", "pdf", "ics"}
    assert {flag for matter in MATTERS for flag in matter.flags} == {"spam", "auto_reply"}


def test_no_blank_is_left_open_and_no_filler_stands_in(history: tuple[PlannedConversation, ...]) -> None:
    for conversation in history:
        text = spoken(conversation) + (conversation.subject or "")
        assert not re.search(r"[{}]|%%", text), (conversation.matter, text)
        assert not FILLER.search(text), (conversation.matter, text)
        assert not re.search(r"(?m)^@(?!lindenandco)", text), conversation.matter


def test_everybody_has_a_name_an_address_and_something_to_say(
    history: tuple[PlannedConversation, ...],
) -> None:
    for conversation in history:
        customer = conversation.customer
        assert len(customer.name.split()) >= 2
        assert re.fullmatch(r"[a-z0-9.\-]+@[a-z0-9.\-]+\.example", customer.email or ""), customer
        assert re.fullmatch(r"@[a-z0-9_]+", customer.handle or ""), customer
        assert conversation.turns[0].by is By.CUSTOMER
        for turn in conversation.turns:
            assert turn.text.strip() or turn.by in (By.DELETE, By.READ), (conversation.matter, turn)
            assert (turn.agent is not None) == (turn.by in (By.AGENT, By.NOTE))


def test_people_come_from_many_places(history: tuple[PlannedConversation, ...]) -> None:
    names = {conversation.customer.name for conversation in history}
    assert len(names) > 200
    for letters in ("şığ", "łąćó", "ãêé", "ễầạả", "їоа", "öüä"):
        assert any(letter in name for name in names for letter in letters), letters
    families = " ".join(names)
    for family in ("Okonkwo", "Chen", "Kaya", "Patel", "Haddad", "Nowak", "Schneider", "Carter"):
        assert family in families


def test_some_people_write_more_than_once_and_by_another_channel(
    history: tuple[PlannedConversation, ...],
) -> None:
    channels: dict[str, set[str]] = {}
    for conversation in history:
        channels.setdefault(conversation.customer.key, set()).add(conversation.account)
    assert 15 <= len(history) - len(channels) <= 60
    assert any(len(accounts) > 1 for accounts in channels.values())


def test_each_conversation_is_in_its_language(history: tuple[PlannedConversation, ...]) -> None:
    counted = Counter(conversation.language for conversation in history)
    assert min(counted["de"], counted["en"]) > 120
    for conversation in history:
        text = spoken(conversation)
        german, english = len(GERMAN.findall(text)), len(ENGLISH.findall(text))
        assert (german > english) == (conversation.language == "de"), (conversation.matter, text)


def test_subjects_hardly_ever_repeat(history: tuple[PlannedConversation, ...]) -> None:
    subjects = [conversation.subject for conversation in history if conversation.subject]
    assert len(subjects) > 120
    assert len(set(subjects)) > 0.9 * len(subjects)
    assert all(len(subject) < 90 for subject in subjects)


def test_openings_hardly_ever_repeat_word_for_word(history: tuple[PlannedConversation, ...]) -> None:
    mails = [each.turns[0].text for each in history if each.subject and "auto_reply" not in each.flags]
    assert len(set(mails)) > 0.9 * len(mails)


def test_two_weeks_pass_in_the_rhythm_of_a_shop(history: tuple[PlannedConversation, ...]) -> None:
    turns = [turn for conversation in history for turn in conversation.turns]
    assert all(NOW - timedelta(days=14) <= turn.at < NOW for turn in turns)
    days = {turn.at.date() for turn in turns}
    assert len(days) >= 14
    for turn in turns:
        local = turn.at + CLOCK
        if turn.by in (By.AGENT, By.NOTE):
            opens, closes = OFFICE.get(local.weekday(), (0, 0))
            assert opens <= local.hour < closes, turn.at
    night = [turn for turn in turns if turn.by is By.CUSTOMER and (turn.at + CLOCK).hour < 6]
    assert len(night) < 0.03 * len(turns)


def test_turns_follow_one_another(history: tuple[PlannedConversation, ...]) -> None:
    for conversation in history:
        moments = [turn.at for turn in conversation.turns]
        assert moments == sorted(moments), conversation.matter


def test_some_are_done_and_some_wait_for_us(history: tuple[PlannedConversation, ...]) -> None:
    resolved = sum(conversation.resolved for conversation in history)
    waiting = sum(
        not each.resolved and each.turns[-1].by is By.CUSTOMER and bool(each.later) for each in history
    )
    assert 120 <= resolved <= 260
    assert waiting >= 20


def test_attached_files_are_what_they_say(history: tuple[PlannedConversation, ...]) -> None:
    files = [file for conversation in history for turn in conversation.turns for file in turn.files]
    begins = {"image/png": b"\x89PNG\r\n", "application/pdf": b"%PDF-", "text/calendar": b"BEGIN:VCALENDAR"}
    assert {mime for _, mime, _ in files} == set(begins)
    assert all(content.startswith(begins[mime]) for _, mime, content in files)
    assert 30 <= len(files) <= 120
    assert sum(len(content) for _, _, content in files) < 1_000_000


def test_the_same_seed_tells_the_same_story(history: tuple[PlannedConversation, ...]) -> None:
    scenario = load_scenario()
    world = scenario.model_copy(update={"world": "content-again"}).open()
    again = Director(scenario, world).history(NOW, 300)
    close_world("content-again")
    assert again == history
    assert len(list(in_order(again))) > 900


@pytest.mark.parametrize(
    ("spoiled", "words"),
    [
        ({"script": "@agent\nHello"}, "does not begin with the customer"),
        ({"script": "@customer\n"}, "says nothing"),
        ({"script": ""}, "empty"),
        ({"on": "carrier pigeon"}, "is no place"),
        ({"subjects": []}, "mails have subjects"),
        ({"script": "@customer at noon\nHello"}, "words on its own line"),
    ],
)
def test_a_scene_that_cannot_be_played_says_why(spoiled: dict[str, object], words: str) -> None:
    good = {"key": "k", "on": "email", "tags": [], "subjects": ["A"], "script": "@customer\nHello"}
    matter_of(good, "en")
    with pytest.raises(SceneInvalid, match=words):
        matter_of(good | spoiled, "en")


def test_a_line_that_names_us_is_no_stage_direction() -> None:
    [cue] = cues_of("@customer\n@lindenandco where is my tent?")
    assert cue.texts == ("@lindenandco where is my tent?",)
