"""What the hub says to people: a code that stays, and its sentence in English.

Pages translate the sentence by its code; programs go by the code; `details` fill the blanks. So a refusal
that was raised and a reason that was stored can be said in the language of whoever reads them.
"""

import re
from collections.abc import Mapping
from functools import cache

from hub.model.case_sentences import CASE_REASONS, CASE_REFUSALS
from hub.model.csat_sentences import CSAT_REASONS, CSAT_REFUSALS
from hub.model.hook_sentences import HOOK_REASONS, HOOK_REFUSALS
from hub.model.import_sentences import IMPORT_REFUSALS
from hub.model.judging_sentences import JUDGING_REASONS
from hub.model.privacy_sentences import PRIVACY_REASONS, PRIVACY_REFUSALS
from hub.model.routing_sentences import ROUTING_REASONS, ROUTING_REFUSALS
from hub.model.sign_in_sentences import SIGN_IN_REFUSALS

REFUSALS: Mapping[str, str] = {
    # Channels
    "channel_name": "A channel needs a name.",
    "channel_named": "There is a channel called %(name)s already: choose another name.",
    "channel_unanswered": "Still to be answered: %(names)s.",
    "step_gone": "There is no step %(step)s here.",
    "channel_answer": "%(place)s: %(problem)s.",
    "room_none": "This platform has no place where agents could answer.",
    "room_linked": "%(name)s is linked already.",
    "authorization_none": "Nobody has to agree to anything at %(platform)s: enter its credentials.",
    "authorization_gone": "This was not begun here, or too long ago: begin once more.",
    "channel_country": "No phone numbers of %(country)s are known. A country is written like DE.",
    "channel_changed_meanwhile": "Somebody else has changed this channel meanwhile: look at it again.",
    "channel_other_account": "This signs in as %(account)s, which is another account.",
    # What one may
    "other_team": "This conversation belongs to another team.",
    "deleting_not_yours": "Only supervisors and admins may delete a conversation.",
    "sharing_not_yours": "Only supervisors and admins may change what everybody uses.",
    "written_by_another": "Somebody else wrote this.",
    "office_not_yours": "This page is for others in your company.",
    "view_of_another": "This view belongs to somebody else.",
    "saved_reply_of_another": "This saved reply belongs to somebody else.",
    # Deeds on a conversation
    "conversation_gone": "There is no conversation %(conversation)s.",
    "place_gone": "This place in the conversation does not exist.",
    "held": "Somebody has written here since.",
    "changed_meanwhile": "Somebody else changed this conversation at the same moment.",
    "changes_too_fast": "This conversation changes faster than we can; try again.",
    "note_length": "A note has at least one character, and at most %(most)s.",
    "not_to_them": "%(who)s cannot be given conversations.",
    "taken": "Somebody has it already.",
    "snooze_time": "A conversation can be snoozed until some time within the next year.",
    "tag_length": "A tag has 1 to %(longest)s characters.",
    "tags_many": "A conversation has up to %(most)s tags.",
    "tags_kept": "There are %(most)s tags already; remove some first.",
    "tag_there": "There is a tag %(name)s already.",
    "tag_there_merge": "There is a tag %(name)s already. Merge the two instead.",
    "tag_itself": "A tag cannot be merged with itself.",
    "field_wrong": "This cannot be a field: a name has at most 40 characters, and no dot in it.",
    "fields_many": "There are %(most)s fields already, and nobody fills in more.",
    "field_key": "The key of a field begins with a small letter; then letters, digits and _ follow.",
    "field_name": "A field has a name of at most %(most)s characters.",
    "field_choices": "A field to choose from has 1 to %(most)s choices of at most %(longest)s characters.",
    "field_long": "%(field)s has at most %(most)s characters.",
    "field_value_long": "A field has at most %(most)s characters.",
    "field_date": "%(field)s is a date, like 2026-03-02.",
    "field_choice": "%(field)s is one of: %(choices)s.",
    "field_checkbox": "%(field)s is yes or no.",
    "field_number": "%(field)s is a number.",
    "field_link": "%(field)s is an address of the web, like https://example.org/page.",
    "fields_missing": "Before it can be resolved, fill in: %(names)s.",
    "only_admins_fields": "Only admins may change what is asked of every conversation.",
    "field_gone": "There is no such field any more.",
    "customer_name": "A name has 1 to %(most)s characters.",
    "customer_note": "A note about a customer has at most %(most)s characters.",
    "consent_wrong": "A consent needs a purpose of at most %(most)s characters and says where it was given.",
    "consent_text": "A consent needs the words that were agreed to, of at most %(most)s characters.",
    "consent_future": "Nobody has consented in the future.",
    "only_admins_import": "Only admins may bring in customers.",
    "only_admins_export": "Only admins may take all customers out.",
    "import_moment": "A moment looks like 2026-05-31T09:00:00Z.",
    "import_nobody": "There is neither an e-mail address nor a phone number that could be read.",
    "import_column": "Nothing is known by the name %(name)s: known are %(known)s.",
    "import_many": "At most %(most)s customers can be brought in at once.",
    "imported_by": "%(who)s brought in this address.",
    "customer_words": "This has at most %(most)s characters.",
    "company_domain": "A company goes by the domain of its mail addresses, such as example.org.",
    "company_free": "%(domain)s gives mailboxes to anybody: it says nothing about a company.",
    "company_none": "No company is known of this customer.",
    "company_name": "The name of a company has 1 to %(most)s characters.",
    "owner_gone": "This agent is not here, or is kept out.",
    "customer_gone": "This customer is not here any more.",
    "customer_other_team": "All conversations with this customer belong to other teams.",
    "same_customer_already": "They are one customer already.",
    "only_admins_event_types": "Only admins may say what other programs tell of customers.",
    "event_type_wrong": "A type has a key of small letters, digits and _, a name, and up to %(most)s fields.",
    "event_type_taken": "The key %(key)s cannot be used: choose another one.",
    "event_type_gone": "There is no type of event called %(type)s.",
    "event_types_many": "There are %(most)s types of events already.",
    "event_field_unknown": "%(type)s has no field %(field)s.",
    "event_field_missing": "%(type)s needs %(field)s.",
    "merge_gone": "They are separate already.",
    "identity_gone": "This address is not here any more.",
    "only_identity": "It is the only address of this customer.",
    "suggestion_decided": "Somebody has decided this already.",
    "language_wrong": "This is not a language, like de or pt-BR.",
    "zone_wrong": "There is no such time zone. It is named like Europe/Berlin.",
    "outcome_known": "It is known by now what became of it.",
    "merged_meanwhile": "It was merged into another conversation meanwhile. Read that one, then send.",
    "merged_already": "It was merged into another conversation.",
    "merge_count": "Choose at least two conversations, and at most %(most)s.",
    "one_merged_already": "One of them was merged into another conversation already.",
    "split_all": "Choose some of its threads, not all of them.",
    "split_empty": "There is no message in these threads.",
    "undo_over": "This cannot be undone any more.",
    "undo_never": "This cannot be undone.",
    "undo_other_deleted": "The other conversation was deleted.",
    "undo_changed": "It has been changed since, and is left as it is.",
    # Saying something
    "nothing_to_answer": "There is no message in this conversation that could be answered.",
    "no_message_to_answer": "There is no message to answer.",
    "channel_removed": "The channel this conversation came through has been removed.",
    "this_channel_removed": "This channel has been removed.",
    "place_unsupported": "Nothing can be sent to such a place on %(platform)s.",
    "automatic_loop": "An automatic message is not answered automatically.",
    "automatic_many": (
        "More than %(most)s automatic messages to one address within an hour: "
        "this looks like a loop, and nothing more is sent automatically for now."
    ),
    "draft_wrong": "This cannot be kept as a draft.",
    "draft_none": "There is no draft to share.",
    "draft_not_shared": "This draft is not shared any more.",
    "draft_busy": "This draft is being changed just now. Look at it again.",
    "draft_changed": "This draft was changed in another window.",
    "send_time": "A message can be sent at some time within the next year.",
    "forward_gone": "There is no such message to forward.",
    "forward_mail_only": "Only mail can be forwarded.",
    "customer_first": "The customer has to write first on this channel.",
    "delivery_gone": "There is no delivery %(delivery)s.",
    "amending_unsupported": "This platform does not let us change that.",
    "amending_broke": "The connector failed while changing it (%(kind)s).",
    "not_ours_to_edit": "Only what we said can be changed.",
    "not_theirs_to_react": "Reactions are for what customers say.",
    "not_sent_yet": "It is %(state)s: only what was sent can be changed.",
    "gone_already": "It is deleted already.",
    "too_old_to_amend": "The platform lets us change a message for %(hours)s hours only.",
    "in_parts": "It was sent in several parts, and cannot be changed: delete it, and write it again.",
    "emoji_not_here": "This platform does not know %(emoji)s as a reaction.",
    "amending_not_yours": "Only who wrote it, supervisors and admins may change it.",
    "message_gone": "There is no such message.",
    "has_left": "It has left already.",
    "not_to_retry": "It is %(state)s; only what failed or is unsure can be sent again.",
    "not_to_them_here": "This cannot be sent to them on this channel.",
    "recipients": "Say to whom: at least one, at most %(most)s.",
    "no_copies": "Nobody can be sent a copy on this channel.",
    "nothing_to_send": "There is nothing to send: write something, or attach a file.",
    "text_too_long": "%(over)s characters too long: at most %(longest)s can be sent here.",
    "no_private_answer": "A private answer is not possible here.",
    "no_public_answer": "A public answer is not possible here.",
    "window_over": (
        "The platform allows answers for %(hours)s hours after the customer's last message; "
        "that time is over."
    ),
    "no_files": "Files cannot be sent on this channel.",
    "upload_large": "%(name)s is too large: a file may have %(most)s MiB.",
    "attached_many": "At most %(most)s files can be attached.",
    "attached_gone": "One of the files is not here any more: remove it, and attach it again.",
    "no_choices": "There are no answers to tap on here: write them as text.",
    "choices_alone": "Answers to tap on stand below words, and without files.",
    "choices_one_file": "Answers to tap on stand below words, and beside one file at most.",
    "choices_many": "At most %(most)s answers to tap on can be offered here.",
    "choice_long": "“%(choice)s” is too long for an answer to tap on, by %(over)s.",
    "files_many": "At most %(most)s files can be sent in one message here.",
    "file_kind": "%(name)s: files of type %(mime)s cannot be sent here.",
    "file_large": "%(name)s is too large: at most %(most)s MiB can be sent here.",
    "arrival_gone": "This is not in the journal any more.",
    "original_gone": "It came without an original of its own.",
    # Views, search, saved replies
    "view_title": "A view needs a title of at most %(most)s characters.",
    "views_most": "Nobody can keep more than %(most)s views: remove one first.",
    "no_such_view": "There is no such view.",
    "filter_most": "That is more than a filter can hold.",
    "filter_field": "A field needs a name.",
    "bulk_customers": "They are conversations of different customers.",
    "view_gone": "There is no view %(view)s.",
    "list_place_gone": "This place in the list does not exist.",
    "has_unknown": "has:%(value)s is not known; there is has:attachment.",
    "is_unknown": "is:%(value)s is not known; there are: %(known)s.",
    "channel_unknown": "There is no channel called %(name)s.",
    "day_wrong": "%(name)s:%(value)s is not a day; write it like %(name)s:2026-05-31.",
    "saved_reply_length": "A saved reply has a title of at most %(most)s characters, and a text.",
    "shortcut_wrong": "A shortcut is one word of at most %(most)s characters.",
    "saved_reply_gone": "There is no such saved reply.",
    "saved_reply_broken": "This saved reply cannot be filled in: %(problem)s",
    "saved_reply_long": "Filled in, this saved reply is too long.",
    "saved_reply_instructions": (
        "A saved reply holds placeholders like {{ customer.name }}, and no instructions."
    ),
    "placeholder_only_names": "Placeholders only name what goes in their place.",
    "placeholder_wrong": "A placeholder is not written right: %(problem)s",
    **SIGN_IN_REFUSALS,
    **HOOK_REFUSALS,
    **ROUTING_REFUSALS,
    **CASE_REFUSALS,
    **IMPORT_REFUSALS,
    **PRIVACY_REFUSALS,
    **CSAT_REFUSALS,
}

REASONS: Mapping[str, str] = {
    # Why a message is in this conversation
    "earlier_here": "The writer's earlier messages in this thread are here.",
    "continues_thread": "It continues the thread of this conversation.",
    "names_message": "It answers a message of this conversation (its In-Reply-To or References name it).",
    "answers_message": "It answers a message of this conversation.",
    "writer_elsewhere": (
        "Its writer has no part in the conversation the thread belongs to: a conversation of its own."
    ),
    "nothing_known": "Nothing it refers to is known: a new conversation.",
    "resolved_long_ago": "The thread's conversation was resolved more than %(days)s days ago: a new one.",
    "other_tool": "Written from our own account, with another tool than Hubbub.",
    # Why it changed by itself
    "reopened_by_customer": "The customer wrote again within %(days)s days.",
    "snooze_over": "The time it was snoozed until has come.",
    "channel_team": "Everything that comes in through %(channel)s is this team's.",
    # Who somebody is
    "verified_email": "The verified e-mail address is one this customer has.",
    "verified_phone": "The verified phone number is one this customer has.",
    "several_customers": "Several customers have this verified address: somebody must decide.",
    "read_by_several": "Several people read this address: somebody must decide.",
    "address_other_name": "A customer has this verified address under another name: somebody must decide.",
    "number_silent": "A customer had this number, silent for long: it may be somebody else's now.",
    "first_message": "First message from here.",
    "said_by_agent": "By the word of %(who)s.",
    "imported": "It came with an import.",
    # Why two customers may be one
    "likeness_same_address": "Both have %(address)s.",
    "likeness_named_address": "One of them named %(address)s, which the other has or named too.",
    "likeness_role": "Both write from %(address)s, which several people may read.",
    "likeness_spelling": "Their addresses are delivered to the same mailbox: %(address)s.",
    "likeness_device": "Both wrote on the same device.",
    "likeness_company": "Both are at %(domain)s.",
    "likeness_nickname": "Both call themselves %(name)s.",
    "likeness_near_nickname": "They call themselves nearly the same: %(name)s.",
    "likeness_name": "The same name: %(name)s.",
    "likeness_part_of_name": "The name fits: %(name)s.",
    "likeness_short_name": "The name may be a short form: %(name)s.",
    "we_wrote_first": "We wrote to them first.",
    # How a channel is, and what was found when it was tried
    "signed_in_as": "Signed in as %(account)s.",
    "connected_as": "Connected as %(account)s.",
    "platform_silent": "The platform does not answer.",
    "stream_ended": "The stream ended.",
    "database_away": "The database cannot be reached.",
    "connector_broke": "The connector failed: %(kind)s.",
    "settings_unreadable": "Its settings cannot be read any more: connect it again.",
    "channel_unreadable": ("What is kept of it in the database cannot be read any more: connect it again."),
    # What became of a delivery
    "channel_removed_unsent": "Its channel was removed before it was sent.",
    "channel_removed_sending": "Its channel was removed while it was being sent; it may have arrived.",
    "sending_interrupted": "Interrupted while sending; the message may have arrived.",
    "sending_silent": "No answer within six minutes.",
    "sending_broke": "The connector failed while sending (%(kind)s).",
    "given_up": "Given up after %(tries)s tries over %(hours)s hours or more: %(problem)s",
    "given_up_paced": "Given up after being told to wait again and again: %(problem)s",
    "mail_interrupted": "Hubbub stopped while it was being sent.",
    # What became of something that arrived, and of its files
    "events_new": "%(added)s of %(all)s events were new",
    "of_no_interest": "Nothing in it is of interest.",
    "arrival_deleted": "Its conversation was deleted in Hubbub.",
    "arrival_unreadable": "It could not be read: %(place)s. It is kept, and can be replayed.",
    "arrival_channel_gone": "Its channel is not known any more.",
    "takes_no_webhooks": "The %(platform)s connector takes no webhooks.",
    "message_unknown": "The %(what)s is for a message Hubbub does not have.",
    "room_aside": "Said among agents in their own room.",
    "room_stranger": "Answered in a room by somebody who has no account here with that address.",
    "thread_of_others": "Said in a thread that nobody had us take part in.",
    "thread_unknown": "The receipt is for a thread Hubbub does not know.",
    "edit_older": "An older edit than the one shown.",
    "receipt_older": "The message is already %(state)s.",
    "nobody_known": "Nobody we know by that address.",
    "own_echo": "The echo of our own message.",
    "own_elsewhere": "Written by ourselves, in a thread Hubbub does not know.",
    "raw_unread": "The %(platform)s connector cannot read raw events.",
    "event_unreadable": "Could not be read: %(words)s",
    "thread_moved": "The thread is now %(place)s.",
    "event_unused": "Hubbub does nothing with %(kind)s.",
    "file_not_kept": "Larger than the %(most)s MiB this Hubbub keeps; the original still has it.",
    "file_late": "The platform did not deliver it in time.",
    "file_away": "%(name)s does not come.",
    **HOOK_REASONS,
    **ROUTING_REASONS,
    **CASE_REASONS,
    **PRIVACY_REASONS,
    **JUDGING_REASONS,
    **CSAT_REASONS,
}

SENTENCES: Mapping[str, str] = {**REFUSALS, **REASONS}


def sentence(code: str, /, **details: object) -> str:
    """In English. A code we do not know is the sentence itself, as a connector or a router wrote it."""
    text = SENTENCES.get(code)
    return code if text is None else text % details


def reason_in(text: str) -> tuple[str, Mapping[str, str]] | None:
    """Which of our REASONS a stored sentence is, and what was put into it."""
    for code, pattern in _patterns().items():
        if found := pattern.fullmatch(text):
            return code, found.groupdict()
    return None


@cache
def _patterns() -> Mapping[str, re.Pattern[str]]:
    return {code: pattern_of(text) for code, text in REASONS.items()}


def pattern_of(text: str) -> re.Pattern[str]:
    """What recognises a sentence whatever stands in its blanks."""
    blanks = re.sub(r"%\\\((\w+)\\\)s", r"(?P<\1>.*)", re.escape(text.replace("%%", "%")))
    return re.compile(blanks, re.DOTALL | re.IGNORECASE)


class Refusal(Exception):
    """Something is refused: `code` for programs and translations, the text in English."""

    def __init__(self, code: str, /, **details: object) -> None:
        super().__init__(sentence(code, **details))
        self.code = code
        self.details = {name: str(value) for name, value in details.items()}
