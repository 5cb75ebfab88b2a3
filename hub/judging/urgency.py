"""Whether somebody says that it is urgent, by words of their language. Pure.

Only what is said counts, not what would be urgent to us: rules ask for words of a trade themselves.
"""

import re
from collections.abc import Mapping
from functools import cache

READ = 4000  # characters

URGENT: Mapping[str, tuple[str, ...]] = {
    "en": (
        "urgent", "urgently", "asap", "as soon as possible", "immediately", "emergency", "right away",
        "right now", "critical", "deadline", "cannot wait", "can't wait", "time-sensitive", "at once",
    ),
    "de": (
        "dringend", "dringende", "dringender", "dringendes", "dringlich", "eilig", "eilt", "sofort",
        "umgehend", "unverzüglich", "schnellstmöglich", "so schnell wie möglich", "notfall", "asap",
        "baldmöglichst", "frist", "heute noch",
    ),
    "fr": (
        "urgent", "urgente", "urgence", "urgemment", "immédiatement", "au plus vite", "dès que possible",
        "tout de suite", "sans délai", "le plus rapidement possible", "au plus tôt",
    ),
    "es": (
        "urgente", "urgentemente", "urgencia", "inmediatamente", "de inmediato", "lo antes posible",
        "cuanto antes", "emergencia", "ahora mismo", "lo más pronto posible",
    ),
    "it": (
        "urgente", "urgentemente", "urgenza", "immediatamente", "subito", "il prima possibile",
        "al più presto", "emergenza", "quanto prima", "prima possibile",
    ),
    "nl": (
        "dringend", "spoed", "urgent", "onmiddellijk", "zo snel mogelijk", "zo spoedig mogelijk",
        "direct nodig", "noodgeval", "per direct", "meteen", "haast",
    ),
    "pl": (
        "pilne", "pilny", "pilna", "pilnie", "natychmiast", "jak najszybciej", "niezwłocznie", "awaria",
        "od razu", "bezzwłocznie", "nagły wypadek",
    ),
    "pt": (
        "urgente", "urgência", "imediatamente", "o mais rápido possível", "quanto antes", "emergência",
    ),
}  # fmt: skip
CALM: Mapping[str, tuple[str, ...]] = {
    "en": (
        "not urgent", "no rush", "no hurry", "whenever you have time", "when you have time",
        "when you get a chance", "isn't urgent", "is not urgent", "take your time",
    ),
    "de": (
        "nicht dringend", "nicht eilig", "eilt nicht", "keine eile", "hat zeit", "wenn sie zeit haben",
        "wenn du zeit hast", "bei gelegenheit", "lassen sie sich zeit",
    ),
    "fr": (
        "pas urgent", "pas d'urgence", "rien d'urgent", "quand vous aurez le temps", "prenez votre temps",
    ),
    "es": (
        "no es urgente", "sin prisa", "no hay prisa", "no corre prisa", "cuando tenga tiempo",
    ),
    "it": (
        "non è urgente", "nessuna fretta", "senza fretta", "non c'è fretta", "quando ha tempo",
    ),
    "nl": (
        "niet dringend", "geen haast", "niet urgent", "geen spoed", "wanneer u tijd heeft",
    ),
    "pl": (
        "nie jest pilne", "niepilne", "nie spieszy się", "bez pośpiechu", "w wolnej chwili",
    ),
    "pt": (
        "não é urgente", "sem pressa", "não há pressa", "quando tiver tempo",
    ),
}  # fmt: skip
WORDS = {"urgent": URGENT, "calm": CALM}


def urgency_of(text: str, language: str | None) -> str | None:
    """high, low, normal; None where nothing is said and we have no words of the language.

    Short messages are in no language that can be told: they are looked through for the words of all.
    """
    text = text[:READ].lower().replace("’", "'")
    known = language in URGENT
    spoken = tuple(dict.fromkeys((language, "en"))) if known and language else tuple(URGENT)
    if language is not None and not known:
        spoken = ("en",)
    rest, calm = _any_of("calm", spoken).subn(" ", text)
    if _any_of("urgent", spoken).search(rest):
        return "high"
    if calm:
        return "low"
    return "normal" if known else None


@cache
def _any_of(kind: str, spoken: tuple[str, ...]) -> re.Pattern[str]:
    words = {each for language in spoken for each in WORDS[kind][language]}
    return re.compile(
        rf"\b(?:{'|'.join(re.escape(each) for each in sorted(words, key=len, reverse=True))})\b"
    )
