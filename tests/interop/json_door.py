"""Calls in human-readable JSON, and the case files that hold them."""

import http.client
import json
import time
from urllib.parse import urlsplit

from places import INTEROP

CALL_SECONDS = 30


class Reply:
    """The status, the headers and the body of one reply; a body that is not JSON is kept as `None`."""

    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.text = response.read().decode("utf-8", "replace")
        try:
            self.body = json.loads(self.text)
        except ValueError:
            self.body = None

    @property
    def code(self):
        """The `code` of the exception in the body."""
        return (self.body or {}).get("exception", {}).get("code")


def post(url, body, headers=None):
    """Posts a body: bytes as they are, anything else as JSON."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=CALL_SECONDS)
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
    try:
        connection.request("POST", parts.path or "/", body, {"Content-Type": "application/json", **(headers or {})})
        return Reply(connection.getresponse())
    finally:
        connection.close()


def call(url, method, arguments):
    """Calls a method by its name in the body."""
    return post(url, {"method": method, "arguments": arguments})


def same(left, right, unordered):
    """Equality of JSON: 1 and 1.0 are equal, -0.0 and 0.0 are not; arrays in any order where so said."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key], unordered) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        if unordered:
            left, right = (sorted(side, key=lambda item: json.dumps(item, sort_keys=True)) for side in (left, right))
        return len(left) == len(right) and all(map(lambda a, b: same(a, b, unordered), left, right))
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        return left == right and str(left).startswith("-") == str(right).startswith("-")
    return left == right


def cases(name):
    """The calls of a case file, each with its name, arguments and what is expected."""
    found = []
    for case in json.loads((INTEROP / "cases" / f"{name}.json").read_text()):
        if "values" not in case:
            found.append({"name": case["method"], **case})
            continue
        for position, value in enumerate(case["values"]):
            one = {"arguments": {"value": value}, "result": {"success": value}}
            found.append({**case, **one, "name": f"{case['method']}.{position}"})
    return found


def difference(url, case):
    """Makes the call of a case; says what is wrong with the reply, or `None`."""
    reply = call(url, case["method"], case["arguments"])
    if reply.body is None or next(iter(reply.body)) != "method":
        return f"not an envelope: {reply.text:.300}"
    if reply.status != case.get("status", 200):
        return f"status {reply.status}: {reply.text:.300}"
    if "code" in case:
        return None if reply.code == case["code"] else reply.text[:300]
    expected = {"method": case["method"], "result": case["result"]}
    if same(reply.body, expected, case.get("unordered", False)):
        return None
    return f"{reply.text:.300} is not {json.dumps(expected, ensure_ascii=False):.300}"


def run_case(url, case):
    """As `difference`, waiting a little for what an earlier oneway call sets off."""
    for _ in range(100):
        found = difference(url, case)
        if found is None or not case.get("eventually"):
            return found
        time.sleep(0.02)
    return found
