"""ReplyService: convert, call the flow, convert."""

from __future__ import annotations

from outguard.flows import evaluate_reply, read_reply
from outguard.flows.services import Services
from outguard.server import convert_reply
from outguard.server.convert import (
    read_customer,
    read_id,
    read_number,
    read_request_id,
    read_text,
    read_texts,
    read_wait,
)
from outguard.server.interceptors import Caller
from outguard.v1 import reply_pb2


class ReplyHandlers:
    """One method per method of the service."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def EvaluateReply(  # noqa: N802 - the proto's name
        self, request: reply_pb2.EvaluateReplyRequest, caller: Caller
    ) -> reply_pb2.EvaluateReplyResponse:
        """Judge one reply within the caller's deadline."""
        answer = await evaluate_reply.evaluate_reply(
            self._services,
            caller.principal,
            request_id=read_request_id(request.request_id),
            reply=convert_reply.read_reply(request),
            customer=read_customer(request.customer),
            profile=read_text(request.profile, "profile"),
            last_user=read_text(request.last_user, "last_user", convert_reply.MAX_CONTEXT),
            confidence=read_number(request.confidence, "confidence", most=1.0)
            if request.HasField("confidence")
            else None,
            sources=read_texts(
                request.sources, "sources", limit=convert_reply.MAX_CONTEXT, count=convert_reply.MAX_SOURCES
            ),
            agent_build=read_text(request.agent_build, "agent_build"),
            budget_s=caller.budget_s,
        )
        return reply_pb2.EvaluateReplyResponse(answer=convert_reply.write_answer(answer.record, answer.content))

    async def GetReply(  # noqa: N802
        self, request: reply_pb2.GetReplyRequest, caller: Caller
    ) -> reply_pb2.GetReplyResponse:
        """Read what became of a reply."""
        answer = await read_reply.get_reply(
            self._services, caller.principal, reply_id=read_id(request.reply_id, "reply_id")
        )
        return reply_pb2.GetReplyResponse(answer=convert_reply.write_answer(answer.record, answer.content))

    async def WaitReply(  # noqa: N802
        self, request: reply_pb2.WaitReplyRequest, caller: Caller
    ) -> reply_pb2.WaitReplyResponse:
        """Wait for a person to rule."""
        wanted = read_wait(request.timeout if request.HasField("timeout") else None, "timeout")
        answer = await read_reply.wait_reply(
            self._services,
            caller.principal,
            reply_id=read_id(request.reply_id, "reply_id"),
            timeout_s=caller.wait_s(wanted, self._services.limits.max_wait_s),
        )
        return reply_pb2.WaitReplyResponse(answer=convert_reply.write_answer(answer.record, answer.content))
