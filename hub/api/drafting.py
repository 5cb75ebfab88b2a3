"""What goes before a reply: drafts, files, saved replies; and who else is there."""

from collections.abc import Sequence

from hub.api import work_shapes as work
from hub.api.bodies import Nothing
from hub.api.deeds import ONE
from hub.api.making import reading, writing
from hub.api.problems import Problem
from hub.api.route import AnyRoute, Call
from hub.desk import presence, saved_replies
from hub.desk.drafting import discard_draft, drafts_in, save_draft, share_draft, take_draft
from hub.desk.editing_replies import keep_reply
from hub.desk.replying import Draft
from hub.desk.uploading import attach, upload

UNKNOWN = "application/octet-stream"  # what it is, is found out


async def list_drafts(call: Call, asked: Nothing) -> work.Drafts:
    found = await drafts_in(call.desk, call.agent, call.path["conversation"])
    return work.Drafts(rows=[work.Draft.model_validate(each) for each in found])


async def put_draft(call: Call, asked: work.NewDraft) -> work.Draft:
    draft = Draft(
        text=asked.text,
        to=tuple(asked.to) if asked.to is not None else None,
        cc=tuple(asked.cc),
        bcc=tuple(asked.bcc),
        attachments=await attach(call.desk, call.agent, asked.files),
    )
    conversation = call.path["conversation"]
    kept = await save_draft(call.desk, call.agent, conversation, draft, kind=asked.kind, seen=asked.seen)
    return work.Draft.model_validate(kept)


async def share(call: Call, asked: work.WhichOfMine) -> work.Draft:
    kept = await share_draft(call.desk, call.agent, call.path["conversation"], asked.shared, kind=asked.kind)
    return work.Draft.model_validate(kept)


async def take(call: Call, asked: work.TakeDraft) -> work.Draft:
    conversation = call.path["conversation"]
    taken = await take_draft(call.desk, call.agent, conversation, asked.writer, kind=asked.kind)
    return work.Draft.model_validate(taken)


async def drop_draft(call: Call, asked: work.WhichDraft) -> work.Draft:
    found = await discard_draft(call.desk, call.agent, call.path["conversation"], kind=asked.kind)
    if found is None:
        raise Problem("not-found", "There is no such draft.")
    return work.Draft.model_validate(found)


async def add_upload(call: Call, asked: work.NewUpload) -> work.Upload:
    kept = await upload(call.desk, call.agent, call.content, name=asked.name, mime=UNKNOWN)
    assert kept.stored is not None
    return work.Upload(id=kept.stored, name=kept.name, mime=kept.mime, size=kept.size)


async def who_is_there(call: Call, asked: Nothing) -> work.WhoIsThere:
    found = await presence.who_is_there(call.desk, call.agent, call.path["conversation"])
    return work.WhoIsThere(rows=[work.There.model_validate(each) for each in found])


async def be_there(call: Call, asked: work.BeThere) -> work.WhoIsThere:
    found = await presence.be_present(call.desk, call.agent, call.path["conversation"], asked.doing)
    return work.WhoIsThere(rows=[work.There.model_validate(each) for each in found])


async def go(call: Call, asked: Nothing) -> work.WhoIsThere:
    found = await presence.who_is_there(call.desk, call.agent, call.path["conversation"])
    await presence.leave(call.desk, call.agent, call.path["conversation"])
    return work.WhoIsThere(rows=[work.There.model_validate(each) for each in found])


async def list_saved(call: Call, asked: Nothing) -> work.SavedReplies:
    found = await saved_replies.list_saved_replies(call.desk, call.agent)
    return work.SavedReplies(rows=[work.SavedReply.model_validate(each) for each in found])


async def add_saved(call: Call, asked: work.NewSavedReply) -> work.SavedReply:
    kept = await saved_replies.save_reply(
        call.desk,
        call.agent,
        asked.title,
        asked.text,
        team=asked.team,
        shared=asked.shared,
        shortcut=asked.shortcut,
        files=asked.files,
    )
    return work.SavedReply.model_validate(kept)


async def change_saved(call: Call, asked: work.ChangedSavedReply) -> work.SavedReply:
    kept = await keep_reply(
        call.desk,
        call.agent,
        call.path["reply"],
        asked.title,
        asked.text,
        team=asked.team,
        shared=asked.shared,
        shortcut=asked.shortcut,
        files=asked.files,
        address=call.address,
    )
    return work.SavedReply.model_validate(kept)


async def take_files(call: Call, asked: Nothing) -> work.Uploads:
    taken = await saved_replies.take_files(call.desk, call.agent, call.path["reply"])
    rows = [
        work.Upload(id=each.stored or "", name=each.name, mime=each.mime, size=each.size) for each in taken
    ]
    return work.Uploads(rows=rows)


async def remove_saved(call: Call, asked: Nothing) -> work.SavedReply:
    wanted = call.path["reply"]
    found = [
        each for each in await saved_replies.list_saved_replies(call.desk, call.agent) if each.id == wanted
    ]
    if not found:
        raise Problem("not-found", "There is no such saved reply.")
    await saved_replies.remove_saved_reply(call.desk, call.agent, wanted)
    return work.SavedReply.model_validate(found[0])


async def fill_in(call: Call, asked: work.FillIn) -> work.Filled:
    found = await saved_replies.fill_in(call.desk, call.agent, asked.conversation, call.path["reply"])
    return work.Filled(text=found.text, missing=list(found.missing), files=len(found.attachments))


DRAFT, THERE, SAVED = f"{ONE}/draft", f"{ONE}/presence", "/saved-replies"
DRAFTING: Sequence[AnyRoute] = (
    reading(f"{ONE}/drafts", "listDrafts", "What is being written here.", list_drafts, Nothing, work.Drafts),
    writing(
        "PUT",
        DRAFT,
        "putDraft",
        "Keep what one is writing.",
        put_draft,
        work.NewDraft,
        work.Draft,
        "changed",
        "not-possible",
    ),
    writing(
        "POST",
        f"{DRAFT}/sharing",
        "shareDraft",
        "Let the others read what one is writing, or not any more.",
        share,
        work.WhichOfMine,
        work.Draft,
        "not-possible",
    ),
    writing(
        "POST",
        f"{DRAFT}/taking",
        "takeDraft",
        "Go on with what a colleague shares.",
        take,
        work.TakeDraft,
        work.Draft,
        "not-possible",
        "changed",
    ),
    writing("DELETE", DRAFT, "deleteDraft", "Forget it.", drop_draft, work.WhichDraft, work.Draft),
    writing(
        "POST",
        "/uploads",
        "addUpload",
        "A file for a reply or a draft. The body is its bytes.",
        add_upload,
        work.NewUpload,
        work.Upload,
        "not-possible",
        status=201,
        takes_bytes=True,
    ),
    reading(THERE, "whoIsThere", "Who else looks at it or writes.", who_is_there, Nothing, work.WhoIsThere),
    writing("POST", THERE, "beThere", "Say that one is there.", be_there, work.BeThere, work.WhoIsThere),
    writing("DELETE", THERE, "leave", "One is there no more.", go, Nothing, work.WhoIsThere),
    reading(
        SAVED, "listSavedReplies", "One's own, one's teams', everybody's.", list_saved, Nothing,
        work.SavedReplies,
    ),
    writing(
        "POST",
        SAVED,
        "addSavedReply",
        "Keep a snippet.",
        add_saved,
        work.NewSavedReply,
        work.SavedReply,
        "not-possible",
        status=201,
    ),
    writing(
        "PUT",
        f"{SAVED}/{{reply}}",
        "changeSavedReply",
        "Change a snippet.",
        change_saved,
        work.ChangedSavedReply,
        work.SavedReply,
        "not-possible",
    ),
    writing(
        "POST",
        f"{SAVED}/{{reply}}/files",
        "takeSavedFiles",
        "Copies of its files, for a reply or a draft.",
        take_files,
        Nothing,
        work.Uploads,
        "not-possible",
        "too-large",
        status=201,
    ),
    writing(
        "DELETE",
        f"{SAVED}/{{reply}}",
        "deleteSavedReply",
        "Remove a snippet.",
        remove_saved,
        Nothing,
        work.SavedReply,
    ),
    reading(
        f"{SAVED}/{{reply}}/text",
        "fillIn",
        "Its text with what the placeholders stand for.",
        fill_in,
        work.FillIn,
        work.Filled,
    ),
)  # fmt: skip
