"""`watchstate backup` and `watchstate restore`: the hub in a file of its own."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Final

from cyclopts import App, Parameter
from msgspec import to_builtins

from watchstate.api import UsageError
from watchstate.cli.finding import check_identity
from watchstate.cli.options import NONE_GIVEN, Common, DryRun, Output
from watchstate.cli.output import say, show_rows, show_value, warn
from watchstate.storage.rehearsal import rehearsal
from watchstate.sync.backing_up import Restored, back_up, identities
from watchstate.sync.backing_up import restore as restore_file

PARTLY: Final = 3
_MOST_NAMED: Final = 5

backup_app = App(name="backup", help="Write what has been watched to a file.")
restore_app = App(name="restore", help="Bring a backup back.")


@backup_app.default
async def backup(
    folder: Annotated[Path | None, Parameter(help="Where to; without it, backup/ in the data folder.")] = None,
    /,
    *,
    user: Annotated[str | None, Parameter(("--user", "-u"), help="Only this identity; without it, everybody.")] = None,
    output: Output = "table",
    common: Common = NONE_GIVEN,
) -> None:
    """Write the hub to a file for each person: titles, their ids, what was watched and when. Servers are not asked.

    Example: watchstate backup /mnt/usb
    """
    context = common.start()
    where = (folder or context.settings.data_path / "backup").expanduser().absolute()
    async with context.services() as services:
        known = await identities(services.engine)
        if user is not None and user not in known:
            raise UsageError(f"nothing is known of {user}; the hub knows: {', '.join(known) or 'nobody yet'}")
        if not known:
            warn("the hub is empty: nothing to back up; run watchstate state import first")
        made = datetime.fromtimestamp(services.clock() / 1000, context.settings.timezone).strftime("%Y%m%d-%H%M%S")
        done = [
            await back_up(services.engine, where, identity=identity, name=f"{identity}.{made}.jsonl.gz")
            for identity in ([user] if user is not None else known)
        ]
    rows = [{"user": one.identity, "titles": one.items, "file": str(one.file)} for one in done]
    if rows or output != "table":
        show_rows(rows, ("user", "titles", "file"), output)


@restore_app.default
async def restore(
    file: Annotated[Path, Parameter(help="A file that watchstate backup wrote.")],
    /,
    *,
    user: Annotated[
        str | None, Parameter(("--user", "-u"), help="Into this identity's hub, not the file's own.")
    ] = None,
    dry_run: DryRun = False,
    output: Output = "table",
    common: Common = NONE_GIVEN,
) -> int:
    """Merge a backup into the hub; the next export brings it to the servers. Restoring twice changes nothing.

    What was changed later than the backup stays as it is, so an old backup can't undo anything.

    Example: watchstate restore main.20261125-201500.jsonl.gz --dry-run
    """
    context = common.start()
    async with context.services() as services:
        configured = {member.account.identity for member in services.household().members}
        if user is not None:
            check_identity(services, user)
        if dry_run:
            url = context.settings.storage_url.reveal()
            async with rehearsal(url, context.settings.tmp_path, clock=services.clock) as copy:
                done = await restore_file(services.engine_on(copy), file.expanduser(), identity=user)
        else:
            done = await restore_file(services.engine, file.expanduser(), identity=user)
    is_known = done.identity in configured
    if output != "table":
        show_value(to_builtins(done), output)
    else:
        _tell(done, is_rehearsal=dry_run, is_known=is_known)
    if not is_known:
        warn(
            f"no server has a user {done.identity}: the hub keeps these states, and nothing is written for them; "
            "restore into somebody's hub with --user"
        )
    if done.unidentified:
        named = "; ".join(done.unidentified[:_MOST_NAMED])
        warn(f"{len(done.unidentified)} titles can't be told from others and are left out: {named}")
    return PARTLY if done.unidentified else 0


def _tell(done: Restored, *, is_rehearsal: bool, is_known: bool) -> None:
    whose = "" if done.identity == "main" else f" of {done.identity}"
    would = "would change" if is_rehearsal else "changed"
    say(f"{done.read} titles were read from the backup; {done.changed} {would} in the hub{whose}.")
    if is_rehearsal:
        say("This was a dry run: nothing was kept.")
    elif done.changed and is_known:
        say("The next export brings them to the servers: watchstate state plan shows what will be written.")
