"""A server with an account, and entries on it: what most tests of the repositories begin with."""

from watchstate.states import Agreed
from watchstate.storage import accounts, catalogue, runs, states
from watchstate.storage.catalogue import EntryRow, ItemRow

NOW = 1_700_000_000_000


def agreed(watched=True, **changes):
    return Agreed(**{"watched": watched, "read_from": NOW - 1000, "read_to": NOW} | changes)


class Shelf:
    """Fills a database."""

    def __init__(self, conn, server="attic", identity="main"):
        self.conn = conn
        self.server_id = accounts.ensure_server(conn, server, "jellyfin").server_id
        self.account_id = self.account(identity)
        self.run_id = runs.begin_run(conn, "state import", "a test", NOW)

    def account(self, identity):
        return accounts.ensure_account(self.conn, self.server_id, identity, f"user of {identity}").account_id

    def item(self, title="Some film", **changes):
        return catalogue.create_items(self.conn, [ItemRow(**{"kind": "movie", "title": title} | changes)], NOW)[0]

    def entry(self, entry_id, *items, keys=(), **changes):
        """Add an entry that stands for some items; return its row."""
        given = {"entry_id": entry_id, "fingerprint": 1, "kind": "movie", "match": "matched"}
        row = catalogue.save_entries(self.conn, self.server_id, [EntryRow(**given | changes)])[entry_id]
        catalogue.link(self.conn, {row: items})
        catalogue.save_keys(self.conn, {row: keys})
        return row

    def agree(self, row, watched=True, *, account_id=None, **changes):
        states.save_agreed(self.conn, account_id or self.account_id, {row: agreed(watched, **changes)})
