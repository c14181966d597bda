"""The offline checks of credentials by the names that packs call them by.

A check drops a match only where the format itself demands it (a JWT header is JSON, a PEM body is base64) or where the
words are plainly no secret.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from outguard.detection.recognizers.codes import is_house_token, is_secret_link
from outguard.detection.recognizers.secret_examples import is_filled_in, is_not_placeholder, is_placeholder
from outguard.detection.recognizers.secret_formats import (
    has_atlassian_checksum,
    has_github_checksum,
    has_grafana_checksum,
    is_jwt,
    is_private_key,
    is_seed_phrase,
)
from outguard.detection.recognizers.secret_logins import (
    is_basic_auth,
    is_db_url,
    is_example_credential,
    is_url_credential,
    is_user_password,
)
from outguard.detection.recognizers.secret_values import (
    is_assigned_secret,
    is_mixed,
    is_numbered,
    is_password,
    is_strong_password,
    is_strong_secret,
    is_token_value,
    is_uncounted,
    is_varied,
)

Validator = Callable[[str], bool]

SECRET_VALIDATORS: Mapping[str, Validator] = {
    "house_token": is_house_token,
    "secret_link": is_secret_link,
    "assigned_secret": is_assigned_secret,
    "strong_secret": is_strong_secret,
    "token_value": is_token_value,
    "password": is_password,
    "not_placeholder": is_not_placeholder,
    "placeholder": is_placeholder,
    "url_credential": is_url_credential,
    "user_password": is_user_password,
    "example_credential": is_example_credential,
    "strong_password": is_strong_password,
    "db_url": is_db_url,
    "jwt": is_jwt,
    "private_key": is_private_key,
    "github_checksum": has_github_checksum,
    "grafana_checksum": has_grafana_checksum,
    "atlassian_checksum": has_atlassian_checksum,
    "filled_in": is_filled_in,
    "mixed": is_mixed,
    "varied": is_varied,
    "uncounted": is_uncounted,
    "numbered": is_numbered,
    "seed_words": is_seed_phrase,
    "basic_auth": is_basic_auth,
}
