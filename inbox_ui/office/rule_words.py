"""Rules as sentences in the language of the reader, and the words of which they are made. Pure."""

from collections.abc import Mapping

from hub.desk.rule_files import DONE, NAMED
from hub.desk.rules import Drawn
from hub.model.rules import Action, Condition, Do, Group, Join, Rule, Test, Trigger
from inbox_ui.kinds import priority_words
from inbox_ui.words import Words

Names = Mapping[str, Mapping[str, str]]  # by kinds: what ids are called


def trigger_words(words: Words) -> dict[str, str]:
    _ = words.gettext
    return {
        Trigger.ARRIVED: _("A conversation begins"),
        Trigger.REPLIED: _("The customer writes again"),
        Trigger.ASSIGNED: _("Somebody gets it"),
        Trigger.TAGGED: _("Its tags change"),
        Trigger.FIELD_SET: _("One of its fields changes"),
        Trigger.STATUS: _("It is resolved, snoozed or reopened"),
        Trigger.WAITED: _("The customer has waited for so many minutes"),
        Trigger.DUE: _("It is due within so many minutes"),
        Trigger.QUIET: _("The customer has not answered for so many minutes"),
        Trigger.RESOLVED: _("It was resolved so many minutes ago"),
        Trigger.CSAT: _("The customer says how content they are"),
    }


def fact_words(words: Words) -> dict[str, str]:
    _ = words.gettext
    return {
        "words": _("What was written"),
        "subject": _("Subject"),
        "sender": _("Sender"),
        "domain": _("Sender's domain"),
        "channel": _("Channel"),
        "platform": _("Platform"),
        "surface": _("Kind of place"),
        "visibility": _("Visibility"),
        "language": _("Language"),
        "tag": _("Tag"),
        "priority": _("Priority"),
        "status": _("State"),
        "team": _("Team"),
        "agent": _("Agent"),
        "vip": _("VIP"),
        "attachment": _("Attachment"),
        "flag": _("Mark of the message"),
        "waiting": _("Minutes waiting"),
        "level": _("Service level"),
        "open_hours": _("Working hours that are open"),
        "spam_score": _("Spam score (0 to 1)"),
        "urgency": _("Urgency"),
        "sentiment": _("Mood of the message"),
        "csat": _("How content they are (1 to 5)"),
        "owner": _("Owner of the customer"),
        "company": _("Company (mail domain)"),
        "customer_tag": _("Tag of the customer"),
        "customer_language": _("Language of the customer"),
        "segment": _("Segment"),
        "free": _("Agents of its team with room"),
        "load": _("Conversations an agent of its team has"),
    }


def test_words(words: Words) -> dict[str, str]:
    _ = words.gettext
    return {
        Test.IS: _("is"),
        Test.IS_NOT: _("is not"),
        Test.WORD: _("has the word"),
        Test.CONTAINS: _("contains"),
        Test.BEGINS: _("begins with"),
        Test.ABOVE: _("is above"),
        Test.BELOW: _("is below"),
        Test.KNOWN: _("is known"),
        Test.UNKNOWN: _("is not known"),
    }


def join_words(words: Words) -> dict[str, str]:
    _ = words.gettext
    return {Join.ALL: _("all of these"), Join.ANY: _("one of these"), Join.NONE: _("none of these")}


def do_words(words: Words) -> dict[str, str]:
    _ = words.gettext
    return {
        Do.TEAM: _("Give it to the team"),
        Do.AGENT: _("Give it, if they can have it, to"),
        Do.STRATEGY: _("Choose among the team by"),
        Do.NEED: _("It needs the skill"),
        Do.PRIORITY: _("Set the priority"),
        Do.TAG: _("Add the tag"),
        Do.UNTAG: _("Remove the tag"),
        Do.FIELD: _("Set the field"),
        Do.LEVEL: _("Promise the service level"),
        Do.STATUS: _("Set the state"),
        Do.NOTE: _("Leave the note"),
        Do.REPLY: _("Answer with the saved reply"),
        Do.NOTIFY: _("Tell"),
        Do.WEBHOOK: _("Tell the webhook"),
        Do.STOP: _("Read no further rules"),
    }


def sentence_of(rule: Rule | Drawn, names: Names, words: Words) -> str:
    """When what happens, if what is so: what is done."""
    _ = words.gettext
    told = trigger_words(words)
    on = " / ".join(told.get(each, str(each)) for each in rule.on)
    done = ", ".join(action_sentence(each, names, words) for each in rule.then)
    if not rule.when.parts:
        return _("%(when)s: %(then)s.", when=on, then=done)
    conditions = group_sentence(rule.when, names, words)
    return _("%(when)s, and %(conditions)s: %(then)s.", when=on, conditions=conditions, then=done)


def group_sentence(group: Group, names: Names, words: Words) -> str:
    parts = [
        f"({group_sentence(each, names, words)})"
        if isinstance(each, Group)
        else condition_sentence(each, names, words)
        for each in group.parts
    ]
    _ = words.gettext
    if group.join is Join.ALL:
        return _(" and ").join(parts)
    joined = _(" or ").join(parts)
    return joined if group.join is Join.ANY else _("not (%(what)s)", what=joined)


def condition_sentence(condition: Condition, names: Names, words: Words) -> str:
    fact = fact_words(words).get(condition.fact) or names.get("fact", {}).get(condition.fact)
    fact = fact or condition.fact.partition(".")[2] or condition.fact
    known = names.get(NAMED.get(condition.fact, ""), {})
    values = words.gettext(" or ").join(f"“{known.get(each, each)}”" for each in condition.values)
    return " ".join(each for each in (fact, test_words(words)[condition.test], values) if each)


def action_sentence(action: Action, names: Names, words: Words) -> str:
    told = do_words(words).get(action.do, str(action.do))
    value = names.get(DONE.get(action.do, ""), {}).get(action.value, action.value)
    if action.do is Do.PRIORITY:
        value = priority_words(words).get(action.value, action.value)
    if action.do is Do.NOTIFY and not value:
        return words.gettext("Tell whoever has it")
    field = names.get("field", {}).get(action.name, action.name)
    said = [told, field, f"“{value}”" if value else ""]
    return " ".join(each for each in said if each)
