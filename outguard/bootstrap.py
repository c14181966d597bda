"""The one place that names a back end and knows where the shipped rules are.

`build_services` opens the store, the keys and the policy for a server; `offline_judge` only what judging files needs.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from outguard.audit.checkpoint import Ed25519Signer
from outguard.auth import Authenticator
from outguard.config import Settings
from outguard.detection.document import Document
from outguard.detection.engine import build_scanner
from outguard.detection.languages.detector import GlossesToo, load_languages
from outguard.detection.languages.glossary import Lexicon, load_lexicon
from outguard.detection.neural.load import load_model
from outguard.detection.neural.shared import SharedReader
from outguard.detection.payload_rules import FILE_NAME, PayloadRules
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Finding
from outguard.domain.policy import Policy
from outguard.errors import ConfigError, OutguardError, UnavailableError
from outguard.flows.judge_reply import DocumentScanner, ReplyJudge
from outguard.flows.limits import Limits
from outguard.flows.services import Services
from outguard.policy.compile import compile_policy
from outguard.policy.source import PolicySource
from outguard.storage.envelope import AesGcmSealer
from outguard.storage.keys import load_or_create_keys
from outguard.storage.lottery import KeyedLottery
from outguard.storage.store import open_store

SHIPPED_MODEL, NO_MODEL, GLOSSARIES = "outguard_en", "none", "languages"
DEFAULT_MODEL = SHIPPED_MODEL
MAX_RULE_FILE = 4 * 1024 * 1024


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present, UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that only grow."""
        return time.monotonic()


class RandomIds:
    """Identifiers that sort by time, so that the store appends; 104 bits of each are random."""

    def new(self, prefix: str) -> str:
        """`<prefix>-`, 12 hex digits of milliseconds, 26 of chance."""
        return f"{prefix}-{time.time_ns() // 1_000_000:012x}{secrets.token_hex(13)}"


def shipped_rules() -> Path:
    """The rules that come with the package: beside it in a checkout, inside it in a wheel."""
    package = Path(__file__).resolve().parent
    for candidate in (package / "_rules", package.parent / "rules"):
        if (candidate / "policy.yaml").is_file():
            return candidate
    raise ConfigError("the shipped rules are missing; install outguard again or set rules_dir")


def shipped_model(name: str = SHIPPED_MODEL) -> Path:
    """The language model (or the glossaries) that come with outguard: beside it in a checkout, inside it in a wheel."""
    package = Path(__file__).resolve().parent
    found = (folder / name for folder in (package / "_models", package.parent / "models"))
    return next((folder for folder in found if folder.is_dir()), package / "_models" / name)


@lru_cache(maxsize=1)
def shipped_lexicon() -> Lexicon:
    """The glossaries of other languages that come with the package, loaded once a process."""
    return load_lexicon(shipped_model(GLOSSARIES))


@lru_cache(maxsize=2)
def _loaded(name: str) -> SharedReader:
    return SharedReader(load_model(shipped_model() if name == SHIPPED_MODEL else Path(name)))


def build_model(name: str = SHIPPED_MODEL, *, is_required: bool = True) -> SharedReader | None:
    """The language model called `name`, loaded once a process: the shipped one, none, a folder or a spaCy pipeline.

    Without `is_required` a model that does not load is only missing: every answer is then `degraded`.

    Raises:
        ConfigError: if it is required and missing, not readable, or not the one its hashes were taken of.
    """
    if name == NO_MODEL:
        return None
    try:
        return _loaded(name)
    except OutguardError as error:
        if is_required:
            way_out = "set nlp.model=none to judge by rules alone, or nlp.required=false to start without it"
            raise ConfigError(f"the language model cannot be used: {error.message}; {way_out}") from error
        return SharedReader(None)


def read_rules(directory: Path) -> dict[str, str]:
    """All YAML files below `directory`, by their path relative to it.

    Raises:
        ConfigError: if it is no directory, or a file is unreadable, too large or not UTF-8.
    """
    if not directory.is_dir():
        raise ConfigError(f"no rules directory at {directory}")
    files: dict[str, str] = {}
    for path in sorted(directory.rglob("*.yaml")):
        name = path.relative_to(directory).as_posix()
        try:
            if path.stat().st_size > MAX_RULE_FILE:
                raise ConfigError(f"{name} is larger than {MAX_RULE_FILE} bytes")
            files[name] = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{name} cannot be read as UTF-8 text") from error
    return files


def rules_of(rules_dir: Path | None, profiles_dir: Path | None = None) -> dict[str, str]:
    """The rule files of `rules_dir` (default: the shipped ones), with more authority profiles laid over them."""
    files = read_rules(rules_dir or shipped_rules())
    if profiles_dir is not None:
        files |= {f"authority/{name}": text for name, text in read_rules(profiles_dir).items()}
    return files


def detector_packs(files: Mapping[str, str]) -> dict[str, str]:
    """The detector files among `files`."""
    return {name: text for name, text in files.items() if name.startswith("detectors/")}


def build_judge(
    files: Mapping[str, str],
    limits: Limits | None = None,
    *,
    scanner: DocumentScanner | None = None,
    model: SharedReader | None = None,
) -> ReplyJudge:
    """The evaluator made of the detector packs among `files` and of `model`, or of another `scanner`."""
    packs = detector_packs(files)
    fields = f"detectors/{FILE_NAME}"
    if fields not in packs:
        raise ConfigError(f"the rules have no {fields}; copy the shipped one")
    rules = PayloadRules.parse(packs[fields], fields)
    languages = load_languages(packs, shipped_lexicon())
    reads = None if model is None else GlossesToo(model, languages)
    return ReplyJudge(scanner or build_scanner(packs, model, languages), limits or Limits(), rules, reads)


def offline_judge(
    rules_dir: Path | None = None, profiles_dir: Path | None = None, model: str = DEFAULT_MODEL
) -> tuple[ReplyJudge, Policy]:
    """What `outguard check` and `eval` judge with: no store, no keys, no server."""
    files = rules_of(rules_dir, profiles_dir)
    return build_judge(files, model=build_model(model)), compile_policy(files)


@dataclass(frozen=True, kw_only=True, slots=True)
class System:
    """A wired server's parts."""

    services: Services
    authenticator: Authenticator
    settings: Settings


class RulesOnDisk:
    """The rule files of a folder, as `flows.services.RuleFolder`."""

    def __init__(self, settings: Settings, limits: Limits, model: SharedReader | None, *, is_judging: bool) -> None:
        self._folder = settings.rules_dir or shipped_rules()
        self._profile = settings.policy_profile
        self._limits = limits
        self._model = model
        self._is_judging = is_judging
        self.loaded: Mapping[str, str] = self.read()

    def read(self) -> Mapping[str, str]:
        """As the port says."""
        return read_rules(self._folder)

    def stamp(self) -> object:
        """Names, sizes and times of the files."""
        try:
            found = [(path, path.stat()) for path in sorted(self._folder.rglob("*.yaml"))]
        except OSError:
            return None
        return tuple((str(path), stat.st_size, stat.st_mtime_ns) for path, stat in found)

    def compile(self, files: Mapping[str, str], *, profile: str | None = None) -> Policy:
        """As the port says."""
        return compile_policy(files, profile=profile or self._profile)

    def build_judge(self, files: Mapping[str, str]) -> ReplyJudge:
        """As the port says."""
        scanner = None if self._is_judging else _NoScanner()
        return build_judge(files, self._limits, scanner=scanner, model=self._model)


class _NoScanner:
    """Stands in where nothing is judged: a reply that comes nevertheless is held."""

    def scan(self, documents: Sequence[Document], context: ReplyContext) -> list[Finding]:  # noqa: ARG002 - the protocol
        """Raises UnavailableError."""
        raise UnavailableError("this process does not judge replies")


async def build_system(settings: Settings, *, is_judging: bool = True) -> System:
    """Open everything a server needs; refuses to start on doubt.

    `is_judging=False` leaves the detectors out, for tools on the store alone (tokens, exports): they start sooner.

    Raises:
        ConfigError: if a setting, key or rule file is wrong.
        PolicyError: if the rules make no policy.
        UnavailableError: if the database cannot be opened.
    """
    settings.verify()
    limits = Limits(
        max_text_chars=settings.max_text_chars,
        max_payload_depth=settings.max_payload_depth,
        max_payload_nodes=settings.max_payload_nodes,
        max_attachments=settings.max_attachments,
        max_attachment_bytes=settings.max_attachment_bytes,
        evaluation_budget_s=settings.evaluation_budget_ms / 1000,
        claim_lease_s=settings.claim_lease_s,
        max_wait_s=settings.max_wait_s,
        max_page=settings.max_page,
        value_days=settings.value_days,
        tenant_value_days=settings.tenant_value_days or {},
        max_values=settings.max_values,
    )
    model = build_model(settings.nlp_model, is_required=settings.nlp_required) if is_judging else None
    rules = RulesOnDisk(settings, limits, model, is_judging=is_judging)
    policy = rules.compile(rules.loaded)
    judge = rules.build_judge(rules.loaded)
    keys = load_or_create_keys(settings)
    if settings.database_url is None:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    clock = SystemClock()
    store = await open_store(settings.effective_database_url)
    services = Services(
        store=store,
        sealer=AesGcmSealer(keys.ring),
        signer=Ed25519Signer(keys.signing),
        clock=clock,
        ids=RandomIds(),
        lottery=KeyedLottery(keys.ring),
        judge=judge,
        policies=PolicySource(policy),
        limits=limits,
        instance=settings.instance,
        rules=rules,
    )
    return System(services=services, authenticator=Authenticator(store, clock), settings=settings)
