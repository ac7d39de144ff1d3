"""What holds for every test: a slow machine is not a fault, so no property has a deadline."""

from hypothesis import HealthCheck, settings

settings.register_profile("fairgate", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("fairgate")
