"""What runs inside Excel: the functions people type, the commands behind the ribbon, and what installs them.

One set of functions for every home that xlwings has: classic xlwings on Windows, xlwings Lite, xlwings Server.
Importing this package needs pandas, pydantic, jinja2 and xlwings itself; no license key, and nothing that writes files.
"""

from healthscore.addin.functions import (
    HEALTHACTION,
    HEALTHBAND,
    HEALTHCOVERAGE,
    HEALTHDRIVERS,
    HEALTHGRADE,
    HEALTHSCORE,
)

__all__ = ["HEALTHACTION", "HEALTHBAND", "HEALTHCOVERAGE", "HEALTHDRIVERS", "HEALTHGRADE", "HEALTHSCORE"]
