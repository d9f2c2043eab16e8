// Where the reader is: links, back and forward, what was called last, and what is never kept.

import { equal, truth } from './harness.mjs';
import { control, copied, docs, editor, method, search, send } from './page.mjs';

const LOGIN = method('/AuthenticationService/login');

export async function navigation(suite) {
  const { demo } = suite.places;
  await suite.checkPage('back and forward lead through places, and forms keep what is in them', docs(demo), backAndForward);
  await suite.check('a link to a filled-in form opens it for somebody else', () => sharedLink(suite));
  await suite.checkPage('links to places, and to what is not there', docs(demo, '#/type/Contact'), async (page) => {
    await page.locator('h1', { hasText: 'Contact' }).waitFor();
    equal(await page.title(), 'Contact – Login and phonebook', 'title');
    await page.evaluate(() => (location.hash = '#/method/Nobody/knows'));
    await page.locator('h1', { hasText: 'nothing of that name' }).waitFor();
    await page.evaluate(() => (location.hash = '#/service/ContactSvc/ContactSvc'));
    await page.locator('h1', { hasText: 'ContactSvc' }).waitFor();
  });
  await suite.checkPage('search finds methods, types, fields and comments', docs(demo), async (page) => {
    for (const [words, title] of [['fetch', 'fetch'], ['LoginResult', 'LoginResult'], ['authentication login', 'login'], ['phone country', 'Contact']]) {
      await search(page, words, title);
    }
    await page.keyboard.press('Control+k');
    await page.keyboard.type('zzzzzz');
    await page.getByText('Nothing found.').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
  });
  await suite.checkPage('doc comments and signatures are linked to types', docs(demo, LOGIN), async (page) => {
    await page.locator('.signature').getByRole('link', { name: 'LoginResult' }).click();
    await page.locator('h1', { hasText: 'LoginResult' }).waitFor();
    await page.locator('main').getByRole('link', { name: 'login' }).first().click();
    await page.locator('h1', { hasText: 'login' }).waitFor();
  });
  await suite.checkPage('the last requests are remembered over a reload', docs(demo, LOGIN), history);
  await suite.checkPage('colours are remembered over a reload', docs(demo), async (page) => {
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await background();
    await page.getByLabel('Dark colours').click();
    const dark = await background();
    truth(light !== dark, 'the colours stay the same');
    await page.reload();
    await page.getByLabel('Light colours').waitFor();
    equal(await background(), dark, 'background after a reload');
  });
}

async function backAndForward(page) {
  await page.locator('.card').getByRole('link', { name: 'login' }).click();
  await control(page, 'arguments.email').fill('grace@example.com');
  await page.locator('.signature').getByRole('link', { name: 'SystemException' }).click();
  await page.locator('h1', { hasText: 'SystemException' }).waitFor();
  await page.goBack();
  await page.locator('h1', { hasText: 'login' }).waitFor();
  equal(await control(page, 'arguments.email').inputValue(), 'grace@example.com', 'the form after going back');
  await page.goBack();
  await page.locator('.cards').waitFor();
  await page.goForward();
  await page.goForward();
  await page.locator('h1', { hasText: 'SystemException' }).waitFor();
}

async function sharedLink(suite) {
  const { demo } = suite.places;
  const link = await suite.visit(docs(demo, method('/ContactSvc/ContactSvc/create')), async (page) => {
    await control(page, 'arguments.name').fill('Zoë & "Co" #1 100%');
    return copied(page, page.getByText('Copy a link with the form'));
  });
  await suite.visit(link, async (page) => {
    await page.locator('h1', { hasText: 'create' }).waitFor();
    equal(await control(page, 'arguments.name').inputValue(), 'Zoë & "Co" #1 100%', 'the form behind the link');
  });
}

async function history(page) {
  await control(page, 'arguments.email').fill('ada@example.com');
  await control(page, 'arguments.password').fill('lovelace');
  await send(page);
  await page.goto(page.url().replace(/#.*/, '#/'));
  await page.reload();
  await page.getByLabel('History').click();
  await page.locator('.history button', { hasText: 'login' }).click();
  await page.locator('h1', { hasText: 'login' }).waitFor();
  await editor(page).waitFor();
  equal(await control(page, 'arguments.email').inputValue(), 'ada@example.com', 'the form of a call before');
  await page.getByLabel('History').click();
  await page.getByRole('button', { name: 'Forget them' }).click();
  await page.getByText('None yet.').waitFor();
}
