"""`list`, `show`, `story`, `sql`, `suiteql`, `doctor`: refusals first, then that nothing is lost on the way out."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from sync.sandbox.faults import Fault
from sync.sandbox.server import Running
from tests.console.homes import Home

LISTS = (
    "discrepancies", "causes", "queue", "settlements", "orders", "skus", "calls", "coverage", "quarantine", "audit",
    "decisions", "runs", "line-types", "shipments",
)  # fmt: skip
HOSTILE = "x\x1b[2J\u202e\x9b31my"


def harmless(text: str) -> bool:
    return not {"\x1b", "\x9b", "\u202e", "\x07"} & set(text)


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["list", "orders", "--limit", "-1"], "no negative length"),
        (["list", "runs", "--limit", "-1"], "no negative length"),
        (["list", "causes", "--filter", "channel:amazon"], "causes cannot be filtered"),
        (["list", "runs", "--sort", "state"], "runs cannot be filtered or sorted"),
        (["list", "orders", "--sort", "nonsense"], "Columns:"),
        (["list", "orders", "--filter", "nonsense:>x"], "position"),
        (["show", "nonsense"], "there is no such record (found 'nonsense')"),
        (["show", "page:²"], "there is no such record"),
        (["show", "page:999999999999999999999999"], "there is no such record"),
        (["show", "page:99999"], "there is no such page"),
        (["show", "P99999"], "there is no such plan or operation"),
        (["story", HOSTILE], "nothing is known by this"),
        (["sql", "DELETE FROM orders"], "only questions can be asked"),
        (["sql", "SELECT 1; SELECT 2"], "more than one statement"),
        (["sql", "SELECT nothing FROM nowhere"], "Correct the query"),
        (["sql", "SELECT 1", "--as-of", "noon"], "this is no day and no time with an offset (found 'noon')"),
        (["suiteql", "SELECT nothing FROM nowhere"], "netsuite suiteql: HTTP 400"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_one_line(pulled: Home, argv: list[str], said: str) -> None:
    done = pulled.run(*argv)
    assert done.code == (4 if argv[0] == "suiteql" else 2), done
    assert done.out == ""
    assert said in done.err
    assert done.err.count("\n") == 1
    assert harmless(done.err)


def test_a_question_changes_nothing_whatever_it_says(pulled: Home) -> None:
    before = pulled.query("SELECT count(*) FROM orders")
    pulled.run("sql", "WITH gone AS (SELECT 1) DELETE FROM orders")
    pulled.run("sql", "EXPLAIN ANALYZE DELETE FROM orders")
    assert pulled.query("SELECT count(*) FROM orders") == before


def test_no_column_hides_another(pulled: Home) -> None:
    done = pulled.run("sql", "SELECT 1 AS id, 2 AS id, 3 AS id_1, 4 AS id", "--json")
    assert done.one == {"id": 1, "id_1": 2, "id_1_1": 3, "id_2": 4}


def test_every_type_of_the_database_can_be_written(pulled: Home) -> None:
    done = pulled.run(
        "sql",
        "SELECT 'a'::BLOB AS b, INTERVAL 1 DAY AS i, uuid() AS u, 'nan'::DOUBLE AS n, [1.50::DECIMAL(9,2)] AS l,"
        " 12345678901234567890123456789012.3456::DECIMAL(38,4) AS d, TIMESTAMP '2026-01-01 10:00' AS t,"
        " TIME '10:00' AS h",
        "--json",
    )
    assert done.code == 0
    assert (done.one["b"], done.one["n"], done.one["l"]) == ("61", "nan", ["1.50"])
    assert (done.one["d"], done.one["t"]) == ("12345678901234567890123456789012.3456", "2026-01-01T10:00:00Z")


def test_a_day_without_an_offset_is_one_of_utc(pulled: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    query = ["sql", "SELECT count(*) AS n FROM orders", "--json", "--as-of"]
    assert pulled.run(*query, "2020-01-01").one == {"n": 0}
    assert pulled.run(*query, "2030-01-01").one["n"] > 100


@pytest.mark.parametrize("name", LISTS)
def test_every_list_is_one_object_a_line_and_text_for_people(pulled: Home, name: str) -> None:
    done = pulled.run("list", name, "--json")
    assert (done.code, done.err) == (0, "")
    assert all(isinstance(row, dict) for row in done.rows)
    if name not in ("queue", "quarantine", "line-types", "shipments"):
        assert done.rows
        limited = pulled.run("list", name, "--json", "--limit", "1")
        assert limited.rows == done.rows[:1]
    told = pulled.run("list", name)
    assert told.code == 0
    assert (told.out.count("\n") == len(done.rows) + 1) if done.rows else told.err


def test_a_list_has_every_record_and_its_order(pulled: Home) -> None:
    # What Amazon ships for other shops stands among the orders.
    sold, sent = (pulled.query(f"SELECT count(*) FROM {table}")[0][0] for table in ("orders", "multichannel_orders"))
    count = sold + sent
    rows = pulled.run("list", "orders", "--json", "--sort", "-total").rows
    assert len(rows) == count == len({r["id"] for r in rows})
    totals = [Decimal(r["total"]) for r in rows if r["total"] is not None]
    assert totals == sorted(totals, reverse=True)
    assert len(totals) == sold, "the money of the others is the other shop's"


def test_hostile_text_of_a_vendor_reaches_no_terminal(pulled: Home) -> None:
    with pulled.workspace().store.database.transaction() as tx:
        tx.execute("UPDATE discrepancies SET title = $1, cause = $1 WHERE control = 'order_missing'", [HOSTILE])
        tx.execute("UPDATE runs SET note = $1", [HOSTILE])
        tx.execute("UPDATE orders SET buyer_name = $1, ship_name = $1, status = $1", [HOSTILE])
        tx.execute("INSERT INTO quarantine SELECT 's', $1, $1, NULL, 0, now(), 'r', NULL", [HOSTILE])
    some = pulled.run("list", "discrepancies", "--json").rows
    order = next(r for r in some if r["id"].startswith("order_missing"))
    page = pulled.query("SELECT min(page_id) FROM orders")[0][0]
    commands = [["list", n] for n in LISTS]
    commands += [["show", order["id"]], ["story", order["record"]], ["show", f"page:{page}"], ["plan", order["id"]]]
    commands += [["sql", "SELECT * FROM orders"], ["sql", f"SELECT '{HOSTILE}' AS \"{HOSTILE}\""]]
    for argv in commands:
        for extra in ([], ["--json"]):
            done = pulled.run(*argv, *extra)
            assert done.code in (0, 1), (argv, done.err)
            assert harmless(done.out + done.err), argv


def test_a_page_is_shown_whole_as_json_and_readable_as_text(pulled: Home) -> None:
    page = pulled.query("SELECT min(page_id) FROM orders WHERE channel = 'amazon.US'")[0][0]
    row = pulled.run("show", f"page:{page}", "--json").one
    body = bytes.fromhex(row["body_hex"])
    assert len(body) == row["size"]
    assert json.loads(body)
    assert "orderId" in pulled.run("show", f"page:{page}").out


def test_a_story_is_found_by_the_order_number_and_says_what_is_wrong(pulled: Home) -> None:
    wrong = next(r for r in pulled.run("list", "discrepancies", "--json").rows if r["id"].startswith("order_missing"))
    done = pulled.run("story", wrong["record"], "--json")
    assert done.code == 1
    assert done.one["subject"] == wrong["record"]
    assert done.one["wrong"]
    good = pulled.query(
        "SELECT order_id FROM orders o WHERE NOT EXISTS (SELECT 1 FROM discrepancies d"
        " WHERE d.subject = o.order_id OR contains(CAST(d.detail AS VARCHAR), o.order_id))"
        " ORDER BY 1 LIMIT 1"
    )[0][0]
    assert pulled.run("story", good, "--json").code == 0


def test_lists_and_controls_are_read_as_of_a_moment(pulled: Home) -> None:
    assert pulled.run("list", "orders", "--as-of", "2026-11-01", "--json").code == 2
    assert pulled.run("check", "no_such_control").code == 2
    before = pulled.query("SELECT * FROM discrepancies ORDER BY 1")
    now = pulled.run("check", "settlement-not-posted", "--json")
    assert now.code == 1
    assert {r["subject"] for r in now.rows} == {
        str(r[0]) for r in pulled.query("SELECT subject FROM discrepancies WHERE control = 'settlement_not_posted'")
    }
    # Nothing was read before the first pull.
    done = pulled.run("check", "settlement_not_posted", "--as-of", "2026-11-01", "--json")
    assert (done.code, done.rows) == (0, [])
    assert pulled.run("list", "discrepancies", "--as-of", "2026-11-01", "--json").rows == []
    assert pulled.query("SELECT * FROM discrepancies ORDER BY 1") == before


def test_doctor_tells_good_from_bad_credentials(pulled: Home, running: Running) -> None:
    assert pulled.run("doctor", "--json").code == 0
    pulled.close()
    secrets = pulled.folder / "secrets.toml"
    text = secrets.read_text()
    secrets.chmod(0o644)
    done = pulled.run("doctor", "--json")
    assert done.code == 2
    assert "chmod 600" in {r["check"]: r["detail"] for r in done.rows}["credentials"]
    pulled.close()
    secrets.chmod(0o600)
    secrets.write_text(text.replace('certificate_id = "', 'certificate_id = "wrong'))
    done = pulled.run("doctor", "--json")
    assert done.code == 4
    assert {r["check"]: r["state"] for r in done.rows}["netsuite"] == "failed"


def test_suiteql_asks_netsuite_and_takes_parameters(pulled: Home, running: Running) -> None:
    rows = pulled.run("suiteql", "SELECT id, name FROM subsidiary WHERE id = ?", "1", "--json").rows
    assert [r["id"] for r in rows] == ["1"]
    running.faults.add(Fault("netsuite", "server_error_html", 1, match="suiteql"))
    assert pulled.run("suiteql", "SELECT id FROM subsidiary ORDER BY id", "--json").code == 0
