"""What was checked, and what came of it."""

import traceback


class Checks:
    """Counts checks, and tells of those that fail."""

    def __init__(self):
        self.passed = self.failed = 0

    def check(self, name, holds, detail=""):
        if holds:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAIL {name}: {detail}", flush=True)
        return holds

    def equal(self, name, actual, expected):
        return self.check(name, actual == expected, f"{actual!r:.1500} is not {expected!r:.500}")

    def section(self, title, run, *arguments):
        """Runs a part; one that dies is a failure."""
        before = self.passed
        try:
            run(self, *arguments)
        except Exception:
            self.check(title, False, traceback.format_exc())
        print(f"{title}: {self.passed - before} passed", flush=True)

    @staticmethod
    def not_covered(what, why):
        print(f"not covered: {what}: {why}", flush=True)
