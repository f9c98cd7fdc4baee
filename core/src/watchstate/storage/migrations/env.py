"""What Alembic runs to migrate: it works on the connection, and in the transaction, that the caller opened."""

from alembic import context

from watchstate.storage.tables import Schema

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Schema.metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
