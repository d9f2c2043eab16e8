"""What ran, and what came of it."""

import textwrap
import threading
from collections import Counter, defaultdict
from dataclasses import dataclass, field

NO_CELL = "-"


@dataclass
class Cell:
    """The checks of one combination of peers."""

    passed: int = 0
    known: Counter = field(default_factory=Counter)
    failed: list = field(default_factory=list)


def total(cells):
    """How many cells there are, what passed in them, and what a peer's defects and failures took away."""
    if not cells:
        return NO_CELL
    known = sum(cell.known.total() for cell in cells)
    failed = sum(len(cell.failed) for cell in cells)
    shown = f"{len(cells)}: {sum(cell.passed for cell in cells)}"
    return shown + (f" +{known}" if known else "") + (f" FAILED {failed}" if failed else "")


def print_grid(title, rows, columns, cells):
    """Prints a table; `cells` gives those of a row and a column."""
    lines = [[title, *columns], *([row, *(total(cells(row, column)) for column in columns)] for row in rows)]
    widths = [max(len(line[position]) for line in lines) for position in range(len(columns) + 1)]
    print()
    for line in lines:
        print("  ".join(f"{text:{width}}" for text, width in zip(line, widths)).rstrip())


class Report:
    """Collects checks by section and cell, tells failures at once, and prints the tables at the end. A cell of the
    matrix is the language, the protocol and the transport of a server, and its section is the client; any other cell
    is a text."""

    def __init__(self):
        self.sections = defaultdict(lambda: defaultdict(Cell))
        self.lock = threading.Lock()

    def passed(self, section, cell):
        with self.lock:
            self.sections[section][cell].passed += 1

    def known(self, section, cell, name):
        """A check that a peer's own defect makes impossible."""
        with self.lock:
            self.sections[section][cell].known[name] += 1

    def failed(self, section, cell, name, detail):
        with self.lock:
            self.sections[section][cell].failed.append(name)
        where = cell if isinstance(cell, str) else " ".join(cell)
        print(f"FAIL {section}: {where}: {name}: {detail}", flush=True)

    def check(self, section, cell, name, actual, expected):
        """One check of equality."""
        if actual == expected:
            self.passed(section, cell)
        else:
            self.failed(section, cell, name, f"{actual!r:.500} is not {expected!r:.500}")

    def print(self):
        """Prints the tables and the summary; gives whether all passed."""
        matrix = {}
        for section, cells in self.sections.items():
            for cell, found in cells.items():
                if isinstance(cell, tuple):
                    matrix[section, *cell] = found
        for section, cells in self.sections.items():
            texts = {cell: found for cell, found in cells.items() if isinstance(cell, str)}
            if texts:
                print(f"\n{section}")
                shown = "; ".join(f"{cell} {total([found]).removeprefix('1: ')}" for cell, found in texts.items())
                print(textwrap.indent(textwrap.fill(shown, 116), "  "))
        if matrix:
            self.print_matrix(matrix)
        everything = [found for cells in self.sections.values() for found in cells.values()]
        passed = sum(found.passed for found in everything)
        failed = sum(len(found.failed) for found in everything)
        print(f"\n{passed} passed, {failed} failed", flush=True)
        return failed == 0 and passed > 0

    def print_matrix(self, matrix):
        """Clients by languages of servers, and ways of speaking by languages of servers."""
        clients, languages, protocols, transports = (list(dict.fromkeys(part)) for part in zip(*matrix))
        print("\nEach entry: how many cells, the checks passed in them, + those that a peer's defect prevents.")

        def of_client(client, language):
            return [cell for (c, l, _, _), cell in matrix.items() if (c, l) == (client, language)]

        def of_way(way, language):
            return [cell for (_, l, p, t), cell in matrix.items() if (f"{p} {t}", l) == (way, language)]

        print_grid("clients, and servers over all their ways", sorted(clients), languages, of_client)
        ways = [f"{protocol} {transport}" for protocol in protocols for transport in transports]
        print_grid("ways of the servers, over all clients", ways, languages, of_way)
