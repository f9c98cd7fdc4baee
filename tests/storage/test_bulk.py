import pytest
from sqlalchemy.dialects import mysql, postgresql, sqlite

from watchstate.storage import tables
from watchstate.storage.bulk import BATCH, batches, upsert


class Listener:
    """Stands where a connection would, and notes the SQL that its database would be sent."""

    def __init__(self, dialect):
        self.dialect = dialect
        self.sent = []

    def execute(self, statement, rows):
        self.sent.append((str(statement.compile(dialect=self.dialect)), len(rows)))


def test_nothing_makes_no_batch():
    assert list(batches([])) == []


def test_batches_keep_everything_in_order():
    values = list(range(2 * BATCH + 1))

    assert [len(batch) for batch in batches(values)] == [BATCH, BATCH, 1]
    assert [value for batch in batches(values) for value in batch] == values


@pytest.mark.parametrize(
    ("dialect", "expected"),
    [
        (sqlite.dialect(), "ON CONFLICT (account_id) DO UPDATE SET owner = excluded.owner, until = excluded.until"),
        (postgresql.dialect(), "ON CONFLICT (account_id) DO UPDATE SET owner = excluded.owner, until = excluded.until"),
        (mysql.dialect(), "ON DUPLICATE KEY UPDATE owner = VALUES(owner), until = VALUES(until)"),
    ],
    ids=["sqlite", "postgresql", "mysql"],
)
def test_each_database_is_asked_in_its_own_words(dialect, expected):
    listener = Listener(dialect)
    upsert(listener, tables.lease, [{"account_id": 1, "owner": "serve", "until": 5}])

    ((sql, _),) = listener.sent
    assert expected in " ".join(sql.split())


def test_rows_are_sent_a_batch_at_a_time():
    listener = Listener(sqlite.dialect())
    upsert(listener, tables.lease, ({"account_id": n, "owner": "serve", "until": 5} for n in range(BATCH + 1)))

    assert [rows for _, rows in listener.sent] == [BATCH, 1]


def test_no_rows_send_nothing():
    listener = Listener(sqlite.dialect())
    upsert(listener, tables.lease, [])

    assert listener.sent == []
