"""Keeps Schemathesis from calls that a JSON Schema cannot tell from right ones: those with keys of a map, or elements of a
set, that are written in two ways and stand for one value, as `"7"` and `"007"`. The gateway refuses these."""

import itertools
import json

import schemathesis


def meaning(value):
    """What stands for the same as the value, whatever its type: numbers in strings for numbers, null for nothing, and elements
    in any order. Values that mean the same may still differ; there are calls enough without these."""
    if isinstance(value, dict):
        return frozenset((meaning(key), meaning(part)) for key, part in value.items() if part is not None)
    if isinstance(value, list):
        return frozenset(map(meaning, value))
    if isinstance(value, str):
        for read in (int, float):
            try:
                return read(value)
            except ValueError:
                pass
    return value


def has_equal_values(value):
    """Whether keys or elements mean the same anywhere in the value."""
    if isinstance(value, dict):
        return len(set(map(meaning, value))) < len(value) or any(map(has_equal_values, value.values()))
    if not isinstance(value, list):
        return False
    is_pairs = all(isinstance(part, list) and len(part) == 2 for part in value)
    if is_pairs and len({meaning(key) for key, _ in value}) < len(value):
        return True
    written = {json.dumps(part, sort_keys=True): part for part in value}.values()
    differing = itertools.combinations(written, 2)
    return any(one != other and meaning(one) == meaning(other) for one, other in differing) or any(
        map(has_equal_values, value)
    )


@schemathesis.hook
def filter_body(context, body):
    return not has_equal_values(body)
