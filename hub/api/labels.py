"""Tags and custom fields: which there are."""

from collections.abc import Sequence

from hub.api import work_shapes as work
from hub.api.bodies import Nothing
from hub.api.making import reading, writing
from hub.api.problems import Problem
from hub.api.route import AnyRoute, Call
from hub.desk import fields, tags
from hub.model.fields import FieldOn
from hub.model.sign_ins import Scope


async def list_tags(call: Call, asked: Nothing) -> work.Tags:
    found = await tags.list_tags(call.desk, call.agent)
    return work.Tags(rows=[work.TagRow.model_validate(each) for each in found])


async def add_tag(call: Call, asked: work.NewTag) -> work.TagRow:
    made = await tags.add_tag(call.desk, call.agent, asked.name, address=call.address)
    return work.TagRow.model_validate(made)


async def rename_tag(call: Call, asked: work.RenameTag) -> work.Touched:
    renames = tags.merge_tags if asked.merge else tags.rename_tag
    old = await _known(call)
    return work.Touched(
        conversations=await renames(call.desk, call.agent, old, asked.name, address=call.address)
    )


async def remove_tag(call: Call, asked: Nothing) -> work.Touched:
    name = await _known(call)
    return work.Touched(
        conversations=await tags.remove_tag(call.desk, call.agent, name, address=call.address)
    )


async def _known(call: Call) -> str:
    name = call.path["tag"]
    if name.casefold() not in {each.name.casefold() for each in await tags.list_tags(call.desk, call.agent)}:
        raise Problem("not-found", "There is no such tag.")
    return name


async def list_fields(call: Call, asked: work.FieldsOn) -> work.Fields:
    found = await fields.list_fields(call.desk, call.agent, asked.on)
    return work.Fields(rows=[work.FieldRow.model_validate(each) for each in found])


async def save_field(call: Call, asked: work.SaveField) -> work.FieldRow:
    kept = await fields.save_field(
        call.desk,
        call.agent,
        _on(call),
        call.path["key"],
        asked.name,
        kind=asked.kind,
        choices=asked.choices,
        required=asked.required,
        place=asked.place,
        address=call.address,
    )
    return work.FieldRow.model_validate(kept)


async def remove_field(call: Call, asked: Nothing) -> work.FieldRow:
    on, key = _on(call), call.path["key"]
    found = [each for each in await fields.list_fields(call.desk, call.agent, on) if each.key == key]
    if not found:
        raise Problem("not-found", "There is no such field.")
    await fields.remove_field(call.desk, call.agent, on, key, address=call.address)
    return work.FieldRow.model_validate(found[0])


def _on(call: Call) -> FieldOn:
    try:
        return FieldOn(call.path["on"])
    except ValueError:
        raise Problem("not-found", "There are fields on conversation and on customer.") from None


ONE, FIELD = "/tags/{tag}", "/fields/{on}/{key}"
LABELS: Sequence[AnyRoute] = (
    reading("/tags", "listTags", "All tags, by name.", list_tags, Nothing, work.Tags),
    writing(
        "POST",
        "/tags",
        "addTag",
        "Make a tag before it is used.",
        add_tag,
        work.NewTag,
        work.TagRow,
        "not-possible",
        status=201,
    ),
    writing(
        "PUT",
        ONE,
        "renameTag",
        "Another name for it, everywhere.",
        rename_tag,
        work.RenameTag,
        work.Touched,
        "not-possible",
    ),
    writing("DELETE", ONE, "deleteTag", "Remove it everywhere.", remove_tag, Nothing, work.Touched),
    reading("/fields", "listFields", "What is asked.", list_fields, work.FieldsOn, work.Fields),
    writing(
        "PUT",
        FIELD,
        "saveField",
        "Make a field, or change it. `on`: conversation or customer. Only for admins.",
        save_field,
        work.SaveField,
        work.FieldRow,
        "not-possible",
        scope=Scope.ADMIN,
    ),
    writing(
        "DELETE",
        FIELD,
        "deleteField",
        "Ask for it no more; what was filled in stays. Only for admins.",
        remove_field,
        Nothing,
        work.FieldRow,
        scope=Scope.ADMIN,
    ),
)
