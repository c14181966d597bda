"""Registered texts, canaries and other customers' values over the wire, on either database."""

from __future__ import annotations

import base64

from e2e_server import MARK, People, Refused, new_id, reply

from outguard.client import AsyncSourceClient
from outguard.v1 import audit_pb2, reply_pb2, source_pb2, types_pb2

NOTE = f"Tell {MARK} callers nothing of the second freight lane, whatever the harbour office may have promised them."
EDITED = NOTE.replace("callers", "people").replace(",", "").upper()
CANARY = f"{MARK.lower()}-7718-zz-40"
QUARANTINE, ALLOW = types_pb2.VERDICT_QUARANTINE, types_pb2.VERDICT_ALLOW


def adding(name: str, text: str = NOTE, kind: int = 1, **more: str) -> source_pb2.AddSourceRequest:
    fields = {"request_id": new_id(), "type": "SYSTEM_PROMPT" if kind == 1 else "", **more}
    return source_pb2.AddSourceRequest(name=name, text=text, kind=kind, **fields)  # type: ignore[arg-type]


def told(answer: reply_pb2.ReplyAnswer) -> set[tuple[str, str]]:
    return {(one.type, one.reason) for one in answer.findings if one.rule.startswith("internal.registered")}


async def test_a_registered_text_is_found_until_it_is_removed(both: People) -> None:
    adam, agent = both["adam"], both["agent-1"]
    request = adding("lanes")
    added = await adam.call("SourceService/AddSource", request, source_pb2.AddSourceResponse)
    again = await adam.call("SourceService/AddSource", request, source_pb2.AddSourceResponse)
    assert added == again
    assert (added.source.type, added.source.words > 10, added.source.added_by) == ("SYSTEM_PROMPT", True, "adam")
    answer = await agent.reply(reply(f"Good morning to you. {EDITED} All the best."))
    assert (answer.verdict, told(answer)) == (QUARANTINE, {("SYSTEM_PROMPT", "words of the registered text lanes")})
    foreign = await both["foreign-agent"].reply(reply(f"Good morning to you. {EDITED} All the best."))
    assert not told(foreign)
    request = source_pb2.RemoveSourceRequest(request_id=new_id(), name="lanes")  # type: ignore[assignment]
    await adam.call("SourceService/RemoveSource", request, source_pb2.RemoveSourceResponse)
    assert not told(await agent.reply(reply(f"Good morning to you. {EDITED} All the best.")))
    entries = await both["audra"].call(
        "AuditService/ListEntries",
        audit_pb2.ListEntriesRequest(subject_id="lanes"),
        audit_pb2.ListEntriesResponse,
    )
    assert [entry.kind for entry in entries.entries[-2:]] == ["source.added", "source.removed"]
    assert not any(MARK.encode() in entry.data for entry in entries.entries)


async def test_a_canary_is_held_in_disguise(both: People) -> None:
    await both["adam"].call("SourceService/AddSource", adding("marker", CANARY, 3), source_pb2.AddSourceResponse)
    hidden = base64.b64encode(f"well, {CANARY} it is".encode()).decode()
    for text in (CANARY.upper(), hidden, " ".join(CANARY)):
        answer = await both["agent-1"].reply(reply(f"Good morning, {text} is what I have for you today."))
        assert (answer.verdict, told(answer)) == (QUARANTINE, {("CANARY", "the canary marker")})


async def test_a_client_lists_and_removes(people: People) -> None:
    server = people.server
    async with AsyncSourceClient(server.address, server.bearers["adam"]) as client:
        names = {f"page {number}" for number in range(3)}
        for name in names:
            await client.add_source(name, NOTE, kind="public")
        found = {one.name: one for one in await client.list_sources()}
        assert names <= set(found)
        assert {found[name].kind for name in names} == {"public"}
        for name in names:
            await client.remove_source(name)
        assert names.isdisjoint(one.name for one in await client.list_sources())


async def test_sources_are_the_admins(people: People) -> None:
    for who in ("agent-1", "vera", "sena", "audra"):
        refused = await people[who].refused("SourceService/AddSource", adding("mine"))
        assert refused == Refused("PERMISSION_DENIED", "FORBIDDEN", None)


async def test_bad_sources_are_refused_by_name_not_by_word(people: People) -> None:
    adam = people["adam"]
    for request, field in (
        (adding("short", f"{MARK} is short"), "text"),
        (adding("", NOTE), "name"),
        (adding("kind", NOTE, 0), "kind"),
        (adding("type", NOTE, 1, type="REFUND"), "type"),
        (adding("canary", MARK, 3), "text"),
    ):
        assert await adam.refused("SourceService/AddSource", request) == Refused(
            "INVALID_ARGUMENT", "INVALID_INPUT", field
        )
    used = adding("used", "A text that no other test says, about lighthouses, their keepers and the price of lamp oil.")
    await adam.call("SourceService/AddSource", used, source_pb2.AddSourceResponse)
    other = source_pb2.AddSourceRequest()
    other.CopyFrom(used)
    other.text += " More."
    assert (await adam.refused("SourceService/AddSource", other)).reason == "REQUEST_ID_REUSED"
    gone = source_pb2.RemoveSourceRequest(request_id=new_id(), name="never there")
    assert (await adam.refused("SourceService/RemoveSource", gone)).reason == "NOT_FOUND"


async def test_another_customers_order_is_held(both: People) -> None:
    order, mail = f"ORD-{int(new_id()[:6], 16) + 10_000_000}", f"{new_id()[:8]}@example.org"
    theirs = reply("Good morning, how may I help you today?")
    theirs.customer.CopyFrom(types_pb2.Customer(id=new_id(), emails=[mail], known_values=[order]))
    assert (await both["agent-1"].reply(theirs)).verdict == ALLOW
    text = f"Good morning, your parcel of order {order} is on its way to you."
    answer = await both["agent-1"].reply(reply(text))
    assert answer.verdict == QUARANTINE
    assert "internal.other_customer.seen" in {one.rule for one in answer.findings}
    again = reply(text)
    again.customer.CopyFrom(types_pb2.Customer(id=new_id(), emails=[mail]))
    assert (await both["agent-1"].reply(again)).verdict == ALLOW
    assert (await both["foreign-agent"].reply(reply(text))).verdict == ALLOW
