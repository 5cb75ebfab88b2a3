"""What the hub says about where an answer goes and which conversations are one; a part of `sentences.py`."""

from collections.abc import Mapping

CASE_REFUSALS: Mapping[str, str] = {
    # Where an answer can go
    "to_blocked": "%(name)s is blocked: nothing is sent to them. Unblock them first.",
    "to_unreachable": "%(address)s cannot be reached: the platform refuses what is sent there.",
    "to_unwilling": "%(name)s has taken back their consent to messages by %(platform)s (%(where)s).",
    "to_unwilling_anywhere": "%(name)s has taken back their consent to messages (%(where)s).",
    "to_unverified": "Nobody has verified that %(address)s is theirs.",
    "to_paused": "%(channel)s is paused.",
    "to_broken": "%(channel)s is not connected just now.",
    "to_elsewhere": "Another open conversation goes on there: “%(subject)s”. Merge the two, or answer there.",
    "place_unusable": "An answer cannot go there (any more): choose another place.",
    "answers_elsewhere": "Through %(channel)s that message cannot be answered by itself.",
    "answers_gone": "The message to be answered is not there any more, or has not been sent yet.",
    # Conversations that may be one
    "join_decided": "Somebody has decided that already.",
    "join_apart": "It is not in here any more.",
    "joining_unknown": "Choose what to do with a conversation that begins while another is open.",
}

CASE_REASONS: Mapping[str, str] = {
    "joined_matter": "The same customer wrote while this conversation was open. %(problem)s",
    "arrival_copy": "The same mail came to %(channel)s first: it is in one conversation, with both.",
    "received_also": "The same mail came to %(channel)s, too.",
    "join_number": "Both name %(number)s.",
    "join_subject": "The same subject: “%(subject)s”.",
    "join_subject_like": "The subjects are alike: “%(subject)s”.",
    "join_words": "Much the same words.",
    "join_hour": "They wrote there within the same hour.",
    "join_day": "They wrote there within a day.",
    "join_days": "They wrote there within three days.",
    "join_lately": "They wrote there within two weeks.",
    "join_waits": "They wait for an answer there.",
    "join_only": "It is their only open conversation.",
    "join_numbers_differ": "But they name different numbers.",
    "apart_wanted": "The channel leaves such conversations apart.",
    "apart_public": "One is public, the other is not: somebody has to decide.",
    "apart_team": "They are different teams': somebody has to decide.",
    "apart_shared": "Several people may write from this address: somebody has to decide.",
    "apart_unlike": "Too little says that it is the same matter.",
    "set_apart_by": "%(who)s said that they are two matters.",
}
