"""The mood of a message by its words: a hint to sort by, in the languages that have words here. Pure."""

import re
from collections.abc import Mapping

READ = 4000  # characters
_WORD = re.compile(r"[^\W\d_]+")
_POLITE = re.compile(r"\b(?:vielen dank|danke|thanks|thank you)[^.!?\n]{0,12}\b(?:im voraus|in advance)\b")

# Forms are written out: endings tell languages apart, and a stem such as "gut" begins "Gutschein", too.
GLAD: Mapping[str, frozenset[str]] = {
    "en": frozenset([
        "amazing", "appreciate", "appreciated", "awesome", "brilliant", "delighted", "excellent",
        "fantastic", "glad", "good", "great", "happy", "helpful", "love", "loved", "lovely", "nice",
        "perfect", "pleased", "satisfied", "superb", "thank", "thanks", "wonderful",
    ]),
    "de": frozenset([
        "ausgezeichnet", "begeistert", "dank", "danke", "freundlich", "freut", "großartig",
        "gut", "gute", "guter", "hervorragend", "hilfreich", "klasse", "nett", "perfekt", "prima",
        "schön", "super", "toll", "tolle", "tollen", "wunderbar", "zufrieden",
    ]),
}  # fmt: skip
ANGRY: Mapping[str, frozenset[str]] = {
    "en": frozenset([
        "angry", "annoyed", "annoying", "awful", "bad", "broken", "complain", "complaint", "disappointed",
        "disappointing", "disgrace", "disgusted", "dissatisfied", "frustrated", "frustrating", "furious",
        "hate", "horrible", "lawyer", "poor", "ridiculous", "rude", "scam", "terrible", "unacceptable",
        "unhappy", "useless", "worst",
    ]),
    "de": frozenset([
        "anwalt", "beschwerde", "beschweren", "betrug", "defekt", "enttäuschend", "enttäuscht",
        "frechheit", "furchtbar", "inakzeptabel", "kaputt", "katastrophe", "mangelhaft", "sauer",
        "schlecht", "schlechte", "schlechten", "schlechter", "schrecklich", "skandal", "unfreundlich",
        "unmöglich", "unverschämt", "unverschämtheit", "unzufrieden", "unzumutbar", "verärgert", "wütend",
        "ärgerlich",
    ]),
}  # fmt: skip
NOT = frozenset(
    [
        "not",
        "no",
        "never",
        "isn",
        "wasn",
        "don",
        "doesn",
        "didn",
        "nicht",
        "kein",
        "keine",
        "keinen",
        "keiner",
        "nie",
        "niemals",
    ]
)
BETWEEN = frozenset(
    ["t", "very", "really", "so", "at", "all", "that", "too", "sehr", "wirklich", "ganz", "gar"]
)


def sentiment_of(text: str, language: str | None) -> str | None:
    """positive, negative, neutral; None where we have no words of the language, or it is not known."""
    if language is None or language not in GLAD:
        return None
    glad, angry = GLAD[language], ANGRY[language]
    balance, turned = 0, 1
    for word in _WORD.findall(_POLITE.sub(" ", text[:READ].lower())):
        if word in NOT:
            turned = -1
            continue
        balance += turned * ((word in glad) - (word in angry))
        if word not in BETWEEN:
            turned = 1
    return "positive" if balance > 0 else "negative" if balance < 0 else "neutral"
