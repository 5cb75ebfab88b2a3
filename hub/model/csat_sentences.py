"""What the hub says about asking customers how content they are; a part of `sentences.py`."""

from collections.abc import Mapping

CSAT_REFUSALS: Mapping[str, str] = {
    "rating_gone": "This question is not there any more.",
    "rating_late": "The time for answering is over.",
    "rating_score": "Choose how content you are, from 1 to 5.",
    "rating_comment": "A comment may have %(most)s characters at most.",
    "rating_wish": "Write what you would like an answer to.",
    "rating_plan_wrong": "Minutes and days are whole numbers: at most %(minutes)s minutes and %(days)s days.",
    "rating_question_wrong": "A question has at most %(most)s characters, and a language is written like de.",
    "rating_channel_gone": "One of these channels does not exist (any more).",
}

CSAT_REASONS: Mapping[str, str] = {
    "rated": "The customer said how content they are: %(score)s of 5.",
    "rated_anew": "The customer changed how content they are: from %(was)s to %(score)s of 5.",
    "comment_asks": "The customer asked for an answer when they said how content they are.",
    "not_asked": "Nobody was asked how content they are: %(problem)s",
}
