"""Tests run on the embedded PostgreSQL in a folder of their own, or on the server that DATABASE_URL names."""

import os
import tempfile

# Before Django reads its settings; the workers of pytest-xdist inherit both and so share one server.
if "ENTENTE_TEST_DATA" not in os.environ:
    os.environ["ENTENTE_TEST_DATA"] = tempfile.mkdtemp(prefix="entente-test-")
os.environ["ENTENTE_DATA"] = os.environ["ENTENTE_TEST_DATA"]
