// The arguments of a call while they are made. The JSON text is the one truth: the form shows its tree, and what is
// changed in the form is written into the text.

import { batch, computed, signal, type ReadonlySignal, type Signal } from "@preact/signals";
import type { Catalogue, Entry } from "../model/catalogue";
import { check, sentence, type Fault } from "../check/check";
import { parse, type Parsed } from "../json/parse";
import { print } from "../json/print";
import { fromPlain, object, type Json } from "../json/value";
import type { Reply, ToldFault } from "./send";

/** A fault to show, of the page's own checks or told by the gateway. */
export interface ShownFault extends Fault {
  isTold: boolean;
}

export class Draft {
  readonly text: Signal<string>;
  readonly parsed: ReadonlySignal<Parsed>;
  /** The last value that could be read. */
  readonly tree: ReadonlySignal<Json>;
  readonly faults: ReadonlySignal<ShownFault[]>;
  /** The sentences to show at a place. */
  readonly faultsAt: ReadonlySignal<Map<string, string[]>>;
  readonly reply = signal<Reply | undefined>(undefined);
  readonly failure = signal<string | undefined>(undefined);
  readonly sending = signal<AbortController | undefined>(undefined);
  /** In a sandbox: the outcome asked for, and seconds before it. */
  readonly mock = signal({ outcome: "", latency: "" });
  private readonly told = signal<{ faults: ToldFault[]; text: string }>({ faults: [], text: "" });

  constructor(
    private readonly catalogue: Catalogue,
    readonly entry: Entry,
  ) {
    let last: Json = object([]);
    this.text = signal(print(fromPlain(entry.method.example ?? {})));
    this.parsed = computed(() => (this.text.value.trim() === "" ? { value: object([]) } : parse(this.text.value)));
    this.tree = computed(() => ("value" in this.parsed.value ? (last = this.parsed.value.value) : last));
    this.faults = computed(() => this.findFaults());
    this.faultsAt = computed(() => {
      const places = new Map<string, string[]>();
      for (const fault of this.faults.value) {
        places.set(fault.place, [...(places.get(fault.place) ?? []), sentence(fault)]);
      }
      return places;
    });
  }

  private findFaults(): ShownFault[] {
    const { route, method } = this.entry;
    if ("fault" in this.parsed.value) return [];
    const own = check(this.catalogue, route.style, method, this.tree.value);
    const shown: ShownFault[] = own.map((fault) => ({ ...fault, isTold: false }));
    // What the gateway told holds for the text that it was told of.
    if (this.told.value.text !== this.text.value) return shown;
    for (const { place, message } of this.told.value.faults) {
      if (own.some((fault) => fault.place === place)) continue;
      const text = message.startsWith(`${place} `) ? message.slice(place.length + 1) : message;
      shown.push({ place, text, ...this.spanOf(place), isTold: true });
    }
    return shown;
  }

  /** Where a place is in the text: the nearest value around it that is there. */
  private spanOf(place: string): { from: number; to: number } {
    let at = this.tree.value;
    for (const part of place.matchAll(/\.([A-Za-z0-9_]+)|\[([0-9]+)\]|\[("(?:[^"\\]|\\.)*")\]/g)) {
      const key = part[1] ?? (part[3] === undefined ? undefined : String(JSON.parse(part[3])));
      const next =
        at.kind === "array"
          ? at.items[Number(part[2])]
          : at.kind === "object"
            ? at.members.find((member) => member.key === key)?.value
            : undefined;
      if (next === undefined) return { from: at.from, to: at.from + 1 };
      at = next;
    }
    return { from: at.from, to: at.to };
  }

  /** Takes over what was changed in the form. */
  change(edit: (tree: Json) => Json): void {
    if ("value" in this.parsed.value) this.text.value = print(edit(this.parsed.value.value));
  }

  /** Shows a reply, and what it says of the text that was sent. */
  settle(text: string, reply: Reply | undefined, faults: ToldFault[], failure?: string): void {
    batch(() => {
      this.sending.value = undefined;
      this.reply.value = reply;
      this.failure.value = failure;
      this.told.value = { faults, text };
    });
  }
}
