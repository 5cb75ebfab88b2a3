"""What is told of a message by itself: spam, urgency, mood."""

import pytest

from hub.judging.sentiment import sentiment_of
from hub.judging.spam import LEAST, SUSPECT, suspect
from hub.judging.terms import MOST, terms_of
from hub.judging.urgency import CALM, URGENT, urgency_of
from hub.store.spam import BUCKETS, History

BAD_TEXT = "Exclusive casino bonus for winners, claim your free jackpot today at https://win.example/now"
GOOD_TEXT = "My kettle leaks, where do I find the invoice for the order of last week?"


def counted(bad: int, good: int) -> dict[int, tuple[int, int]]:
    counts = dict.fromkeys(terms_of(BAD_TEXT, BUCKETS), (bad, 0))
    for each in terms_of(GOOD_TEXT, BUCKETS):
        counts[each] = (counts.get(each, (0, 0))[0], good)
    return counts


def test_without_any_evidence_there_is_no_score() -> None:
    assert suspect((), History(), terms_of(BAD_TEXT, BUCKETS), {}, 0, 0) is None


def test_the_provider_and_earlier_marks_speak_for_spam_with_their_reasons() -> None:
    found = suspect(("spam",), History(marked=True), {}, {}, 0, 0)
    assert found is not None
    assert found.score > 0.9
    assert found.reasons == (
        "The mail provider takes it for spam.",
        "An earlier conversation of this sender was marked as spam.",
    )


def test_whoever_was_answered_is_not_suspected_for_words_or_by_the_provider() -> None:
    counts = counted(5, 5)
    found = suspect(("spam",), History(answered=True), terms_of(BAD_TEXT, BUCKETS), counts, 5, 5)
    assert found is not None
    assert found.score < SUSPECT


def test_the_filter_tells_apart_what_was_marked_and_names_the_words() -> None:
    counts = counted(5, 5)
    bad = suspect((), History(), terms_of("A casino bonus: claim the free jackpot", BUCKETS), counts, 5, 5)
    good = suspect(
        (), History(), terms_of("Where is the invoice of my order? It leaks", BUCKETS), counts, 5, 5
    )
    assert bad is not None
    assert good is not None
    assert bad.score >= SUSPECT > 0.2 > good.score
    assert "casino" in bad.reasons[0]
    assert good.reasons == ()


@pytest.mark.parametrize(("bad", "good"), [(LEAST - 1, 9), (9, LEAST - 1)])
def test_the_filter_is_silent_until_it_has_seen_some_of_each(bad: int, good: int) -> None:
    assert suspect((), History(), terms_of(BAD_TEXT, BUCKETS), counted(bad, good), bad, good) is None


def test_words_that_stand_everywhere_tell_nothing() -> None:
    counts = dict.fromkeys(terms_of(GOOD_TEXT, BUCKETS), (5, 5))
    assert suspect((), History(), terms_of(GOOD_TEXT, BUCKETS), counts, 5, 5) is None


def test_terms_are_words_hosts_and_pairs_of_signs_and_never_too_many() -> None:
    found = set(terms_of("Jetzt GRATIS 12345: https://shop.example/x?y=1 免费赢取", BUCKETS).values())
    assert {"jetzt", "gratis", "//shop.example", "免费", "费赢", "赢取"} <= found
    assert "12345" not in found
    assert len(terms_of(" ".join(f"word{number}" for number in range(5000)), BUCKETS)) <= MOST


@pytest.mark.parametrize(
    ("text", "language", "urgency"),
    [
        ("Please answer as soon as possible", "en", "high"),
        ("Das ist dringend!", "de", "high"),
        ("Bitte unverzüglich zurückrufen", "de", "high"),
        ("C'est urgent, merci", "fr", "high"),
        ("Necesito ayuda lo antes posible", "es", "high"),
        ("Mi serve al più presto", "it", "high"),
        ("Graag zo snel mogelijk", "nl", "high"),
        ("Proszę o pilny kontakt", "pl", "high"),
        ("No rush, it isn’t urgent", "en", "low"),
        ("Es ist nicht dringend, hat Zeit", "de", "low"),
        ("Geen haast hoor", "nl", "low"),
        ("Nie jest pilne", "pl", "low"),
        ("Not urgent for me, but for my boss it is an emergency", "en", "high"),
        ("Where is my order?", "en", "normal"),
        ("urgent", None, "high"),
        ("hm", None, None),
        ("すぐにお願いします", "ja", None),
        ("The insurgents came", "en", "normal"),
        ("Die Fristverlängerung", "de", "normal"),
    ],
)
def test_urgency_is_what_somebody_says_in_their_language(
    text: str, language: str | None, urgency: str | None
) -> None:
    assert urgency_of(text, language) == urgency


def test_each_language_has_words_for_both() -> None:
    assert {"en", "de", "fr", "es", "it", "nl", "pl"} <= URGENT.keys() == CALM.keys()
    for language, words in URGENT.items():
        assert {urgency_of(word, language) for word in words} == {"high"}, language
        assert {urgency_of(word, language) for word in CALM[language]} == {"low"}, language


@pytest.mark.parametrize(
    ("text", "language", "mood"),
    [
        ("Thank you, that was very helpful", "en", "positive"),
        ("Das ist großartig, vielen Dank!", "de", "positive"),
        ("I am disappointed, this is unacceptable", "en", "negative"),
        ("Ich bin sehr enttäuscht", "de", "negative"),
        ("Ich bin nicht zufrieden", "de", "negative"),
        ("That isn't very good", "en", "negative"),
        ("Where is my order?", "en", "neutral"),
        ("Ein Gutschein, bitte", "de", "neutral"),
        ("Wo ist mein Paket? Vielen Dank im Voraus", "de", "neutral"),
        ("Merci beaucoup", "fr", None),
        ("ok", None, None),
    ],
)
def test_the_mood_is_told_where_there_are_words_for_it(
    text: str, language: str | None, mood: str | None
) -> None:
    assert sentiment_of(text, language) == mood
