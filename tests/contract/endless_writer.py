"""Commits without end and says which reply ids were acknowledged; its parent kills it. Usage: endless_writer.py URL."""

from __future__ import annotations

import asyncio
import os
import sys
import uuid

from store_values import a_call, a_change, a_draft, a_reply, an_item

from outguard.storage.store import SqlStore, open_store


async def _commit_forever(store: SqlStore) -> None:
    while True:
        reply_id = uuid.uuid4().hex
        await store.commit(
            a_change(
                entries=(a_draft(reply_id),),
                call=a_call(f"call-of-{reply_id}"),
                replies=(a_reply(reply_id, item_id=f"item-of-{reply_id}"),),
                items=(an_item(f"item-of-{reply_id}", subject_id=reply_id),),
            )
        )
        os.write(sys.stdout.fileno(), f"{reply_id}\n".encode())


async def _main(url: str) -> None:
    store = await open_store(url)
    await asyncio.gather(*(_commit_forever(store) for _ in range(16)))


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1]))
