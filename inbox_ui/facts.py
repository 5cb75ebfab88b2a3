"""Facts of a timeline as sentences in the language of the reader. Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from hub.model.inbox import Activity, Priority
from hub.model.people import Agent
from inbox_ui.kinds import priority_words
from inbox_ui.saying import why
from inbox_ui.words import Words


def fact_words(fact: Activity, agents: Mapping[str, Agent], words: Words) -> str:
    """A sentence of ours for the kinds we know; else what was recorded."""
    by = agents.get(fact.by)
    found = _by_somebody(fact, by, agents, words) if by else _by_itself(fact, agents, words)
    return found or why(fact.because, words)


def _by_somebody(fact: Activity, by: Agent, agents: Mapping[str, Agent], words: Words) -> str | None:
    _ = words.gettext
    who, name = by.name, fact.details.get("name", "")
    tag, subject = fact.details.get("tag", ""), fact.details.get("subject", "")
    if fact.kind == "assigned":
        return _assigned(fact, agents, words)
    if fact.kind == "snoozed" and "until" in fact.details:
        until = words.until(datetime.fromisoformat(fact.details["until"]))
        return _("%(who)s snoozed it until %(time)s", who=who, time=until)
    if fact.kind == "handed" and name:
        return _("%(who)s handed it to the team %(team)s", who=who, team=name)
    if fact.kind == "prioritised" and fact.details.get("priority") in list(Priority):
        priority = priority_words(words)[fact.details["priority"]]
        return _("%(who)s set the priority: %(priority)s", who=who, priority=priority)
    if fact.kind in ("customers_merged", "customers_separated", "identity_moved"):
        return customers_fact(fact, who, words)
    if fact.kind == "merged" and subject:
        return _("%(who)s merged “%(subject)s” into it", who=who, subject=subject)
    if fact.kind == "split" and "from" in fact.details:
        return _("%(who)s split it from another conversation", who=who)
    return {
        "released": _("%(who)s released it", who=who),
        "handed": _("%(who)s took it from its team", who=who),
        "resolved": _("%(who)s resolved it", who=who),
        "reopened": _("%(who)s reopened it", who=who),
        "marked_spam": _("%(who)s marked it as spam", who=who),
        "marked_not_spam": _("%(who)s said that it is no spam", who=who),
        "tagged": _("%(who)s added the tag %(tag)s", who=who, tag=tag),
        "untagged": _("%(who)s removed the tag %(tag)s", who=who, tag=tag),
        "followed": _("%(who)s follows it", who=who),
        "unfollowed": _("%(who)s follows it no more", who=who),
        "field_set": _field(fact, who, words),
        "customer_changed": _field(fact, who, words),
        "delivery_confirmed": _("%(who)s says that the message arrived", who=who),
        "mention_cleared": _("%(who)s has seen it", who=who),
        "merged": _("%(who)s merged it into another conversation", who=who),
        "split": _("%(who)s moved a part of it to a conversation of its own", who=who),
        "undone": _("%(who)s took it back", who=who),
    }.get(fact.kind)


def detail_names(words: Words) -> dict[str, str]:
    """What is kept of a customer, as the pages call it."""
    _ = words.gettext
    return {
        "name": _("Name"),
        "language": _("Language"),
        "zone": _("Time zone"),
        "note": _("Note"),
        "salutation": _("Salutation"),
        "pronouns": _("Pronouns"),
        "company": _("Company"),
        "owner": _("Looked after by"),
        "vip": _("VIP"),
        "blocked": _("Blocked"),
        "tags": _("Tag"),
        "consent": _("Consent"),
    }


def _field(fact: Activity, who: str, words: Words) -> str:
    """A field of the conversation, or something known of its customer."""
    _, what = words.gettext, fact.details.get("what", "")
    known = detail_names(words)
    if what == "note":
        return _("%(who)s changed the note about the customer", who=who)
    name = known.get(what.partition(".")[0]) or fact.details.get("name") or fact.details.get("field", "")
    if value := fact.details.get("value"):
        value = _("yes") if what in ("vip", "blocked") else value
        return _("%(who)s set %(field)s to %(value)s", who=who, field=name, value=value)
    return _("%(who)s emptied %(field)s", who=who, field=name)


def passed_words(fact: Activity, agents: Mapping[str, Agent], words: Words) -> Iterator[tuple[str, str]]:
    """Who was considered for a conversation and did not get it, and why; further reasons for joining it."""
    for line in fact.details.get("reasons", "").splitlines():
        yield "", why(line, words)
    for line in fact.details.get("passed", "").splitlines():
        agent, _, reason = line.partition("\t")
        if agent in agents:
            yield agents[agent].name, why(reason, words)


def customers_fact(fact: Activity, who: str, words: Words) -> str:
    _, other = words.gettext, fact.details.get("other") or words.gettext("somebody")
    if fact.kind == "customers_merged":
        return _("%(who)s made the customer one with %(other)s", who=who, other=other)
    if fact.kind == "customers_separated":
        return _("%(who)s separated the customer from %(other)s", who=who, other=other)
    return _("%(who)s moved an address between the customer and %(other)s", who=who, other=other)


def _by_itself(fact: Activity, agents: Mapping[str, Agent], words: Words) -> str | None:
    _ = words.gettext
    if fact.kind == "received_also":
        return _("Also received by %(channel)s", channel=fact.details.get("name", ""))
    if fact.kind == "assigned":
        return _assigned(fact, agents, words) or (_("Given to a team") if "team" in fact.details else None)
    if fact.kind == "rated":
        return rated_words(fact, words)
    if fact.kind == "ruled":
        return ", ".join(_done(fact, words)) or None
    if fact.kind == "promise_broken":
        broken = {
            "first_response": _("The first answer was due"),
            "next_response": _("An answer was due"),
            "resolution": _("It should have been resolved"),
        }
        return broken.get(fact.details.get("promise", ""))
    if fact.kind == "customer_filled":
        field, value = fact.details.get("name", ""), fact.details.get("value", "")
        return _("%(field)s: %(value)s", field=field, value=value)
    if fact.kind == "customers_merged":
        other = fact.details.get("other") or words.gettext("somebody")
        return words.gettext("The customer is one with %(other)s", other=other)
    return {
        "released": _("Put back into the queue"),
        "not_given": _("Not given to whom a rule asked for"),
        "not_answered": _("The automatic answer was not sent"),
        "not_asked": _("Nobody was asked how content they are"),
        "reopened": _("Reopened"),
        "joined": _("Joined with this conversation"),
        "woken": _("Awake again"),
    }.get(fact.kind)


def rated_words(fact: Activity, words: Words) -> str:
    """How content the customer says they are, in their own words, too."""
    said = why(fact.because, words).rstrip(".")
    comment = fact.details.get("comment", "")
    return f"{said}: “{comment}”" if comment else said


def _done(fact: Activity, words: Words) -> Iterator[str]:
    """What rules did to a conversation."""
    _ = words.gettext
    for line in fact.details.get("done", "").splitlines():
        do, name, value = (*line.split("\t", 2), "", "")[:3]
        match do:
            case "priority":
                yield _("Priority: %(priority)s", priority=priority_words(words).get(value, value))
            case "tag":
                yield _("Tag added: %(tag)s", tag=value)
            case "untag":
                yield _("Tag removed: %(tag)s", tag=value)
            case "field":
                yield _("%(field)s: %(value)s", field=name, value=value or "–")
            case "status":
                known = {"resolved": _("Resolved"), "spam": _("Marked as spam"), "open": _("Reopened")}
                yield known.get(value, value)
            case "level":
                yield _("Service level set") if value else _("Service level removed")
            case "notify":
                yield _("Told by the bell")
            case "webhook":
                yield _("Webhook told")


def _assigned(fact: Activity, agents: Mapping[str, Agent], words: Words) -> str | None:
    to = agents.get(fact.details.get("agent", ""))
    name = to.name if to else fact.details.get("name", "")
    if not name:
        return None
    if to is not None and to.id == fact.by:
        return words.gettext("%(who)s took it", who=name)
    return words.gettext("Assigned to %(who)s", who=name)
