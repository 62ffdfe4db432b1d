"""Which of these tests a machine can run."""

import platform
import sys

RUNS_THE_MODEL = sys.platform == "linux" and platform.machine() == "x86_64"
"""The real model and its server come in wheels for this platform alone."""

collect_ignore = [] if RUNS_THE_MODEL else ["test_loopback.py"]
