// What a reader does on the documents page.

import { truth } from './harness.mjs';

/** The page of a gateway, at a place in it. */
export const docs = (url, place = '#/') => `${url}/docs/${place}`;

export const method = (path) => `#/method${path}`;

/** The control of a field, by its place: `arguments.user.name`. */
export const control = (page, place) => page.locator(`[id="value:${place}"]`);

export const fault = (page, place) => page.locator(`[id="fault:${place}"]`);

export const editor = (page) => page.locator('.cm-content');

export async function json(page) {
  const lines = await editor(page).locator('.cm-line').allInnerTexts();
  return lines.join('\n').replaceAll('\u200b', '');
}

/** Writes into the editor over what it has. */
export async function writeJson(page, text) {
  await editor(page).click();
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText(text);
}

/** Sends the call and waits for its reply; gives what the page shows of it. */
export async function send(page) {
  await page.locator('button.send').click();
  return shownReply(page);
}

export async function shownReply(page) {
  await page.locator('.reply:not(.stale) .status').waitFor();
  return {
    status: Number.parseInt(await page.locator('.reply .status').innerText(), 10),
    body: JSON.parse(await page.locator('.reply pre').innerText()),
  };
}

/** The text of the reply with every digit, as the page copies it. */
export async function copiedReply(page) {
  return copied(page, page.getByLabel('Copy the reply'));
}

// All pages of a browser have one clipboard, and checks run beside each other.
let clipboardIsFree = Promise.resolve();

/** What the button copies. */
export async function copied(page, button) {
  const before = clipboardIsFree;
  let free;
  clipboardIsFree = new Promise((resolve) => { free = resolve; });
  await before;
  try {
    await page.evaluate(() => navigator.clipboard.writeText(''));
    await button.click();
    for (let looks = 0; looks < 200; looks += 1) {
      const text = await page.evaluate(() => navigator.clipboard.readText());
      if (text !== '') return text;
      await page.waitForTimeout(25);
    }
    throw new Error('nothing was copied');
  } finally {
    free();
  }
}

/** Waits until the page listens to keys: after the frame in which it is first shown. */
async function isReady(page) {
  await page.locator('.search-button').waitFor();
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
}

/** Finds with the keyboard alone, and opens the first of what is found. */
export async function search(page, words, title) {
  await isReady(page);
  await page.keyboard.press('/');
  await page.getByRole('combobox', { name: 'Search' }).waitFor();
  await page.keyboard.type(words);
  await page.locator('#found-0 .found-title', { hasText: title }).waitFor();
  await page.keyboard.press('Enter');
  await page.locator('h1', { hasText: title }).waitFor();
}

/** Moves on with Tab until the focus is on what the selector names. */
export async function tabTo(page, selector, limit = 60) {
  for (let step = 0; step < limit; step += 1) {
    await page.keyboard.press('Tab');
    const isThere = await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector);
    if (isThere) return;
  }
  truth(false, `Tab does not come to ${selector} in ${limit} steps`);
}
