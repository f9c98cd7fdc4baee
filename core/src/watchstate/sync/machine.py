"""R4: a server is known by its machine id; another one behind the same URL is another server."""

from watchstate.api import MachineChanged, ServerInfo


def check_machine(server: str, info: ServerInfo, *known: str | None) -> None:
    """Compare who answers with who is known.

    Raises:
        MachineChanged: another installation answers than a known one.
    """
    for machine_id in known:
        if machine_id is not None and machine_id != info.machine_id:
            raise MachineChanged(
                server,
                "identify the server",
                f"another server answers there: {info.name} with the machine id {info.machine_id}, not {machine_id}",
                f"correct the url; or, if it was re-installed, run: watchstate servers manage {server} "
                "--accept-new-machine",
            )
