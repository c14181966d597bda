"""Policies on record as rows of POLICY_VERSIONS; their files lie compressed, for they repeat themselves a lot."""

from __future__ import annotations

import json
import zlib
from typing import Any

from outguard.domain.policy_change import Area, PolicyState, PolicyVersion, SignOff
from outguard.storage.rows.values import Values, dump, micros, micros_or_none, moment_of, moment_or_none


def policy_version_row(policy: PolicyVersion) -> Values:
    """A policy in the order of POLICY_VERSIONS."""
    sign_offs = [
        {"area": one.area.value, "principal_id": one.principal_id, "reason": one.reason, "at": micros(one.at)}
        for one in policy.sign_offs
    ]
    names = {"rules": policy.rules, "profiles": policy.profiles, "default_profile": policy.default_profile}
    return (
        policy.tenant,
        policy.snapshot,
        policy.version,
        policy.label,
        policy.profile,
        policy.state.value,
        policy.proposed_by,
        micros(policy.created_at),
        micros_or_none(policy.loaded_at),
        dump(names),
        dump(sign_offs),
        zlib.compress(dump(dict(policy.files)).encode()),
    )


def policy_version_of(row: Any) -> PolicyVersion:
    """The policy of a row of POLICY_VERSIONS."""
    names = json.loads(row.names)
    return PolicyVersion(
        tenant=row.tenant,
        snapshot=row.snapshot,
        label=row.label,
        profile=row.profile,
        state=PolicyState(row.state),
        proposed_by=row.proposed_by,
        created_at=moment_of(row.created_at),
        loaded_at=moment_or_none(row.loaded_at),
        rules=tuple(names["rules"]),
        profiles=tuple(names["profiles"]),
        default_profile=names["default_profile"],
        sign_offs=tuple(
            SignOff(
                area=Area(one["area"]),
                principal_id=one["principal_id"],
                reason=one["reason"],
                at=moment_of(one["at"]),
            )
            for one in json.loads(row.sign_offs)
        ),
        files=json.loads(zlib.decompress(row.files)),
        version=row.version,
    )
