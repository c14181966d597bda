"""SourceService: convert, call the flow, convert."""

from __future__ import annotations

from outguard.domain.source import SourceRecord
from outguard.flows import sources
from outguard.flows.services import Services
from outguard.server.convert import read_count, read_id, read_request_id, read_text, write_time
from outguard.server.enums import SOURCE_KIND
from outguard.server.interceptors import Caller
from outguard.v1 import source_pb2

DEFAULT_PAGE = 50


def write_source(record: SourceRecord) -> source_pb2.Source:
    """The message of a registered text."""
    return source_pb2.Source(
        name=record.name,
        kind=SOURCE_KIND.write(record.kind),  # type: ignore[arg-type]
        type=record.type,
        words=record.words,
        added_by=record.added_by,
        created_at=write_time(record.created_at),
        updated_at=write_time(record.updated_at),
    )


class SourceHandlers:
    """One method per method of the service."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def AddSource(  # noqa: N802 - the proto's name
        self, request: source_pb2.AddSourceRequest, caller: Caller
    ) -> source_pb2.AddSourceResponse:
        """Register a text."""
        record = await sources.add_source(
            self._services,
            caller.principal,
            request_id=read_request_id(request.request_id),
            name=read_id(request.name, "name"),
            kind=SOURCE_KIND.read(request.kind, "kind"),
            type_=read_text(request.type, "type"),
            text=request.text,
        )
        return source_pb2.AddSourceResponse(source=write_source(record))

    async def ListSources(  # noqa: N802
        self, request: source_pb2.ListSourcesRequest, caller: Caller
    ) -> source_pb2.ListSourcesResponse:
        """List a page of registered texts."""
        limit = min(read_count(request.page_size, "page_size") or DEFAULT_PAGE, self._services.limits.max_page)
        after = read_text(request.page_token, "page_token")
        found = await sources.list_sources(self._services, caller.principal, after=after, limit=limit)
        return source_pb2.ListSourcesResponse(
            sources=[write_source(record) for record in found],
            next_page_token=found[-1].name if len(found) == limit else "",
        )

    async def RemoveSource(  # noqa: N802
        self, request: source_pb2.RemoveSourceRequest, caller: Caller
    ) -> source_pb2.RemoveSourceResponse:
        """Forget a registered text."""
        await sources.remove_source(
            self._services,
            caller.principal,
            request_id=read_request_id(request.request_id),
            name=read_id(request.name, "name"),
        )
        return source_pb2.RemoveSourceResponse()
