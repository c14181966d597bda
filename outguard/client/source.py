"""The source client: texts to look for in every reply, and canaries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from outguard.client.face import AsyncFace, Face, SyncFace, blocking
from outguard.client.values import time_of
from outguard.v1 import source_pb2


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A registered text; `kind` is internal, public or canary."""

    name: str
    kind: str
    type: str
    words: int
    added_by: str
    updated_at: datetime

    @classmethod
    def of(cls, source: source_pb2.Source) -> Source:
        """Read the message."""
        kind = source_pb2.SourceKind.Name(source.kind).removeprefix("SOURCE_KIND_").lower()
        return cls(
            name=source.name,
            kind=kind,
            type=source.type,
            words=source.words,
            added_by=source.added_by,
            updated_at=time_of(source.updated_at),
        )


class _SourceMethods(Face):
    async def add_source(
        self, name: str, text: str, *, kind: str = "internal", finding_type: str = "", request_id: str = ""
    ) -> Source:
        """Register `text` (kind internal, public or canary) in place of what has that name."""
        number = dict(source_pb2.SourceKind.items()).get(f"SOURCE_KIND_{kind.upper()}", 0)
        request = source_pb2.AddSourceRequest(
            request_id=request_id or str(uuid4()),
            name=name,
            kind=number,  # type: ignore[arg-type]
            type=finding_type,
            text=text,
        )
        response = await self._call("SourceService/AddSource", request, source_pb2.AddSourceResponse)
        return Source.of(response.source)

    async def list_sources(self) -> tuple[Source, ...]:
        """All registered texts by name."""
        found: list[Source] = []
        token = ""
        while True:
            request = source_pb2.ListSourcesRequest(page_size=500, page_token=token)
            response = await self._call("SourceService/ListSources", request, source_pb2.ListSourcesResponse)
            found += map(Source.of, response.sources)
            token = response.next_page_token
            if not token:
                return tuple(found)

    async def remove_source(self, name: str, *, request_id: str = "") -> None:
        """Forget the text of that name."""
        request = source_pb2.RemoveSourceRequest(request_id=request_id or str(uuid4()), name=name)
        await self._call("SourceService/RemoveSource", request, source_pb2.RemoveSourceResponse)


class AsyncSourceClient(_SourceMethods, AsyncFace):
    """For registered texts, async. Every method raises CallFailedError if the call does not succeed."""


class SourceClient(SyncFace):
    """For registered texts, blocking; each method as on `AsyncSourceClient`."""

    add_source = blocking(_SourceMethods.add_source)
    list_sources = blocking(_SourceMethods.list_sources)
    remove_source = blocking(_SourceMethods.remove_source)
