"""How large a file may be. A file beyond a limit is refused before it is held in memory."""

from __future__ import annotations

from typing import Final

MEGABYTE: Final = 1 << 20

FILE_BYTES: Final = 1024 * MEGABYTE
"""Size on disk, and of what an archive or a workbook unpacks to."""

UNPACKED_TIMES: Final = 400
"""An archive that unpacks to more than this many times its size (above `SMALL_BYTES`) is a bomb, not an export."""

SMALL_BYTES: Final = 64 * MEGABYTE
ARCHIVE_FILES: Final = 20
ROWS: Final = 5_000_000
COLUMNS: Final = 1_000
CELLS: Final = 100_000_000
WORKBOOK_CELLS: Final = 30_000_000
CELL_CHARACTERS: Final = 100_000
SHEETS: Final = 50
FILES: Final = 20
