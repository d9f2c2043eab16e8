// The page's checks and a gateway's, on the same faulty arguments: the same faults, at the same places, in the same
// words. `GATEWAY=http://127.0.0.1:8080/docs/ npx vitest run agreement`, before a gateway that may be called at will: one
// whose routes are sandboxes.

import { expect, test } from "vitest";
import { check, sentence } from "../src/check/check";
import { withValue, without, type Path } from "../src/json/edit";
import { print } from "../src/json/print";
import { fromPlain, number, type Json } from "../src/json/value";
import type { Api } from "../src/model/api";
import { Catalogue, type Entry } from "../src/model/catalogue";
import { json } from "./model";

const page = process.env.GATEWAY;
const CALLS = Number(process.env.CALLS ?? 20);
const TIMEOUT_MILLISECONDS = 600_000;
/** The gateway tells no more. */
const MAX_FAULTS = 20;

const VALUES = [
  ..."null true 1 -1 3.0 1.5 128 -129 32768 2147483648 9223372036854775807 9223372036854775808 1e400 -0.0 1e2".split(
    " ",
  ),
  ...'"" "x" "12" "-7" "NaN" "AA==" "A" "AB==" "RED" "RDE" "GREEN" [] {} [1] [[1,2]] [null] [1,1] ["RED",0] [0,-0.0]'.split(
    " ",
  ),
  ...'{"x":1} {"x":1,"y":2} {"a":1} {"flag":true} {"1":{"x":1,"y":1},"01":{"x":1,"y":1}} {"lable":"a"} {"":""}'.split(
    " ",
  ),
  '{"label": "a", "label": "b"}',
  '{"a b": 1}',
];
const NAMES = ["zzz", "labe", "x", "value2", "ä b"];

/** Numbers that are the same in every run. */
class Dice {
  constructor(private seed: number) {}

  below(limit: number): number {
    this.seed = (Math.imul(this.seed, 1103515245) + 12345) & 0x7fffffff;
    return (this.seed >>> 8) % limit;
  }

  pick<T>(from: T[]): T {
    return from[this.below(from.length)] as T;
  }
}

/** The paths of all values in a tree but the tree's own. */
function paths(value: Json, path: Path = []): Path[] {
  const inner =
    value.kind === "array" ? value.items : value.kind === "object" ? value.members.map((member) => member.value) : [];
  return inner.flatMap((child, index) => [[...path, index], ...paths(child, [...path, index])]);
}

function spoiled(value: Json, dice: Dice): Json {
  const all = paths(value);
  if (all.length === 0) return json(dice.pick(VALUES));
  const path = dice.pick(all);
  const kind = dice.below(8);
  if (kind === 0) return without(value, path);
  if (kind === 1) return withValue(value, [...path.slice(0, -1), dice.pick(NAMES)], number("1"));
  return withValue(value, path, json(dice.pick(VALUES)));
}

async function told({ method }: Entry, text: string): Promise<string[]> {
  const headers = { "Content-Type": "application/json" };
  const response = await fetch(new URL(method.path, page), { method: "POST", headers, body: text });
  const { exception } = (await response.json()) as { exception?: { message: string; errors?: { message: string }[] } };
  return (exception?.errors ?? (exception === undefined ? [] : [exception])).map((error) => error.message);
}

test.skipIf(page === undefined)(
  "the page and the gateway find the same faults",
  async () => {
    const catalogue = new Catalogue((await (await fetch(new URL("api.json", page))).json()) as Api);
    const dice = new Dice(1);
    for (const entry of catalogue.entries.filter(({ method }) => method.arguments.length > 0)) {
      for (let call = 0; call < CALLS; call++) {
        let value = fromPlain(entry.method.example);
        for (let count = dice.below(3); count >= 0; count--) value = spoiled(value, dice);
        const text = print(value);
        const faults = check(catalogue, entry.route.style, entry.method, json(text));
        const own = faults.map((fault) => `${fault.place} ${sentence(fault)}`);
        if (own.length <= MAX_FAULTS)
          expect((await told(entry, text)).sort(), `${entry.id} ${text}`).toEqual(own.sort());
      }
    }
  },
  TIMEOUT_MILLISECONDS,
);
