"""The root of the command line: commands by name only, so that ``--help`` imports none of them."""

from cyclopts import App

from watchstate import __version__

HELP = """Keep every media server in a household in agreement about what has been watched.

Exit codes: 0 done, 1 failed, 2 usage, 3 partly failed, 4 changes are held for review, 5 busy."""

EPILOGUE = "Example: watchstate servers add --help"


def build_app() -> App:
    """Make the command line; a new command group is one line here."""
    app = App(
        name="watchstate",
        help=HELP,
        help_epilogue=EPILOGUE,
        help_format="plaintext",
        version=__version__,
        suppress_keyboard_interrupt=False,
    )
    app.command("watchstate.cli.servers:app", name="servers", help="Add, change, show and test media servers.")
    app.command("watchstate.cli.plugins:app", name="plugins", help="Show which backends are installed.")
    app.command("watchstate.cli.state:app", name="state", help="Import, export and explain watch states.")
    app.command("watchstate.cli.items:app", name="items", help="Change what the hub holds about a title.")
    app.command("watchstate.cli.backup:backup_app", name="backup", help="Write what has been watched to a file.")
    app.command("watchstate.cli.backup:restore_app", name="restore", help="Bring a backup back.")
    app.command("watchstate.cli.serve:app", name="serve", help="Take webhooks, and sync what they tell at once.")
    app.command("watchstate.cli.events:app", name="events", help="Show what servers told, and what became of it.")
    app.command("watchstate.cli.doctor:app", name="doctor", help="Check plugins, database and servers.")
    app.command(
        "watchstate.cli.demo:app", name="demo", help="Sync a simulated Plex, Jellyfin and Emby, to see how it works."
    )
    return app
