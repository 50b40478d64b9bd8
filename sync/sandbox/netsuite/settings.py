"""The switches of one NetSuite account: what differs from company to company."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["DATE_FORMATS", "AccountSettings"]

#: Account date format → strftime pattern. NetSuite lets a company choose among these (and variants without zeros).
DATE_FORMATS = {
    "MM/DD/YYYY": "%m/%d/%Y",
    "DD/MM/YYYY": "%d/%m/%Y",
    "DD.MM.YYYY": "%d.%m.%Y",
    "YYYY-MM-DD": "%Y-%m-%d",
}


@dataclass(slots=True)
class AccountSettings:
    """Settings of the account; mutable, because a running sandbox lets tests and demonstrations throw a switch.

    `account_id` is the canonical form with underscore; hosts and realms are derived from it.
    """

    account_id: str = "TIEOUT_SB1"
    company_name: str = "Acme Goods"
    date_format: str = "MM/DD/YYYY"
    time_zone: str = "America/Los_Angeles"
    one_world: bool = True
    suite_tax: bool = True
    #: Largest (and default) `limit` of a page: 1000, older accounts 3000.
    page_maximum: int = 1000
    #: `transaction.subsidiary` and `.location` in SuiteQL: present, not_exposed or removed.
    header_subsidiary: str = "not_exposed"
    header_location: str = "removed"
    #: `transaction.total` in SuiteQL: sources disagree whether it exists.
    transaction_total: bool = False
    #: Tables that the role or a feature hides from SuiteQL: "Record 'customer' was not found."
    hidden_tables: tuple[str, ...] = ("inventorybalance",)
    #: Columns that this company does not show to queries, each as `table.column`.
    hidden_columns: tuple[str, ...] = ()
    #: Multi-book: every posted entry stands in a second accounting book too.
    multi_book: bool = False
    #: FETCH FIRST n ROWS ONLY: one public account refused it together with ORDER BY.
    fetch_first: bool = True
    #: `type` of error envelopes: the RFC 9110 address of 2026 traces, or the older W3C one.
    modern_type_urls: bool = True
    #: Status of a PUT by external id: sources show 204, 201 and 200.
    upsert_status: int = 204
    #: `expires_in` of the token answer occurs as number and as string.
    expires_in_text: bool = False
    token_life_s: int = 3600
    concurrency_limit: int = 5
    #: What a call over the limit is told: 429 as documented, or the 401 that was seen in bursts.
    overflow_as_401: bool = False
    #: False takes the concurrency gate away (demonstrations, tests of other subjects).
    limits_enabled: bool = True
    #: How long an answer holds its slot at least, in seconds; real accounts take ten times as long.
    service_time_s: float = 0.01
    #: A SuiteQL query that runs longer is stopped, in seconds.
    query_limit_s: float = 20.0
    #: How many rows of one list or query paging can reach.
    rows_reachable: int = 100_000
    #: The account's release; batches came with 2026.1.
    release: str = "2026.1"
    #: Asynchronous SuiteQL: sources disagree whether it exists.
    suiteql_async: bool = False
    #: How long a job waits before its first record, and how long each record takes, in seconds of the account's clock.
    job_wait_s: float = 0.1
    job_item_s: float = 0.02
    #: Smallest RSA key of a certificate that is registered; the manual says 2048, some accounts ask for more.
    least_rsa_bits: int = 2048
    default_order_status: str = "B"
    #: Names of custom fields that this account defines, lower case as everywhere in NetSuite.
    custom_fields: tuple[str, ...] = (
        "custbody_fa_channel_order",
        "custbody_channel_order_id",
        "custbody_settlement_id",
        "custitem_channel_sku",
        "custcol_channel_line_id",
    )

    def __post_init__(self) -> None:
        if self.date_format not in DATE_FORMATS:
            raise ValueError(f"date_format must be one of {', '.join(DATE_FORMATS)}, not {self.date_format!r}")

    @property
    def realm(self) -> str:
        """Return the account id as OAuth 1 names it: upper case with underscores, `TIEOUT_SB1`."""
        return self.account_id.upper().replace("-", "_")

    @property
    def host_label(self) -> str:
        """Return the account id as host names carry it: lower case with hyphens, `tieout-sb1`."""
        return self.account_id.lower().replace("_", "-")

    @property
    def token_audience(self) -> str:
        """Return the account's public token address, the only `aud` that an assertion may name."""
        return f"https://{self.host_label}.suitetalk.api.netsuite.com/services/rest/auth/oauth2/v1/token"

    @property
    def offers_batch(self) -> bool:
        """Say whether the release has batches of records."""
        year, _, number = self.release.partition(".")
        return (int(year), int(number)) >= (2026, 1)

    @property
    def date_pattern(self) -> str:
        """Return the strftime pattern of the account's date format."""
        return DATE_FORMATS[self.date_format]
