"""Django's settings for tests: a data folder of their own, unless DATABASE_URL names a server.

pytest-django reads the settings before any conftest.py, so that the folder must be chosen here.
"""

import os
import tempfile

if "ENTENTE_TEST_DATA" not in os.environ:  # the workers of pytest-xdist inherit it, and so share one server
    os.environ["ENTENTE_TEST_DATA"] = tempfile.mkdtemp(prefix="entente-test-")
os.environ["ENTENTE_DATA"] = os.environ["ENTENTE_TEST_DATA"]
os.environ["DJANGO_SETTINGS_MODULE"] = "entente.settings"  # of processes that a test starts

from entente.settings import *  # noqa: F403  # the folder comes first
