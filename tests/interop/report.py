"""What ran, and what came of it."""

import threading
from collections import defaultdict
from dataclasses import dataclass, field


@dataclass
class Cell:
    """The checks of one combination of peers."""

    passed: int = 0
    known: list = field(default_factory=list)
    failed: list = field(default_factory=list)


class Report:
    """Collects checks by section and cell, tells failures at once, and prints the tables at the end."""

    def __init__(self):
        self.sections = defaultdict(lambda: defaultdict(Cell))
        self.lock = threading.Lock()

    def passed(self, section, cell):
        with self.lock:
            self.sections[section][cell].passed += 1

    def known(self, section, cell, name):
        """A check that a peer's own defect makes impossible."""
        with self.lock:
            self.sections[section][cell].known.append(name)

    def failed(self, section, cell, name, detail):
        with self.lock:
            self.sections[section][cell].failed.append(name)
        print(f"FAIL {section}: {cell}: {name}: {detail}", flush=True)

    def check(self, section, cell, name, actual, expected):
        """One check of equality."""
        if actual == expected:
            self.passed(section, cell)
        else:
            self.failed(section, cell, name, f"{actual!r:.500} is not {expected!r:.500}")

    def print(self):
        """Prints the tables and the summary; gives whether all passed."""
        passed = failed = 0
        for section, cells in self.sections.items():
            width = max(len(cell) for cell in cells)
            print(f"\n{section}\n{'':{width}}  passed  failed  defects of a peer")
            for cell, found in cells.items():
                row = f"{cell:{width}}  {found.passed:6}  {len(found.failed):6}  {' '.join(found.known)}"
                print(row.rstrip())
                passed += found.passed
                failed += len(found.failed)
        print(f"\n{passed} passed, {failed} failed", flush=True)
        return failed == 0 and passed > 0
