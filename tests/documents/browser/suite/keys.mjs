// Who calls: the page asks for a key, uses it, and gives neither it nor sensitive values away.

import { equal, truth } from './harness.mjs';
import { control, copied, docs, editor, method, send } from './page.mjs';

const PAY = method('/sandbox/Payments/pay');
const CARD = '4111111111111111';
const PIN = '8642';

export async function keys(suite) {
  const { vendor, keys } = suite.places;
  const quiet = { expectedStatuses: [401] };
  await suite.checkPage('a key is asked for, checked and used', docs(vendor), async (page) => {
    await show(page, 'no-such-key');
    await page.getByText('The gateway does not take this one.').waitFor();
    await show(page, keys.partners);
    await page.locator('.card', { hasText: 'Payments' }).waitFor();
    await page.getByLabel('Key: set').waitFor();
  }, quiet);
  await suite.checkPage('a caller sees what it may call', docs(vendor), async (page) => {
    await show(page, keys.readers);
    await page.locator('.card', { hasText: 'Everything' }).waitFor();
    equal(await page.getByText('Payments').count(), 0, 'mentions of a service that the caller may not call');
    await page.getByLabel('Key: set').click();
    await page.locator('#credential').fill(keys.partners);
    await page.getByRole('button', { name: 'Use it' }).click();
    await page.locator('.card', { hasText: 'Payments' }).waitFor();
  }, quiet);
  await suite.checkPage('keys and sensitive values are in no link, storage or program', docs(vendor, PAY), (page) =>
    secrets(suite, page), quiet);
  await suite.checkPage('a sandbox answers as it is asked to', docs(vendor, PAY), async (page) => {
    await show(page, keys.partners);
    await editor(page).waitFor();
    equal((await send(page)).status, 200, 'status');
    await page.getByLabel('Outcome').selectOption('declined');
    truth('declined' in (await send(page)).body.result, 'the exception that was asked for is not there');
    await page.getByLabel('Latency').fill('0.3');
    await send(page);
    const [, time, unit] = /([\d.]+) (ms|s)\b/.exec(await page.locator('.reply-summary').innerText());
    truth(unit === 's' || Number(time) >= 300, `the reply came after ${time} ${unit}`);
  }, quiet);
}

async function show(page, key) {
  await page.locator('#credential').fill(key);
  await page.getByRole('button', { name: 'Use it' }).click();
}

async function secrets(suite, page) {
  const key = suite.places.keys.partners;
  await show(page, key);
  await editor(page).waitFor();
  equal(await control(page, 'arguments.card.number').getAttribute('type'), 'password', 'type of a sensitive control');
  await control(page, 'arguments.card.number').fill(CARD);
  await control(page, 'arguments.pin').fill(PIN);
  await control(page, 'arguments.cents').fill('1250');
  equal((await send(page)).status, 200, 'status');
  const link = await copied(page, page.getByText('Copy a link with the form'));
  truth(link.includes('1250'), `the link has nothing of the form: ${link}`);
  const kept = await page.evaluate(() => JSON.stringify({ ...localStorage }) + document.cookie + location.href);
  truth(kept.includes('1250'), 'the request is not remembered');
  for (const [name, text] of [['link', link], ['storage', kept]]) {
    for (const secret of [key, CARD, PIN]) truth(!text.includes(secret), `${secret} is in the ${name}: ${text}`);
  }
  const databases = await page.evaluate(() => indexedDB.databases());
  equal(databases, [], 'databases');
  for (const tab of await page.locator('.snippets [role=tab]').all()) {
    await tab.click();
    const program = await page.locator('#snippet code').innerText();
    truth(!program.includes(key), `the key is in the program: ${program}`);
    truth(/API_(KEY|TOKEN)/.test(program), `the program takes no key: ${program}`);
  }
  // Another tab of the same browser asks again.
  const other = await page.context().newPage();
  await other.goto(docs(suite.places.vendor));
  await other.locator('#credential').waitFor();
}
