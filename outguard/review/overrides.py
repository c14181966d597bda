"""Who may reverse a ruling, and what kind of reversal it is (R29). Pure.

Override authority is apart from approval authority: who overrides has given no ruling on the item, made nothing of it,
and gives none by overriding: what is reopened, other people must grant.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from outguard.domain.override import OverrideKind
from outguard.domain.principal import Principal, Role
from outguard.domain.review import ItemState, ReviewItem, Ruling, RulingKind
from outguard.errors import ConflictError, ForbiddenError, InvalidInputError, MakerIsCheckerError, NotFoundError
from outguard.review.queue import makers_of

_GRANTS = frozenset({RulingKind.APPROVE, RulingKind.RELEASE, RulingKind.EDIT_AND_RELEASE})
_REFUSALS = frozenset({RulingKind.DENY, RulingKind.REJECT})
_WAITING = frozenset({ItemState.OPEN, ItemState.CLAIMED})


def ruling_of(item: ReviewItem, ruling_id: str) -> Ruling:
    """The item's ruling of that id.

    Raises:
        NotFoundError: if it has none.
    """
    found = next((ruling for ruling in item.rulings if ruling.ruling_id == ruling_id), None)
    if found is None:
        raise NotFoundError("the item has no such ruling", field="ruling_id")
    return found


def check_may_override(item: ReviewItem, person: Principal) -> None:
    """Raise unless this person may override on this item.

    Raises:
        ForbiddenError: if they are no senior reviewer of this tenant.
        MakerIsCheckerError: if they made the subject, or ruled on the item.
    """
    if person.role is not Role.SENIOR_REVIEWER or person.tenant != item.tenant:
        raise ForbiddenError("only a senior reviewer overrides")
    if person.id in makers_of(item) or any(ruling.reviewer_id == person.id for ruling in item.rulings):
        raise MakerIsCheckerError("who made or ruled on an item overrides nothing of it")


def kind_of(item: ReviewItem, ruling: Ruling | None, new_decision: RulingKind) -> OverrideKind:
    """What kind of reversal this is.

    Raises:
        InvalidInputError: if the new decision is no reversal of the ruling.
        ConflictError: if the item does not stand as the reversal supposes.
    """
    if new_decision is RulingKind.ESCALATE:
        if item.state not in _WAITING:
            raise ConflictError("only an item that waits can be given to others")
        return OverrideKind.REROUTED
    if ruling is None:
        raise InvalidInputError("say which ruling", field="ruling_id")
    if item.state is not ItemState.CLOSED or item.rulings[-1].ruling_id != ruling.ruling_id:
        raise ConflictError("only the ruling that closed an item can be reversed")
    if ruling.kind in _GRANTS and new_decision in _REFUSALS:
        return OverrideKind.WRONGLY_APPROVED
    if ruling.kind in _REFUSALS and new_decision in _GRANTS - {RulingKind.EDIT_AND_RELEASE}:
        return OverrideKind.WRONGLY_REJECTED
    raise InvalidInputError("the new decision does not reverse the ruling", field="new_decision")


def reopened(item: ReviewItem, ruling: Ruling, *, due_at: datetime, queue: str) -> ReviewItem:
    """The item, waiting for somebody else: whoever held or ruled on it, and who overrides (`ruling`), is out."""
    return replace(
        item,
        state=ItemState.OPEN,
        claim=None,
        closed_at=None,
        queue=queue or item.queue,
        rulings=(*item.rulings, ruling),
        due_at=due_at,
        version=item.version + 1,
    )
