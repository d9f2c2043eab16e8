// The name that was probably meant, by the rules of the gateway.

/** Nobody types a longer name by hand, and the work is quadratic. */
const MAX_LENGTH = 128;
/** Letters from which on a name in a name is no mere syllable. */
const MIN_PART = 4;

/** The name at the least distance, if it is near: a third of its letters may differ. */
export function nearest(given: string, names: readonly string[]): string | undefined {
  const wanted = given.toLowerCase();
  if (wanted === "" || wanted.length > MAX_LENGTH) return undefined;
  let best: string | undefined;
  let least = Infinity;
  for (const name of names) {
    const found = name.toLowerCase();
    const limit = Math.min(least - 1, Math.ceil(Math.max(wanted.length, found.length) / 3));
    const difference = Math.abs(wanted.length - found.length);
    const apart = isPart(wanted, found) ? Math.min(difference, Math.ceil(wanted.length / 3)) : distance(wanted, found);
    if (apart <= limit) [best, least] = [name, apart];
    if (least === 0) break;
  }
  return best;
}

/** Whether the longer one starts or ends with the shorter one. */
function isPart(left: string, right: string): boolean {
  const [short, long] = left.length <= right.length ? [left, right] : [right, left];
  return short.length >= MIN_PART && (long.startsWith(short) || long.endsWith(short));
}

/** Letters to insert, drop or replace, or neighbours to swap, that lead from one word to the other. */
function distance(left: string, right: string): number {
  let before: number[] = [];
  let above = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i++) {
    const row = [i];
    for (let j = 1; j <= right.length; j++) {
      const same = left[i - 1] === right[j - 1];
      let cost = Math.min((above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (above[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1]) {
        cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      }
      row.push(cost);
    }
    before = above;
    above = row;
  }
  return above[right.length] ?? 0;
}
