"""Create the first tables."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

revision = "0001"
down_revision = None


def _exact(length: int) -> sa.String:
    return sa.String(length).with_variant(sa.String(length, collation="utf8mb4_bin"), "mysql", "mariadb")


def _need(name: str, kind: type[TypeEngine[Any]] | TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def upgrade() -> None:
    """Create everything."""
    _create_households()
    _create_catalogue()
    _create_states()
    _create_deliveries()
    _create_journal()


def _create_households() -> None:
    op.create_table(
        "server",
        _need("id", sa.Integer),
        _need("name", _exact(255)),
        _need("type", _exact(255)),
        sa.Column("machine_id", _exact(255)),
        sa.Column("version", _exact(255)),
        sa.Column("clock_skew_ms", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_server"),
        sa.UniqueConstraint("name", name="uq_server_name"),
    )
    op.create_table(
        "account",
        _need("id", sa.Integer),
        _need("server_id", sa.Integer),
        _need("identity", _exact(64)),
        _need("user_id", _exact(255)),
        sa.Column("imports", sa.Boolean),
        sa.Column("scan_began_at", sa.BigInteger),
        sa.Column("paused_reason", sa.Text),
        sa.Column("paused_at", sa.BigInteger),
        sa.ForeignKeyConstraint(["server_id"], ["server.id"], name="fk_account_server_id_server"),
        sa.PrimaryKeyConstraint("id", name="pk_account"),
        sa.UniqueConstraint("server_id", "identity", "user_id", name="uq_account_server_id_identity_user_id"),
    )
    op.create_table(
        "lease",
        _need("account_id", sa.Integer),
        _need("owner", _exact(255)),
        _need("until", sa.BigInteger),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_lease_account_id_account"),
        sa.PrimaryKeyConstraint("account_id", name="pk_lease"),
    )
    op.create_table(
        "cursor",
        _need("account_id", sa.Integer),
        _need("value", sa.Text),
        _need("taken_at", sa.BigInteger),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_cursor_account_id_account"),
        sa.PrimaryKeyConstraint("account_id", name="pk_cursor"),
    )
    op.create_table(
        "run",
        _need("id", sa.Integer),
        _need("command", _exact(255)),
        _need("owner", _exact(255)),
        _need("began_at", sa.BigInteger),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("outcome", _exact(255)),
        _need("counts", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_run"),
    )


def _create_catalogue() -> None:
    op.create_table(
        "item",
        _need("id", sa.Integer),
        _need("kind", _exact(16)),
        _need("title", sa.Text),
        _need("show_title", sa.Text),
        sa.Column("year", sa.Integer),
        sa.Column("season", sa.Integer),
        sa.Column("episode", sa.Integer),
        _need("created_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_item"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "entry",
        _need("id", sa.Integer),
        _need("server_id", sa.Integer),
        _need("entry_id", _exact(255)),
        _need("fingerprint", sa.BigInteger),
        _need("kind", _exact(16)),
        _need("title", sa.Text),
        _need("show_title", sa.Text),
        sa.Column("year", sa.Integer),
        sa.Column("season", sa.Integer),
        _need("episodes", sa.Text),
        sa.Column("runtime_ms", sa.BigInteger),
        sa.Column("path", sa.Text),
        sa.Column("library_id", _exact(255)),
        _need("match", _exact(16)),
        _need("candidates", sa.Text),
        sa.ForeignKeyConstraint(["server_id"], ["server.id"], name="fk_entry_server_id_server"),
        sa.PrimaryKeyConstraint("id", name="pk_entry"),
        sa.UniqueConstraint("server_id", "entry_id", name="uq_entry_server_id_entry_id"),
    )
    op.create_table(
        "entry_key",
        _need("entry_row", sa.Integer),
        _need("key", _exact(512)),
        sa.ForeignKeyConstraint(["entry_row"], ["entry.id"], name="fk_entry_key_entry_row_entry"),
        sa.PrimaryKeyConstraint("entry_row", "key", name="pk_entry_key"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_entry_key_key", "entry_key", ["key"])
    op.create_table(
        "entry_item",
        _need("entry_row", sa.Integer),
        _need("position", sa.Integer),
        _need("item_id", sa.Integer),
        sa.ForeignKeyConstraint(["entry_row"], ["entry.id"], name="fk_entry_item_entry_row_entry"),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name="fk_entry_item_item_id_item"),
        sa.PrimaryKeyConstraint("entry_row", "position", name="pk_entry_item"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_entry_item_item_id", "entry_item", ["item_id"])


def _create_states() -> None:
    op.create_table(
        "hub_state",
        _need("item_id", sa.Integer),
        _need("identity", _exact(64)),
        sa.Column("watched", sa.Boolean),
        sa.Column("changed_begins", sa.BigInteger),
        sa.Column("changed_ends", sa.BigInteger),
        sa.Column("watched_at", sa.BigInteger),
        _need("position_ms", sa.BigInteger),
        sa.Column("position_begins", sa.BigInteger),
        sa.Column("position_ends", sa.BigInteger),
        sa.Column("position_runtime_ms", sa.BigInteger),
        sa.Column("origin", _exact(255)),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name="fk_hub_state_item_id_item"),
        sa.PrimaryKeyConstraint("item_id", "identity", name="pk_hub_state"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "agreed",
        _need("account_id", sa.Integer),
        _need("entry_row", sa.Integer),
        sa.Column("watched", sa.Boolean),
        sa.Column("position_ms", sa.BigInteger),
        sa.Column("play_count", sa.BigInteger),
        sa.Column("raw_watched_at", sa.BigInteger),
        _need("read_from", sa.BigInteger),
        _need("read_to", sa.BigInteger),
        _need("is_rewatching", sa.Boolean),
        sa.Column("added_at", sa.BigInteger),
        _need("items", sa.Text),
        _need("missed_scans", sa.Integer),
        sa.Column("unkept_position_ms", sa.BigInteger),
        sa.Column("write_sent_at", sa.BigInteger),
        sa.Column("write_answered_at", sa.BigInteger),
        sa.Column("write_watched", sa.Boolean),
        sa.Column("write_position_ms", sa.BigInteger),
        sa.Column("write_raw_date_sent", sa.BigInteger),
        sa.Column("write_count_before", sa.BigInteger),
        sa.Column("write_raw_date_before", sa.BigInteger),
        sa.Column("write_is_filled_in", sa.Boolean),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_agreed_account_id_account"),
        sa.ForeignKeyConstraint(["entry_row"], ["entry.id"], name="fk_agreed_entry_row_entry"),
        sa.PrimaryKeyConstraint("account_id", "entry_row", name="pk_agreed"),
        sqlite_with_rowid=False,
    )


def _create_deliveries() -> None:
    op.create_table(
        "intent",
        _need("account_id", sa.Integer),
        _need("entry_row", sa.Integer),
        _need("run_id", sa.Integer),
        sa.Column("watched", sa.Boolean),
        sa.Column("position_ms", sa.BigInteger),
        sa.Column("raw_date_sent", sa.BigInteger),
        _need("sent_at", sa.BigInteger),
        sa.Column("gave_up_at", sa.BigInteger),
        _need("before_watched", sa.Boolean),
        sa.Column("before_position_ms", sa.BigInteger),
        sa.Column("before_count", sa.BigInteger),
        sa.Column("before_raw_date", sa.BigInteger),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_intent_account_id_account"),
        sa.ForeignKeyConstraint(["entry_row"], ["entry.id"], name="fk_intent_entry_row_entry"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_intent_run_id_run"),
        sa.PrimaryKeyConstraint("account_id", "entry_row", name="pk_intent"),
    )
    op.create_table(
        "attempt",
        _need("account_id", sa.Integer),
        _need("entry_row", sa.Integer),
        _need("tries", sa.Integer),
        _need("next_try_at", sa.BigInteger),
        _need("reason", sa.Text),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_attempt_account_id_account"),
        sa.ForeignKeyConstraint(["entry_row"], ["entry.id"], name="fk_attempt_entry_row_entry"),
        sa.PrimaryKeyConstraint("account_id", "entry_row", name="pk_attempt"),
    )
    op.create_table(
        "held_change",
        _need("account_id", sa.Integer),
        _need("entry_row", sa.Integer),
        _need("begins", sa.BigInteger),
        _need("ends", sa.BigInteger),
        _need("run_id", sa.Integer),
        sa.Column("decision", _exact(16)),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_held_change_account_id_account"),
        sa.ForeignKeyConstraint(["entry_row"], ["entry.id"], name="fk_held_change_entry_row_entry"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_held_change_run_id_run"),
        sa.PrimaryKeyConstraint("account_id", "entry_row", name="pk_held_change"),
    )


def _create_journal() -> None:
    op.create_table(
        "journal",
        _need("id", sa.Integer),
        _need("at", sa.BigInteger),
        _need("identity", _exact(64)),
        sa.Column("item_id", sa.Integer),
        sa.Column("server", _exact(255)),
        sa.Column("entry_id", _exact(255)),
        _need("event", _exact(255)),
        _need("rule", _exact(16)),
        _need("before", sa.Text),
        _need("after", sa.Text),
        sa.Column("run_id", sa.Integer),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_journal_run_id_run"),
        sa.PrimaryKeyConstraint("id", name="pk_journal"),
    )
    op.create_index("ix_journal_at", "journal", ["at"])
    op.create_index("ix_journal_item_id", "journal", ["item_id"])
    op.create_index("ix_journal_run_id", "journal", ["run_id"])
