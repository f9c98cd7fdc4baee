"""The accounts that the server and plex.tv know, and their tokens."""

from hashlib import md5

from watchstate_plex.simulator.records import Account, AccountKind

OWNER_ID = "1"


class People:
    """Everybody with access to the server. There is an owner from the beginning."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._tokens = 0
        self._last_id = int(self._digest("first id")[:6], 16) + 1_000_000
        self.accounts: dict[str, Account] = {}
        self.owner = self.add("owner", "owner")

    def _digest(self, purpose: str) -> str:
        return md5(f"{self._seed}/{purpose}".encode(), usedforsecurity=False).hexdigest()

    def _next_token(self) -> str:
        self._tokens += 1
        return self._digest(f"token {self._tokens}")[:20]

    def add(
        self,
        name: str,
        kind: AccountKind = "home",
        *,
        pin: str | None = None,
        sections: frozenset[str] | None = None,
        has_server: bool = True,
    ) -> Account:
        """Add a person. `has_server`: whether plex.tv hands out a token for the server to them."""
        self._last_id += 1
        cloud_token = self._next_token()
        account = Account(
            account_id=OWNER_ID if kind == "owner" else str(self._last_id),
            plex_id=self._last_id,
            uuid=self._digest(f"uuid {self._last_id}")[:16],
            name=name,
            kind=kind,
            # The owner's own server takes the token of the owner's account; nobody else's does.
            server_token=cloud_token if kind == "owner" else self._next_token(),
            cloud_token=cloud_token,
            pin=pin,
            sections=sections,
            has_server=has_server,
        )
        self.accounts[account.account_id] = account
        return account

    def renew_token(self, account: Account) -> None:
        """Let an account's token for the server expire; plex.tv has the next one."""
        account.server_token = self._next_token()
        if account.is_owner:
            account.cloud_token = account.server_token

    def by_server_token(self, token: str) -> Account | None:
        """Return whom a token of the server belongs to."""
        return next((each for each in self.accounts.values() if token and each.server_token == token), None)

    def by_cloud_token(self, token: str) -> Account | None:
        """Return whom a token of plex.tv belongs to."""
        return next((each for each in self.accounts.values() if token and each.cloud_token == token), None)

    @property
    def household(self) -> list[Account]:
        """The members of the home, its owner first."""
        return [each for each in self.accounts.values() if not each.is_external]
