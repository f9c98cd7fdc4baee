"""Keep what servers tell by webhook until it is dealt with."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def _exact(length: int) -> sa.types.TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="utf8mb4_bin"), "mysql", "mariadb")


def upgrade() -> None:
    """Create the table of events."""
    op.create_table(
        "event",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("backend", _exact(255), nullable=False),
        sa.Column("headers", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary(2**24 - 1), nullable=False),
        sa.Column("server", _exact(255)),
        sa.Column("identity", _exact(64)),
        sa.Column("entry_id", _exact(255)),
        sa.Column("kind", _exact(16)),
        sa.Column("state", _exact(16), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("next_try_at", sa.BigInteger),
        sa.Column("error", sa.Text),
        sa.Column("result", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_event"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_event_state", "event", ["state"])
