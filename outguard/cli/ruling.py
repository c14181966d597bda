"""What a scripted reviewer does through the real client: find an item, claim it, rule on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from outguard.errors import NotFoundError

if TYPE_CHECKING:
    from outguard.client.review import ReviewClient, ReviewItem

_PAGE = 200


def find_item(reviewer: ReviewClient, subject_id: str, kind: str) -> ReviewItem:
    """The waiting item about a reply or an action.

    Raises:
        NotFoundError: if none waits.
        CallFailedError: if the queue cannot be read.
    """
    after = ""
    while True:
        page = reviewer.list_items(kinds=[kind], states=["OPEN", "CLAIMED"], page_size=_PAGE, page_token=after)
        for item in page:
            if item.subject_id == subject_id:
                return item
        if len(page) < _PAGE:
            raise NotFoundError("no item waits for this subject")
        after = page[-1].item_id


def claim_and_rule(
    reviewer: ReviewClient, item_id: str, kind: str, *, reason: str, defect: str | None = None
) -> ReviewItem:
    """Lease the item and rule on it.

    Raises:
        CallFailedError: if the reviewer may not, or somebody else was first.
    """
    claimed = reviewer.claim_item(item_id)
    return reviewer.rule_item(item_id, claimed.token, kind, reason=reason, defect=defect)
