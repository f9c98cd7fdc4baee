"""What all tests share: property tests are not judged by how busy the machine is."""

from hypothesis import HealthCheck, settings

settings.register_profile("watchstate", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("watchstate")
