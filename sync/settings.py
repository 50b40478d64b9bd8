"""What a TIEOUT_HOME says of itself: `config.toml` (no secrets) and `secrets.toml` (mode 0600) or the environment.

Every setting can be overridden by the environment: `TIEOUT_ERP__BASE_URL`, `TIEOUT_SECRETS__AMAZON__CLIENT_SECRET`.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError

from sync.errors import BadInput
from sync.home import home_folder

__all__ = [
    "AmazonSecrets",
    "ChannelSettings",
    "ErpSettings",
    "NetSuiteSecrets",
    "PullSettings",
    "Secrets",
    "Settings",
    "WalmartSecrets",
    "home_folder",
    "load_secrets",
    "load_settings",
]


T = TypeVar("T", bound=BaseModel)


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("there is no such time zone; write an IANA name such as America/Los_Angeles") from None
    return name


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ChannelSettings(_Strict):
    """One marketplace account. The table's name in the file is the channel: `[channels."amazon.US"]`."""

    vendor: Literal["amazon", "walmart"]
    #: Amazon's marketplace id; for Walmart the market, such as `US`.
    marketplace: str
    #: Base URL; empty: the vendor's public one for the marketplace.
    base_url: str = ""
    #: Login with Amazon's token URL; empty: the public one. Not used for Walmart.
    token_url: str = ""
    currency: str = Field(pattern="^[A-Z]{3}$")
    #: IANA time zone in which the marketplace's days and months are counted.
    time_zone: Annotated[str, AfterValidator(_known_zone)] = "UTC"
    #: Nothing older is pulled.
    first_day: date
    #: Walmart's global API outside the US: WM_MARKET and WM_GLOBAL_VERSION, such as ["ca", "3.1"].
    market_headers: tuple[str, str] | None = None
    #: Walmart: whether a charge's amount counts for the whole line or one unit.
    charge_basis: Literal["line", "unit"] = "line"


class ErpSettings(_Strict):
    """The NetSuite account. `account_id` as NetSuite shows it, such as `1234567_SB1`."""

    account_id: str
    #: Ends in `/services/rest`; empty: the account's public address.
    base_url: str = ""
    auth: Literal["m2m", "tba"] = "m2m"
    #: How many calls may be under way at once; NetSuite's limit less one for others.
    concurrency: int = Field(default=4, ge=1, le=50)
    #: Whether documents are written in batches (NetSuite 2026.1 or later); `tieout doctor` says whether it can.
    batch: bool = False
    #: With SuiteTax: the tax code (and type) that the channel's tax of a line is written under; empty: none is written.
    tax_code_id: str | None = None
    tax_type_id: str | None = None
    first_day: date


class PullSettings(_Strict):
    """What a pull reads when nobody names a stream."""

    #: Kinds of records (`orders`, `settlements` …), of one vendor where it is named (`netsuite.locations`); empty: all.
    #: `tieout pull NAME` reads any.
    kinds: list[Annotated[str, Field(pattern=r"^([a-z]+\.)?[a-z_]+$")]] = Field(default_factory=list)
    #: False: the marketplaces' rate limits are not kept to. Only a sandbox takes it, one that has its limits off.
    paced: bool = True


class SafetySettings(_Strict):
    """What the console may do without more questions."""

    #: False: nothing is ever pushed.
    write: bool = True


class UiSettings(_Strict):
    """How the console looks."""

    theme: str = "ledger-dark"
    ascii: bool = False
    mouse: bool | None = None


class Settings(_Strict):
    """Everything in `config.toml`."""

    environment: Literal["sandbox", "production"] = "production"
    company: str = ""
    channels: dict[Annotated[str, Field(pattern=r"^(amazon|walmart)\.[A-Z]{2}$")], ChannelSettings] = Field(
        default_factory=dict
    )
    erp: ErpSettings | None = None
    pull: PullSettings = Field(default_factory=PullSettings)
    safety: SafetySettings = Field(default_factory=SafetySettings)
    ui: UiSettings = Field(default_factory=UiSettings)
    keys: dict[str, str] = Field(default_factory=dict)


class AmazonSecrets(_Strict):
    """A self-authorised application's credentials (Login with Amazon)."""

    client_id: str
    client_secret: SecretStr
    refresh_token: SecretStr
    seller_id: str = ""


class WalmartSecrets(_Strict):
    """Credentials of Walmart's developer portal."""

    client_id: str
    client_secret: SecretStr


class TbaSecrets(_Strict):
    """Token-based authentication (OAuth 1.0a)."""

    consumer_key: str
    consumer_secret: SecretStr
    token_id: str
    token_secret: SecretStr


class NetSuiteSecrets(_Strict):
    """OAuth 2.0 client credentials with a certificate, or TBA."""

    client_id: str = ""
    certificate_id: str = ""
    private_key: SecretStr | None = None
    tba: TbaSecrets | None = None


class Secrets(_Strict):
    """Everything in `secrets.toml`."""

    amazon: AmazonSecrets | None = None
    walmart: WalmartSecrets | None = None
    netsuite: NetSuiteSecrets | None = None


def load_settings(home: Path) -> Settings:
    """Read `config.toml`; a home without one has the defaults.

    Raises:
        BadInput: names the file, the key and what is wrong.
    """
    path = home / "config.toml"
    values = _read_toml(path) if path.exists() else {}
    _overlay(values, "TIEOUT_", skip={"HOME", "NOW", "SHARED", "SECRETS"})
    return _validated(Settings, values, path)


def load_secrets(home: Path) -> Secrets:
    """Read `secrets.toml` and the environment.

    Raises:
        BadInput: the file can be read by others, or a value is missing.
    """
    path = home / "secrets.toml"
    values: dict[str, Any] = {}
    if path.exists():
        if path.stat().st_mode & 0o077:
            raise BadInput(
                "the file with credentials can be read by other users",
                remedy=f"Run: chmod 600 {path}",
                file=str(path),
            )
        values = _read_toml(path)
    _overlay(values, "TIEOUT_SECRETS__", skip=set())
    return _validated(Secrets, values, path)


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"it is not TOML: {error}", remedy="Correct the file", file=str(path)) from error
    except OSError as error:
        raise BadInput(
            f"the file cannot be read: {error.strerror}", remedy="Check its rights", file=str(path)
        ) from error


def _overlay(values: dict[str, Any], prefix: str, *, skip: set[str]) -> None:
    for name, value in sorted(os.environ.items()):
        if not name.startswith(prefix) or (prefix == "TIEOUT_" and name.startswith("TIEOUT_SECRETS__")):
            continue
        path = name[len(prefix) :].lower().split("__")
        if path[0].upper() in skip or (len(path) == 1 and path[0] not in Settings.model_fields):
            continue
        table = values
        for part in path[:-1]:
            inner = table.setdefault(_key_in(table, part), {})
            if not isinstance(inner, dict):
                raise BadInput("the setting is no table", column=name, remedy="Correct or unset the variable")
            table = inner
        table[_key_in(table, path[-1])] = value


def _key_in(table: Mapping[str, Any], part: str) -> str:
    """Return the key that a part of a variable's name means: a variable can write neither `.` nor capitals."""
    return next((key for key in table if key.lower().replace(".", "_") == part.replace(".", "_")), part)


def _validated(model: type[T], values: dict[str, Any], path: Path) -> T:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(p) for p in first["loc"])
        # An unknown key may be a secret in the wrong place, and everything in secrets.toml is one: not shown.
        showable = model is Settings and first["type"] not in ("extra_forbidden", "missing")
        raise BadInput(
            "there is no such setting" if first["type"] == "extra_forbidden" else first["msg"],
            remedy=f"Correct it in the file or in the environment ({_variable(model, first['loc'])})",
            file=str(path),
            column=where,
            value=str(first["input"]) if showable and isinstance(first["input"], (str, int, float)) else None,
        ) from None


def _variable(model: type[BaseModel], place: tuple[int | str, ...]) -> str:
    prefix = "TIEOUT_SECRETS__" if model is Secrets else "TIEOUT_"
    return prefix + "__".join(str(p).upper().replace(".", "_") for p in place)
