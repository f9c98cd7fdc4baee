"""What a test can turn on, besides what every server of the family has."""

from watchstate_mediabrowser.simulator.switches import Switches


class EmbySwitches(Switches):
    """Attributes of the simulator that its server obeys, from the next request on."""

    hides_plays_in_lists: bool = False
    """`UserDataLastPlayedDate` and `UserDataPlayCount` among `Fields` add nothing to a list."""
    odd_provider_ids: bool = False
    """Provider ids under names of every spelling, IMDb ids without their letters, and ids that are none."""
