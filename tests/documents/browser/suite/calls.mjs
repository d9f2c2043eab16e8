// A call from the page: found, filled in, checked, sent, and its reply read.

import { equal, truth } from './harness.mjs';
import { control, docs, editor, fault, json, method, search, send, shownReply, tabTo, writeJson } from './page.mjs';

const LOGIN = method('/AuthenticationService/login');
const EVERYTHING = method('/v1/Everything/echoEverything');
const WORDS = { email: 'ada@example.com', password: 'lovelace' };

export async function calls(suite) {
  const { demo } = suite.places;
  await suite.checkPage('a method is found, its form filled in and sent, and the reply read', docs(demo), fromSearch);
  await suite.checkPage('a call by the keyboard alone', docs(demo), byKeyboard);
  await suite.checkPage('a declared exception is shown as one', docs(demo, LOGIN), async (page) => {
    await control(page, 'arguments.password').fill('byron');
    const { status, body } = await send(page);
    equal([status, body.result.err.errorCode], [200, 401], 'status and code');
    truth((await page.locator('.reply .outcome').innerText()).includes('declared'), 'the outcome is not told');
  });
  await suite.checkPage('a void method answers an empty result', docs(demo, method('/ContactSvc/ContactSvc/reset')), async (page) => {
    equal((await send(page)).body, { method: 'reset', result: {} }, 'reply');
  });
  await suite.checkPage('a wrong field shows its fault at the field, before and after it is sent', docs(demo, LOGIN), wrongField, {
    expectedStatuses: [400],
  });
  await suite.checkPage('what is typed in the form is in the JSON, and the other way round', docs(demo, LOGIN), bothWays);
  await suite.checkPage('the reply, its headers and its time', docs(demo, LOGIN), async (page) => {
    await fill(page);
    await send(page);
    await page.locator('.headers summary').click();
    const headers = (await page.locator('.headers table').innerText()).toLowerCase();
    for (const name of ['thrift-outcome', 'x-request-id', 'content-type']) {
      truth(headers.includes(name), `${name} is not among the headers`);
    }
    truth(/\d (ms|s)\b/.test(await page.locator('.reply-summary').innerText()), 'no time is told');
  });
  await suite.checkPage('nested structs, lists, maps and unions in the form', docs(suite.places.vendor, EVERYTHING), (page) =>
    nested(suite, page), { expectedStatuses: [401] });
}

async function fill(page) {
  for (const [name, value] of Object.entries(WORDS)) await control(page, `arguments.${name}`).fill(value);
}

async function fromSearch(page) {
  await search(page, 'login', 'login');
  await fill(page);
  const { status, body } = await send(page);
  equal([status, body.method, body.result.success.user.displayName], [200, 'login', 'Ada Lovelace'], 'reply');
}

/** From the first key to the reply, without a pointer; nothing holds the focus for good. */
async function byKeyboard(page) {
  await page.locator('h1').waitFor();
  await page.keyboard.press('Tab');
  truth(await page.evaluate(() => document.activeElement?.matches('.skip')), 'the first stop does not skip to the content');
  await page.keyboard.press('Enter');
  equal(await page.evaluate(() => document.activeElement?.id), 'content', 'where skipping leads to');
  await search(page, 'checks password', 'login');
  truth(await page.evaluate(() => document.activeElement?.matches('h1')), 'the focus is not at the heading of the method');
  for (const [name, value] of Object.entries(WORDS)) {
    await tabTo(page, `[id="value:arguments.${name}"]`);
    await page.keyboard.press('Control+a');
    await page.keyboard.type(value);
  }
  // Past the editor, which has a Tab of its own in many programs.
  await tabTo(page, '.editor-host');
  await tabTo(page, 'button.send', 5);
  await page.keyboard.press('Enter');
  const { body } = await shownReply(page);
  equal(body.result.success.user.id, 1815, 'id');
  truth((await page.locator('.hidden[role=status]').textContent()).includes('200'), 'a screen reader is not told');
  await page.keyboard.press('Control+k');
  await page.keyboard.press('Escape');
  await page.locator('dialog').waitFor({ state: 'detached' });
}

async function wrongField(page) {
  await page.locator('.cm-content').waitFor();
  await fill(page);
  await writeJson(page, '{"email": 7, "password": "x", "pasword": "y"}');
  await fault(page, 'arguments.email').waitFor();
  truth((await fault(page, 'arguments.email').innerText()).includes('string'), 'what is expected is not told');
  equal(await control(page, 'arguments.email').getAttribute('aria-invalid'), 'true', 'aria-invalid');
  const described = (await control(page, 'arguments.email').getAttribute('aria-describedby')).split(' ');
  truth(described.includes('fault:arguments.email'), 'the control does not refer to its fault');
  truth((await fault(page, 'arguments.pasword').innerText()).includes('password'), 'the right name is not offered');
  await page.locator('.cm-lintRange-error').first().waitFor();
  const { status, body } = await send(page);
  equal([status, body.exception.path], [400, 'arguments.email'], 'reply');
  await control(page, 'arguments.email').fill('ada@example.com');
  await fault(page, 'arguments.email').waitFor({ state: 'detached' });
}

async function bothWays(page) {
  await editor(page).waitFor();
  await control(page, 'arguments.email').fill('grace@example.com');
  equal(JSON.parse(await json(page)).email, 'grace@example.com', 'the JSON');
  await writeJson(page, '{"email": "ada@example.com",\n "password": "p\\"q"}');
  equal(await control(page, 'arguments.email').inputValue(), 'ada@example.com', 'the form');
  equal(await control(page, 'arguments.password').inputValue(), 'p"q', 'the form');
  // While the JSON cannot be read, the form waits, and what is typed is not lost.
  await writeJson(page, '{"email": "ada@example.com"');
  await page.locator('#syntax-fault', { hasText: 'Malformed JSON' }).waitFor();
  equal(await control(page, 'arguments.email').isDisabled(), true, 'the form is disabled');
  await page.keyboard.press('Control+End');
  await page.keyboard.insertText('}');
  await page.locator('#syntax-fault:empty').waitFor({ state: 'attached' });
  equal(await control(page, 'arguments.email').isDisabled(), false, 'the form is disabled');
  await page.getByLabel('Leave out email').click();
  equal(await json(page), '{}', 'the JSON without the field');
  // Undoing in the editor brings back what the form took.
  await editor(page).click();
  await page.keyboard.press('Control+z');
  equal(await control(page, 'arguments.email').inputValue(), 'ada@example.com', 'the form after undoing');
}

async function nested(suite, page) {
  await page.getByLabel('Key or token').fill(suite.places.keys.partners);
  await page.keyboard.press('Enter');
  await editor(page).waitFor();
  await page.getByRole('button', { name: 'Clear' }).click();
  await control(page, 'arguments.value').click();
  for (const name of ['choice', 'longs', 'strings', 'points']) {
    await page.getByRole('button', { name: `Add ${name}`, exact: true }).click();
  }
  await page.locator('[id="choice:arguments.value.choice"]').selectOption('point');
  await control(page, 'arguments.value.choice.point.x').fill('-3');
  await control(page, 'arguments.value.choice.point.y').fill('4');
  const field = (name) => page.locator('.field.group').filter({ has: page.locator(`[id="value:arguments.value.${name}"]`) }).last();
  await field('longs').getByRole('button', { name: 'Add an element' }).click();
  await control(page, 'arguments.value.longs[0]').fill('9007199254740993');
  await field('strings').getByRole('button', { name: 'Add an entry' }).click();
  await page.keyboard.type('Zürich');
  await page.keyboard.press('Tab');
  await page.keyboard.type('"ZH" 😀');
  const text = await json(page);
  truth(text.includes('9007199254740993'), `digits are lost: ${text}`);
  const { status } = await send(page);
  equal(status, 200, `status of ${text}`);
  const reply = await page.locator('.reply pre').innerText();
  for (const part of ['"point"', '"x": -3', '9007199254740993', '"Zürich": "\\"ZH\\" 😀"', '"points": {}']) {
    truth(reply.includes(part), `${part} is not in the reply ${reply}`);
  }
}
