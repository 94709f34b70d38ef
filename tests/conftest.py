"""How examples are drawn: the same ones for the same tests, on a machine of any speed.

What decides whether a change lands gives one answer for one commit. New examples are tried beside that, by
`make explore`; what they find becomes an example of its own.
"""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# A machine that is busy with something else is no defect of what is tested.
_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("same", _PATIENT, derandomize=True)
settings.register_profile("new", _PATIENT, derandomize=False)
settings.load_profile("same")
