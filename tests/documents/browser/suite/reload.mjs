// A reload of the IDL: what the page shows and what calls meet are of one API.

import { writeFile } from 'node:fs/promises';
import { equal, truth } from './harness.mjs';
import { control, docs, fault, method, search, send } from './page.mjs';

const CHANGED = 'service Shop { string greet(1: i32 name), /** New here. */ string leave() }\n';
const RELOAD_MILLISECONDS = 20_000;

export async function reload(suite) {
  const { url, idl } = suite.places.changing;
  const address = docs(url, method('/Shop/greet'));
  await suite.checkPage('after a reload the page tells faults of the new API, and shows it when asked', address, async (page) => {
    await control(page, 'arguments.name').fill('Ada');
    equal((await send(page)).status, 200, 'status before');
    const before = (await model(url)).tag;
    await writeFile(idl, CHANGED);
    await changed(url, before);
    // The page has the old API yet, whose checks find nothing: the fault is the gateway's.
    equal(await page.locator('.try-bar .fault').count(), 0, 'faults that the page finds');
    const { status, body } = await send(page);
    equal([status, body.exception.path], [400, 'arguments.name'], 'reply');
    await fault(page, 'arguments.name').waitFor();
    truth((await fault(page, 'arguments.name').innerText()).includes('i32'), 'what is expected is not told');
    equal(await control(page, 'arguments.name').getAttribute('aria-invalid'), 'true', 'aria-invalid');
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
    await page.getByRole('button', { name: 'Show what is new' }).click();
    await page.locator('.signature', { hasText: 'i32 name' }).waitFor();
    await page.reload();
    await search(page, 'new here', 'leave');
    const { paths } = await (await fetch(`${url}/openapi.json`)).json();
    truth('/Shop/leave' in paths, 'the document is of the old API');
  }, { expectedStatuses: [400] });
}

async function model(url) {
  const response = await fetch(`${url}/docs/api.json`);
  return { tag: response.headers.get('etag'), body: await response.json() };
}

async function changed(url, before) {
  const end = performance.now() + RELOAD_MILLISECONDS;
  while ((await model(url)).tag === before) {
    truth(performance.now() < end, 'the gateway did not take the new IDL');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
