"""A calendar invitation in one readable line, for a mail that has no other text."""

import re
from datetime import datetime

MAX_TEXT = 200_000
_FOLD = re.compile(r"\n[ \t]")
_LINE = re.compile(r"^([A-Z-]+)((?:;[^:\n]{0,300})?):(.*)$", re.M | re.I)
_WORDS = {
    "REQUEST": "Invitation",
    "CANCEL": "Cancelled",
    "REPLY": "Answer to an invitation",
    "PUBLISH": "Appointment",
    "COUNTER": "Other time proposed",
    "REFRESH": "Appointment",
    "ADD": "Invitation",
    "DECLINECOUNTER": "Proposed time declined",
}
_ANSWERS = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "accepted tentatively"}


def summarise(ics: str) -> str:
    """`Invitation: Planning, 2026-03-02 10:00 to 11:00 (Europe/Berlin), Room 5, from ana@example.com`."""
    text = _FOLD.sub("", ics[:MAX_TEXT].replace("\r\n", "\n"))
    event = text.partition("BEGIN:VEVENT")[2].partition("BEGIN:VALARM")[0] or text
    fields: dict[str, tuple[str, str]] = {}
    for match in _LINE.finditer(event):
        fields.setdefault(match[1].upper(), (match[2], match[3].strip()))
    method = re.search(r"^METHOD:([A-Z]+)", text, re.M | re.I)
    said = _WORDS.get(method[1].upper() if method else "", "Appointment")
    answer = re.search(r"PARTSTAT=([A-Z-]+)", event, re.I)
    if answer and said.startswith("Answer") and answer[1].upper() in _ANSWERS:
        said += f" ({_ANSWERS[answer[1].upper()]})"
    parts = [_value(fields, "SUMMARY") or "(no title)", _when(fields), _value(fields, "LOCATION")]
    organiser = re.sub(r"^mailto:", "", _value(fields, "ORGANIZER"), flags=re.I)
    if organiser:
        parts.append(f"from {organiser}")
    return f"{said}: " + ", ".join(part for part in parts if part)


def _value(fields: dict[str, tuple[str, str]], name: str) -> str:
    text = fields.get(name, ("", ""))[1]
    return re.sub(r"\\([,;\\])", r"\1", re.sub(r"\\[nN]", " ", text))[:500]


def _when(fields: dict[str, tuple[str, str]]) -> str:
    parameters, start = fields.get("DTSTART", ("", ""))
    begins, ends = _moment(start), _moment(fields.get("DTEND", ("", ""))[1])
    if not begins:
        return ""
    zone = re.search(r"TZID=\"?([^;:\"]+)", parameters)
    where = "UTC" if start.endswith("Z") else zone[1] if zone else ""
    text = begins
    if ends and len(begins) > 10:
        text += " to " + (ends[11:] if ends[:10] == begins[:10] else ends)
    return f"{text} ({where})" if where and len(begins) > 10 else text


def _moment(value: str) -> str:
    for form, shown in (
        ("%Y%m%dT%H%M%S", "%Y-%m-%d %H:%M"),
        ("%Y%m%dT%H%M", "%Y-%m-%d %H:%M"),
        ("%Y%m%d", "%Y-%m-%d"),
    ):
        try:
            return datetime.strptime(value.rstrip("Z"), form).strftime(shown)  # noqa: DTZ007  # its zone is told apart
        except ValueError:
            continue
    return ""
