"""What a file may cost."""

import contextlib

MAX_FILE = 20 * 2**20
MAX_PARTS = 3_000
MAX_UNPACKED = 200 * 2**20
MAX_RATIO = 200
SMALL_PART = 2**20  # up to this size a part may be packed as tightly as it likes
MAX_ROWS = 200_000  # rows that hold something, in all sheets together
MAX_CELLS = 6_000_000  # of the rectangle around the values of a sheet: calamine holds it in memory
LAST_ROW = 1_048_576
MAX_HEIGHT = (
    10 * LAST_ROW
)  # rows down to the last that holds something, over all sheets: blank ones take memory too
MAX_MARKS = 500_000  # merged ranges, hidden rows and columns, formulas without value, in all sheets together
MAX_RESULT = 400 * 2**20  # bytes that the child may send
SECONDS = 20  # of the processor
PATIENCE = 3  # times as long on the clock: others may be busy, which is no fault of the file
MARKING_SECONDS = (
    120  # openpyxl takes a second for a thousand rows, and has the memory for some fifty thousand
)
MARKING_STEPS = 3  # opened, marked, saved
MEMORY = 512 * 2**20


def limit_this_process(seconds: int = SECONDS, written: int = 0) -> None:
    """Memory, processor time, and how many bytes a file may get: none. Where the system knows no such limits (Windows)
    only the parent's clock remains."""
    try:
        import resource
    except ImportError:
        return
    wanted = {
        resource.RLIMIT_DATA: MEMORY,
        resource.RLIMIT_AS: 2 * MEMORY,  # holds the shared libraries too
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_FSIZE: written,
        resource.RLIMIT_CORE: 0,
    }
    for kind, value in wanted.items():
        _, hard = resource.getrlimit(kind)
        if hard != resource.RLIM_INFINITY:
            value = min(value, hard)
        with contextlib.suppress(ValueError):  # macOS has the names, not all the limits
            resource.setrlimit(kind, (value, value))
