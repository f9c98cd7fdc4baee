"""Keep the people of a server, and the tokens to act as each."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the table of people."""
    word = sa.String(255).with_variant(sa.String(255, collation="utf8mb4_bin"), "mysql", "mariadb")
    op.create_table(
        "person",
        sa.Column("server_id", sa.Integer, nullable=False),
        sa.Column("user_id", word, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("is_admin", sa.Boolean, nullable=False),
        sa.Column("is_disabled", sa.Boolean, nullable=False),
        sa.Column("token", sa.Text),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("asked_at", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["server_id"], ["server.id"], name="fk_person_server_id_server"),
        sa.PrimaryKeyConstraint("server_id", "user_id", name="pk_person"),
        sqlite_with_rowid=False,
    )
