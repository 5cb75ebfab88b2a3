"""Reading and answering from the command line."""

from pathlib import Path

from hub.model.people import Agent
from tests.hub.commands.conftest import Run, beside
from tests.hubs import Office, until


async def test_a_conversation_is_listed_shown_and_answered(run: Run, office: Office, tmp_path: Path) -> None:
    tomas = office.world.person("tomas", name="Tomás Barreto")
    office.platform.write(tomas, "Is the workshop still on?")
    conversation = await office.conversation()
    listed = await beside(run, "conversation", "list", "--json")
    assert [row["id"] for row in listed.rows] == [conversation.id]
    assert listed.row["customer"] == "Tomás Barreto"
    assert listed.row["awaiting"] == "us"
    plan = tmp_path / "plan.txt"
    plan.write_text("Friday, 10:00", encoding="utf-8")
    sent = await beside(
        run, "conversation", "reply", conversation.id[:20], "--attach", str(plan), "--json", typed="It is.\n"
    )
    assert sent.status == 0, sent.err
    assert sent.row["state"] == "queued"

    async def arrived() -> bool:
        return bool(office.world.inbox_of("tomas"))

    await until(arrived)
    [copy] = office.world.inbox_of("tomas")
    assert copy.text == "It is."
    assert [(file.name, file.content) for file in copy.files] == [("plan.txt", b"Friday, 10:00")]
    shown = await beside(run, "conversation", "show", conversation.id)
    assert "Tomás Barreto" in shown.out
    assert "    Is the workshop still on?" in shown.out
    assert "+ plan.txt" in shown.out
    entries = (await beside(run, "conversation", "show", conversation.id, "--json")).row["entries"]
    assert [entry["kind"] for entry in entries] == ["message", "message"]
    assert entries[1]["delivery"]["to"] == ["tomas"]


async def test_a_text_cannot_steer_the_terminal_of_its_reader(run: Run, office: Office) -> None:
    office.platform.write(office.world.person("mallory"), "hi \x1b]0;owned\x07 \u202etxt.exe")
    conversation = await office.conversation()
    for ran in (
        await beside(run, "conversation", "show", conversation.id),
        await beside(run, "conversation", "list"),
    ):
        assert ran.status == 0
        assert not {"\x1b", "\x07", "\u202e"} & set(ran.out)


async def test_a_reply_to_what_has_moved_on_is_held(run: Run, office: Office) -> None:
    tomas = office.world.person("tomas")
    first = office.platform.write(tomas, "Is it on?")
    conversation = await office.conversation()
    seen = conversation.last.entry
    office.platform.answer(first, "I mean the second one.")
    await office.messages(conversation.id, 2)
    ran = await beside(
        run, "conversation", "reply", conversation.id, "--text", "Yes.", "--seen", seen, "--json"
    )
    assert ran.status == 1
    assert ran.error["kind"] == "Held"


async def test_the_same_key_sends_once(run: Run, office: Office) -> None:
    office.platform.write(office.world.person("tomas"), "Hello?")
    conversation = await office.conversation()
    call = ("conversation", "reply", conversation.id, "--text", "Hi.", "--key", "k1", "--json")
    first, second = await beside(run, *call), await beside(run, *call)
    assert first.row["id"] == second.row["id"]


async def test_who_answers_must_be_said_where_there_are_several(run: Run, office: Office) -> None:
    ben = Agent(id="ben", name="Ben", email="ben@hub.example", created_at=office.hub.clock())
    await office.hub.store.people.add_agent(ben)
    office.platform.write(office.world.person("tomas"), "Hello?")
    conversation = await office.conversation()
    unsaid = await beside(run, "conversation", "reply", conversation.id, "--text", "Hi.")
    assert unsaid.status == 1
    assert "--as" in unsaid.err
    said = await beside(
        run, "conversation", "reply", conversation.id, "--text", "Hi.", "--as", "ben@hub.example"
    )
    assert said.status == 0, said.err
    messages = await office.messages(conversation.id, 2)
    assert messages[1].author == "ben"


async def test_a_page_is_followed_by_the_next(run: Run, office: Office) -> None:
    for number in range(3):
        office.platform.write(office.world.person(f"person{number}"), f"Question {number}")
    await office.conversation(3)
    first = (await beside(run, "conversation", "list", "--limit", "2", "--json")).rows
    last = first[-1]["id"]
    second = (await beside(run, "conversation", "list", "--limit", "2", "--before", last, "--json")).rows
    assert len(first) == 2
    assert len(second) == 1
    assert len({row["id"] for row in first + second}) == 3


async def test_an_id_that_is_not_there_or_not_unique_is_said_so(run: Run, office: Office) -> None:
    for number in range(2):
        office.platform.write(office.world.person(f"person{number}"), f"Question {number}")
    await office.conversation(2)
    nothing = await beside(run, "conversation", "show", "ffff")
    assert nothing.status == 1
    assert "no conversation 'ffff'" in nothing.err
    several = await beside(run, "conversation", "show", "0")
    assert several.status == 1
    assert "beginning of several" in several.err
