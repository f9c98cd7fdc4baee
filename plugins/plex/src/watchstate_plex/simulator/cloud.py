"""The simulated plex.tv: who somebody is, the members of a home, tokens for the server, PINs to sign in with."""

_PLACE = {
    "code": "GB",
    "european_union_member": False,
    "continent_code": "EU",
    "country": "United Kingdom",
    "city": "London",
    "time_zone": "Europe/London",
    "postal_code": "N19",
    "in_privacy_restricted_country": True,
    "subdivisions": "England, Windsor and Maidenhead",
    "coordinates": "51.000, -1",
}
