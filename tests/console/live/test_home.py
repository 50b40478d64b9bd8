"""What a person is told on Home and about a settlement, and what `u` and a second `i` take back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from console.desk import ActionRequest, Feed, JobEvent, Passage, ViewRequest
from console.live.desk import LiveDesk
from console.live.home import grouped
from tests.console.homes import Home
from tests.console.live.test_desk import Listener

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def desk(pulled: Home) -> Iterator[LiveDesk]:
    made = LiveDesk(pulled.workspace(), "ann")
    yield made
    made.close(10)


@pytest.fixture
def do(desk: LiveDesk) -> Callable[..., JobEvent]:
    """Run an action to its end."""

    def run(action: str, section: str, *keys: str, **answers: str) -> JobEvent:
        listener = Listener()
        end = desk.subscribe(listener)
        try:
            return listener.wait(desk.start(ActionRequest(action, section, keys, answers)))
        finally:
            end()

    return run


def feed(name: str, state: str = "ok", minutes: int = 1, note: str = "") -> Feed:
    """Return a feed that ran so many minutes before noon, or never."""
    ran = None if state == "never" else NOON.replace(hour=11, minute=60 - minutes)
    return Feed(name, state, ran, minutes * 60.0, 2, note=note)  # type: ignore[arg-type]


def column(desk: LiveDesk, view: str, name: str, filter_text: str = "") -> list[object]:
    """Return one column of a list."""
    opened = desk.open_view(ViewRequest(view, filter_text))
    try:
        place = [c.name for c in opened.columns].index(name)
        return [row.values[place] for row in opened.page(0, opened.total)]
    finally:
        opened.close()


@pytest.mark.parametrize(
    ("states", "worst", "note"),
    [
        (("ok", "failed"), "failed", "netsuite.items: HTTP 500"),
        (("never", "ok"), "never", "netsuite.accounts"),
        (("ok", "late"), "late", "netsuite.items"),
        (("ok", "ok"), "ok", ""),
    ],
)
def test_the_slow_lists_are_one_line_that_is_as_well_as_the_worst(
    states: tuple[str, str], worst: str, note: str
) -> None:
    why = "HTTP 500" if worst == "failed" else ""
    feeds = [
        feed("netsuite.accounts", states[0], 5),
        feed("netsuite.items", states[1], 3, why),
        feed("netsuite.transactions"),
    ]
    *others, lists = grouped(feeds)
    assert [f.name for f in others] == ["netsuite.transactions"]
    assert (lists.name, lists.state, lists.note, lists.today) == ("netsuite lists", worst, note, 4)
    assert lists.last_run == (None if worst == "never" else feed("x", "ok", 5).last_run)
    assert lists.lag_s == 300


def test_one_list_alone_keeps_its_name() -> None:
    assert [f.name for f in grouped([feed("netsuite.items")])] == ["netsuite.items"]


def test_what_tells_of_money_beside_settlements_is_one_line_where_the_first_of_it_stood() -> None:
    names = ("amazon.orders@US", "amazon.ledger@US", "amazon.payouts@DE", "walmart.summaries@US", "walmart.returns@US")
    found = grouped([feed(name, "never" if "ledger" in name else "ok") for name in names])
    assert [f.name for f in found] == ["amazon.orders@US", "payouts, ledger, sums", "walmart.returns@US"]
    assert (found[1].state, found[1].note) == ("never", "amazon.ledger@US")


def test_what_was_never_read_is_pulled_on_its_own_and_only_once(desk: LiveDesk, pulled: Home) -> None:
    (before,) = pulled.query("SELECT count(*) FROM coverage WHERE stream = 'amazon.orders@US'")
    listener = Listener()
    end = desk.subscribe(listener)
    try:
        ended = listener.wait(desk.read_unread())
    finally:
        end()
    assert (ended.title, ended.state, ended.note) == ("pull", "done", "everything has been read")
    assert pulled.query("SELECT count(*) FROM coverage WHERE stream = 'amazon.orders@US'") == [before]


def test_what_somebody_waived_is_no_longer_counted_until_it_is_lifted(
    desk: LiveDesk, do: Callable[..., JobEvent], pulled: Home
) -> None:
    before = desk.home().needs[0].count
    assert before == len(column(desk, "discrepancies", "status", "status:open,blocked"))
    ((key,),) = pulled.query("SELECT min(discrepancy_id) FROM discrepancies WHERE state <> 'resolved'")
    assert do("waive", "discrepancies", str(key), reason="gift").note == "1 discrepancy waived. u undoes it"
    assert desk.home().needs[0].count == before - 1
    assert desk.form(ActionRequest("waive", "discrepancies", (str(key),))) is None
    assert do("waive", "discrepancies", str(key)).note == "1 discrepancy counts again"
    assert desk.home().needs[0].count == before
    assert do("snooze", "discrepancies", str(key), until="2026-12-24").state == "done"
    assert desk.home().needs[0].count == before - 1
    assert do("undo", "discrepancies").note == "1 discrepancy counts again"
    assert desk.home().needs[0].count == before


def test_a_form_names_its_record_in_words(desk: LiveDesk, pulled: Home) -> None:
    ((key, title),) = pulled.query("SELECT discrepancy_id, title FROM discrepancies ORDER BY 1 LIMIT 1")
    form = desk.form(ActionRequest("waive", "discrepancies", (str(key),)))
    assert form is not None
    assert form.title == f"Waive: {title}"


def test_the_days_of_a_stream_are_those_of_its_records(desk: LiveDesk, pulled: Home) -> None:
    points = {f.name: f.points for f in desk.home().feeds}
    today = desk.now().date()
    ((recent,),) = pulled.query(
        "SELECT count(*) FROM orders WHERE channel = 'amazon.US' AND CAST(ordered_at AS DATE)"
        " BETWEEN CAST($1 AS DATE) - 13 AND CAST($1 AS DATE)",
        [today],
    )
    assert len(points["amazon.orders@US"]) == 14
    assert sum(points["amazon.orders@US"]) == recent > 0
    assert points["netsuite.customers"] == ()


def test_every_settlement_says_what_is_next_or_what_stands_in_the_way(desk: LiveDesk, pulled: Home) -> None:
    keys = [f"{c}/{s}" for c, s in pulled.query("SELECT channel, settlement_id FROM settlements ORDER BY 1, 2")]
    titles = {}
    for key in keys:
        detail = desk.detail("settlements", key, "breakdown")
        assert detail is not None
        said = next(block for block in detail.blocks if isinstance(block, Passage))
        titles[said.title] = said.text
    assert {"Posted", "Next"} <= set(titles)
    assert "f stages" in titles["Next"]
    if "Blocked" in titles:
        assert "no rule for" in titles["Blocked"]
        assert "press a" in titles["Blocked"]


def test_home_leads_to_each_list_of_what_waits_between_order_and_cash(desk: LiveDesk, pulled: Home) -> None:
    """A line counts what its controls found and says how much of it is blocked; what found nothing has no line."""
    lines = {
        "shipments": ("shipment_unconfirmed", "shipment_differs"),
        "fulfilments": (
            "fulfilment_missing",
            "multichannel_unfulfilled",
            "multichannel_unsent",
            "invoice_missing",
            "invoice_unpaid",
        ),
        "returns, refunds": ("return_unbooked", "refund_unbooked", "refund_not_on_channel", "refund_unsettled"),
        "customers": ("customer_duplicate", "customer_unclear", "customer_differs"),
    }
    wanted = {}
    for noun, controls in lines.items():
        found, blocked = pulled.query(
            "SELECT count(*), count(*) FILTER (WHERE state = 'blocked') FROM discrepancies"
            f" WHERE state IN ('open', 'blocked') AND control IN {controls}"
        )[0]
        if found > 1:
            wanted[noun] = (found, f"{blocked} blocked" if blocked else "")
    assert len(wanted) >= 2, "the world has broken more than that"
    assert {n.noun: (n.count, n.aside) for n in desk.home().needs if n.noun in lines} == wanted


def test_home_offers_to_read_once_more_what_an_older_version_left_out(
    desk: LiveDesk, do: Callable[..., JobEvent], pulled: Home
) -> None:
    # What other tests have written since is none of it.
    assert pulled.run("pull", "netsuite.transactions").code == 0
    with pulled.workspace().store.database.transaction() as tx:
        tx.execute(
            "UPDATE transactions SET ship_date = NULL, ship_method = NULL, ship_name = NULL, ship_address1 = NULL,"
            " row_hash = 'old' WHERE transaction_type = 'SalesOrd'"
        )
        tx.execute(
            "INSERT INTO reread_offers SELECT 'netsuite.transactions', max(version), NULL, 'a' FROM transactions"
        )
        tx.execute("INSERT INTO rereads VALUES ('netsuite.items', '2026-11-02 00:00:00+00', NULL, now())")
    (need,) = [n for n in desk.home().needs if n.aside == "N reads netsuite.transactions again"]
    form = desk.form(ActionRequest("pull-again", "home"))
    assert form is not None
    stream, since = form.fields
    # What was stopped half-way comes first, with its day.
    assert (stream.value, since.value, since.required) == ("netsuite.items", "2026-11-02", False)
    notes = {c.value: c.note for c in stream.choices}
    assert (notes["netsuite.items"], notes["netsuite.links"]) == ("unfinished", "")
    assert notes["netsuite.transactions"] == f"{need.count:,} records lack a"
    assert do("pull-again", "home", stream="netsuite.items", since="soon").state == "failed"
    event = do("pull-again", "home", stream="netsuite.transactions", since="")
    assert (event.state, event.note) == ("done", f"netsuite.transactions: {need.count} records changed")
    assert not [n for n in desk.home().needs if n.aside.startswith("N reads")]
