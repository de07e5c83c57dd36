"""What a busy machine or a shell changes about the tests: nothing."""

from __future__ import annotations

import signal

from hypothesis import HealthCheck, settings

settings.register_profile("whatever it takes", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("whatever it takes")

# A shell has Ctrl-C ignored for what runs in the background, and the processes that tests start inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
