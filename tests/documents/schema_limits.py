"""Keeps Schemathesis from calls that a JSON Schema cannot tell from right ones, though the gateway refuses them: with keys
of a map, or elements of a set, that are written in two ways and stand for one value, as `"7"` and `"007"`, or as the name
and the number of an enum; and with a number in a key that no double can hold, since a pattern does not compare."""

import itertools
import json
import math

import schemathesis


def meaning(value):
    """What stands for the same as the value, whatever its type: numbers in strings for numbers, null for nothing, and
    elements in any order. Values that mean the same may still differ; there are calls enough without these."""
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


def has_names_and_numbers(values):
    """Whether some are names and some are integers, so that they may be the same of an enum."""
    has_names = any(isinstance(value, str) and value.isidentifier() and isinstance(meaning(value), str) for value in values)
    return has_names and any(isinstance(value, (int, str)) and isinstance(meaning(value), int) for value in values)


def is_too_large(key):
    """Whether it is the text of a number beyond the range of double."""
    number = meaning(key)
    return isinstance(number, float) and math.isinf(number) and "Infinity" not in key


def is_beyond_schemas(value):
    """Whether keys or elements mean the same, or a key is too large, anywhere in the value."""
    if isinstance(value, dict):
        if len(set(map(meaning, value))) < len(value) or has_names_and_numbers(value) or any(map(is_too_large, value)):
            return True
        return any(map(is_beyond_schemas, value.values()))
    if not isinstance(value, list):
        return False
    if has_names_and_numbers(value):
        return True
    is_pairs = all(isinstance(part, list) and len(part) == 2 for part in value)
    if is_pairs and len({meaning(key) for key, _ in value}) < len(value):
        return True
    written = {json.dumps(part, sort_keys=True): part for part in value}.values()
    differing = itertools.combinations(written, 2)
    return any(one != other and meaning(one) == meaning(other) for one, other in differing) or any(
        map(is_beyond_schemas, value)
    )


@schemathesis.hook
def filter_case(context, case):
    return not is_beyond_schemas(case.body)
