"""A real `outguard serve` process, credentials for it, and raw calls whose refusals may hold no content.

Everything that tests send through here carries `MARK`; neither an error nor a log may ever show it.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import asyncpg  # type: ignore[import-untyped]
import grpc
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2
from sqlalchemy import make_url

from outguard.auth import new_token
from outguard.bootstrap import build_system
from outguard.config import Settings
from outguard.domain.principal import Principal, Role
from outguard.flows.issue_token import issue_token, revoke_token
from outguard.flows.services import Services
from outguard.v1 import gate_pb2, reply_pb2, review_pb2, types_pb2

M = TypeVar("M", bound=Message)
MARK = "Quagmarine"
START_LIMIT_S = 120.0
PATIENT_MS = 20_000
"""The evaluation budget of servers under test: a stall of the machine may not hold what a test sends."""
LEASE_S = 3.0
MAX_WAITING = 30
GOOD = f"Hello {MARK}, thank you for your message, it is good to hear from you again."
PROMISE = f"Hello {MARK}, I have refunded $80.00 for you, consider it done."
EVALUATE_REPLY = "ReplyService/EvaluateReply"
EVALUATE_ACTION = "GateService/EvaluateAction"


def _people() -> tuple[Principal, ...]:
    agent, reviewer, senior = Role.AGENT, Role.REVIEWER, Role.SENIOR_REVIEWER
    return (
        Principal(id="agent-1", role=agent, tenant="default", topics=("support.*", "escalate")),
        Principal(id="agent-2", role=agent, tenant="default", topics=("support.*",)),
        Principal(id="reader", role=agent, tenant="default", topics=("support.read.*",)),
        Principal(id="vera", role=reviewer, tenant="default"),
        Principal(id="ravi", role=reviewer, tenant="default"),
        Principal(id="sena", role=senior, tenant="default"),
        Principal(id="sven", role=senior, tenant="default"),
        Principal(id="audra", role=Role.AUDITOR, tenant="default"),
        Principal(id="adam", role=Role.ADMIN, tenant="default"),
        Principal(id="foreign-agent", role=agent, tenant="other", topics=("*",)),
        Principal(id="foreign-senior", role=senior, tenant="other"),
        Principal(id="foreign-auditor", role=Role.AUDITOR, tenant="other"),
    )


async def _issue(services: Services) -> dict[str, str]:
    now = services.clock.now()
    bearers = {}
    for person in _people():
        token, bearers[person.id] = new_token(person, now=now, ttl_s=3600)
        await issue_token(services, "root", token)
    late = Principal(id="late", role=Role.AGENT, tenant="default", topics=("*",))
    token, bearers["expired"] = new_token(late, now=now - timedelta(hours=1), ttl_s=60)
    await issue_token(services, "root", token)
    token, bearers["revoked"] = new_token(late, now=now, ttl_s=3600)
    await issue_token(services, "root", token)
    await revoke_token(services, "root", tenant="default", token_id=token.token_id)
    _, bearers["unknown"] = new_token(Principal(id="nobody", role=Role.REVIEWER, tenant="default"), now=now, ttl_s=60)
    # Once more for an agent: the same person as a reviewer, for maker against checker.
    maker = Principal(id="agent-1", role=Role.SENIOR_REVIEWER, tenant="default")
    token, bearers["agent-1 reviewing"] = new_token(maker, now=now, ttl_s=3600)
    await issue_token(services, "root", token)
    return bearers


async def _prepare(data_dir: Path, database_url: str | None) -> tuple[dict[str, str], str]:
    system = await build_system(settings_of(data_dir, database_url), is_judging=False)
    try:
        verifier_key = system.services.signer.verifier_key("outguard/default")
        return await _issue(system.services), verifier_key
    finally:
        await system.services.store.close()


def settings_of(data_dir: Path, database_url: str | None = None) -> Settings:
    """What a server on `data_dir` runs with, for opening the same store beside it."""
    create = True if database_url else None
    return Settings(data_dir=data_dir, database_url=database_url, create_keys=create)  # type: ignore[arg-type]


def clean_environment(more: Mapping[str, str]) -> dict[str, str]:
    """This process's environment without settings of another server."""
    return {key: value for key, value in os.environ.items() if not key.startswith("OUTGUARD_")} | dict(more)


@dataclass(kw_only=True)
class Server:
    """A running server: its process, where it listens, bearer strings by person."""

    process: subprocess.Popen[bytes]
    address: str
    data_dir: Path
    bearers: Mapping[str, str]
    verifier_key: str
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def log(self) -> str:
        """All it has written so far."""
        return (self.data_dir / "server.log").read_text(errors="replace")

    def check_log(self) -> None:
        """No content, no secret, no stack trace."""
        log = self.log
        assert MARK not in log
        assert "Traceback" not in log
        assert not [name for name, bearer in self.bearers.items() if bearer.rpartition("_")[2] in log]

    def terminate(self, wait_s: float = 30.0) -> int:
        """SIGTERM; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(wait_s)


@contextmanager
def serving(data_dir: Path, *, database_url: str | None = None, **more: object) -> Iterator[Server]:
    """A server on a fresh store in `data_dir`; its log is checked and it is ended afterwards. `more` are settings."""
    with ThreadPoolExecutor(1) as apart:  # the test may be in a loop of its own
        bearers, verifier_key = apart.submit(asyncio.run, _prepare(data_dir, database_url)).result()
    wanted = {"evaluation_budget_ms": PATIENT_MS, **more}
    settings = {f"OUTGUARD_{name.upper()}": str(value) for name, value in wanted.items()}
    if database_url is not None:
        settings["OUTGUARD_DATABASE_URL"] = database_url
    with started(data_dir, settings) as (process, address):
        server = Server(
            process=process,
            address=address,
            data_dir=data_dir,
            bearers=bearers,
            verifier_key=verifier_key,
            settings=settings,
        )
        yield server
        server.check_log()


@contextmanager
def started(data_dir: Path, settings: Mapping[str, str]) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A server process and its address."""
    ready = data_dir / "ready.json"
    ready.unlink(missing_ok=True)
    command = [sys.executable, "-m", "outguard", "serve", "--data-dir", str(data_dir), "--listen", "127.0.0.1:0"]
    with (data_dir / "server.log").open("ab") as log:
        process = subprocess.Popen(
            [*command, "--ready-file", str(ready)],
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            env=clean_environment(settings),
        )
        try:
            deadline = time.monotonic() + START_LIMIT_S
            while not ready.exists():
                assert process.poll() is None, (data_dir / "server.log").read_text()
                assert time.monotonic() < deadline, "the server was not ready in time"
                time.sleep(0.02)
            yield process, json.loads(ready.read_text())["address"]
        finally:
            process.kill()
            process.wait()


@dataclass(frozen=True)
class Refused:
    """What a refused caller hears."""

    code: str
    reason: str
    field: str | None


@dataclass(frozen=True)
class Caller:
    """One person's raw calls over one channel."""

    channel: grpc.aio.Channel
    bearer: str

    async def send(self, method: str, data: bytes, timeout_s: float = 20.0) -> bytes:
        """Bytes as they are."""
        call = self.channel.unary_unary(f"/outguard.v1.{method}", None, None)
        metadata = (("authorization", f"Bearer {self.bearer}"),)
        return bytes(await call(data, metadata=metadata, timeout=timeout_s))

    async def call(self, method: str, request: Message, response: type[M], timeout_s: float = 20.0) -> M:
        """A message there, a message back."""
        return response.FromString(await self.send(method, request.SerializeToString(), timeout_s))

    async def refused(self, method: str, request: Message | bytes, timeout_s: float = 20.0) -> Refused:
        """How the call is refused: typed, and without a word of what was sent."""
        data = request if isinstance(request, bytes) else request.SerializeToString()
        try:
            await self.send(method, data, timeout_s)
        except grpc.aio.AioRpcError as error:
            return refusal_in(error)
        raise AssertionError(f"{method} was answered")

    async def reply(self, request: reply_pb2.EvaluateReplyRequest) -> reply_pb2.ReplyAnswer:
        """Judge a reply."""
        return (await self.call(EVALUATE_REPLY, request, reply_pb2.EvaluateReplyResponse)).answer

    async def action(self, request: gate_pb2.EvaluateActionRequest) -> gate_pb2.ActionRecord:
        """Ask for an action."""
        return (await self.call(EVALUATE_ACTION, request, gate_pb2.EvaluateActionResponse)).record

    async def claim(self, item_id: str) -> int:
        """Claim an item; its token."""
        request = review_pb2.ClaimItemRequest(request_id=new_id(), item_id=item_id)
        answer = await self.call("ReviewService/ClaimItem", request, review_pb2.ClaimItemResponse)
        return answer.item.claim.token

    async def rule(self, item_id: str, token: int, kind: str, **more: Any) -> review_pb2.ReviewItem:
        """Rule on an item."""
        request = ruling(item_id, token, kind, **more)
        return (await self.call("ReviewService/RuleItem", request, review_pb2.RuleItemResponse)).item


def refusal_in(error: grpc.aio.AioRpcError) -> Refused:
    """The typed refusal in a failed call; holds no content."""
    told = f"{error.details()} {error.trailing_metadata()!r} {error.debug_error_string()}"
    assert MARK not in told
    trailing: Any = error.trailing_metadata() or ()
    found = [value for key, value in trailing if key == "grpc-status-details-bin"]
    info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    blamed = None
    if found:
        status = status_pb2.Status.FromString(found[0])
        assert status.code == error.code().value[0]
        assert status.details[0].Unpack(info)
        if len(status.details) > 1 and status.details[1].Unpack(bad):
            blamed = bad.field_violations[0].field
    return Refused(error.code().name, info.reason, blamed)


@asynccontextmanager
async def connected(server: Server) -> AsyncIterator[People]:
    """Callers on one channel to `server`."""
    async with grpc.aio.insecure_channel(server.address) as channel:
        yield People(channel, server)


@dataclass(frozen=True)
class People:
    """Callers by name: `people["vera"]`."""

    channel: grpc.aio.Channel
    server: Server

    def __getitem__(self, name: str) -> Caller:
        return Caller(self.channel, self.server.bearers[name])


async def execute(url: str, statement: str) -> None:
    """Run one statement on PostgreSQL."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(plain, timeout=3)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def new_id() -> str:
    """A request id, or the name of a conversation of its own."""
    return str(uuid4())


def reply(text: str | None = GOOD, **more: Any) -> reply_pb2.EvaluateReplyRequest:
    """A valid request to judge `text`; `more` are fields of the reply."""
    fields: dict[str, Any] = {
        "conversation_id": new_id(),
        "channel": "email",
        "recipient": types_pb2.Recipient(customer_id="c-1", display_name=MARK),
        "text": text,
    }
    message = reply_pb2.Reply(**{**fields, **more})
    customer = types_pb2.Customer(id="c-1", name=f"{MARK} Lopez")
    return reply_pb2.EvaluateReplyRequest(request_id=new_id(), reply=message, customer=customer)


def action(amount: str | None = "20.00", *, approval_id: str = "", **more: Any) -> gate_pb2.EvaluateActionRequest:
    """A valid request for a refund; `more` are fields of the action."""
    fields: dict[str, Any] = {
        "conversation_id": new_id(),
        "topic": "support.refund",
        "amount": None if amount is None else types_pb2.Money(amount=amount, currency="USD"),
        "target": f"ORD-{MARK}",
        "customer_id": new_id(),
        "reasoning": f"{MARK} asked for it",
    }
    message = gate_pb2.Action(**{**fields, **more})
    message.arguments.update({"note": MARK})
    return gate_pb2.EvaluateActionRequest(request_id=new_id(), action=message, approval_id=approval_id)


def ruling(item_id: str, token: int, kind: str | int, **more: Any) -> review_pb2.RuleItemRequest:
    """A ruling; `kind` as in the enum, such as "RELEASE"."""
    fields: dict[str, Any] = {
        "request_id": new_id(),
        "item_id": item_id,
        "token": token,
        "kind": kind if isinstance(kind, int) else types_pb2.RulingKind.Value(f"RULING_KIND_{kind}"),
        "reason": f"looked at for {MARK}",
    }
    if kind == "REJECT":
        fields["defect"] = 1
    return review_pb2.RuleItemRequest(**{**fields, **more})


def length_delimited(number: int, payload: bytes) -> bytes:
    """One field of the wire format."""
    size, length = len(payload), b""
    while size > 127:
        length += bytes([size & 127 | 128])
        size >>= 7
    return bytes([number << 3 | 2]) + length + bytes([size]) + payload


def nested_struct(levels: int, leaf: str = MARK) -> bytes:
    """The bytes of a JSON object nested `levels` deep, made without recursion."""
    struct = length_delimited(1, length_delimited(1, b"a") + length_delimited(2, length_delimited(3, leaf.encode())))
    for _ in range(levels):
        struct = length_delimited(1, length_delimited(1, b"a") + length_delimited(2, length_delimited(5, struct)))
    return struct
