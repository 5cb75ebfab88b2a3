"""What customers are asked, in their language, and what they can say. Pure.

The scores stand in front, so that an answer that is typed instead of tapped is understood as well.
"""

import re
from collections.abc import Mapping, Sequence

from hub.model.ratings import SCORES, RatingPlan

FALLBACK = "en"
TYPED = re.compile(r"\s*([1-5])\s*(?:/\s*5)?\s*[.!]?\s*")
QUESTIONS: Mapping[str, str] = {
    "en": "How content are you with our help?",
    "de": "Wie zufrieden sind Sie mit unserer Hilfe?",
    "fr": "Êtes-vous satisfait de notre aide ?",
    "es": "¿Qué tan satisfecho está con nuestra ayuda?",
    "it": "Quanto è soddisfatto del nostro aiuto?",
    "nl": "Hoe tevreden bent u over onze hulp?",
}
SCALE: Mapping[str, Sequence[str]] = {
    "en": ("very content", "content", "so-so", "not content", "not at all content"),
    "de": ("sehr zufrieden", "zufrieden", "teils, teils", "unzufrieden", "sehr unzufrieden"),
    "fr": ("très satisfait", "satisfait", "moyennement", "pas satisfait", "pas du tout satisfait"),
    "es": ("muy satisfecho", "satisfecho", "regular", "insatisfecho", "muy insatisfecho"),
    "it": ("molto soddisfatto", "soddisfatto", "così così", "insoddisfatto", "molto insoddisfatto"),
    "nl": ("zeer tevreden", "tevreden", "gaat wel", "ontevreden", "zeer ontevreden"),
}


def language_for(plan: RatingPlan, *wanted: str | None) -> str:
    """The first wanted one in which there is a question; else English, or the only one there is."""
    there = {**QUESTIONS, **plan.questions}
    for each in wanted:
        for language in (each or "", (each or "").partition("-")[0]):
            if language.casefold() in there:
                return language.casefold()
    return FALLBACK


def question_in(plan: RatingPlan, language: str) -> str:
    return plan.questions.get(language) or QUESTIONS.get(language) or QUESTIONS[FALLBACK]


def choices_in(language: str) -> list[tuple[int, str]]:
    """Scores and what is written on them, the best first. Where we lack the words: stars."""
    words = SCALE.get(language.partition("-")[0])
    return [
        (score, f"{score} – {words[at]}" if words else f"{score} {'★' * score}")
        for at, score in enumerate(SCORES)
    ]


def score_in(text: str, language: str) -> int | None:
    """What was tapped."""
    said = " ".join(text.split())
    return next((score for score, words in choices_in(language) if words == said), None)


def typed_score(text: str) -> int | None:
    """What was typed: a bare number."""
    found = TYPED.fullmatch(text)
    return int(found[1]) if found else None


def with_buttons(question: str, language: str) -> str:
    """As `hub.desk.choices` reads it."""
    return "\n".join([question, *(f"[[{words}]]" for _, words in choices_in(language))])


def with_links(question: str, language: str, url: str) -> str:
    """A link for each score, as a mail has room for."""
    lines = [f"- [{words}]({url}?score={score})" for score, words in choices_in(language)]
    return "\n".join([question, "", *lines])


def with_link(question: str, url: str) -> str:
    return f"{question}\n{url}"
