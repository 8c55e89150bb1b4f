"""xlwings' server side on this machine."""

import os

# Read by xlwings when it is first imported, and by nothing else.
os.environ.setdefault("XLWINGS_ON_SERVER", "true")
os.environ.setdefault("XLWINGS_LICENSE_KEY", "noncommercial")

import pytest

pytest.importorskip("xlwings", reason="the extra `addin` is not installed")

from excel_host import Excel


@pytest.fixture(scope="session")
def excel() -> Excel:
    return Excel()
