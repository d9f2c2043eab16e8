// What axe finds in each view, in light and dark colours and on a phone.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { PHONE, truth } from './harness.mjs';
import { control, docs, editor, method, send } from './page.mjs';

const MODES = {
  light: { colorScheme: 'light' },
  dark: { colorScheme: 'dark' },
  phone: { colorScheme: 'light', ...PHONE },
  'dark phone': { colorScheme: 'dark', ...PHONE },
};
const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export async function accessibility(suite) {
  for (const [mode, options] of Object.entries(MODES)) {
    await suite.checkPage(`axe finds no fault in the views, ${mode}`, docs(suite.places.vendor), async (page) => {
      for (const [view, open] of Object.entries(VIEWS)) {
        await open(page, suite);
        await page.evaluate(() => Promise.allSettled(document.getAnimations().map((animation) => animation.finished)));
        await inspect(page, view);
        if (suite.places.shots) await suite.shoot(page, `${mode} ${view}`);
        truth(await fits(page), `${view} is wider than the screen`);
      }
    }, { ...options, expectedStatuses: [400, 401] });
  }
}

/** In the order in which a reader comes to them. */
const VIEWS = {
  locked: (page) => page.locator('#credential').waitFor(),
  home: async (page, suite) => {
    await page.locator('#credential').fill(suite.places.keys.partners);
    await page.keyboard.press('Enter');
    await page.locator('.card').first().waitFor();
  },
  method: async (page) => {
    await place(page, method('/sandbox/Payments/pay'));
    await editor(page).waitFor({ state: 'attached' });
    await send(page);
  },
  'large form': async (page) => {
    await place(page, method('/v1/Everything/echoEverything'));
    await control(page, 'arguments.value').waitFor();
    await page.getByRole('button', { name: 'Example' }).click();
  },
  faults: async (page) => {
    await place(page, method('/v1/Everything/echoPoint'));
    await control(page, 'arguments.value.x').fill('much');
    await send(page);
  },
  type: (page) => place(page, '#/type/AllTypes'),
  enum: (page) => place(page, '#/type/Color'),
  service: (page) => place(page, '#/service/v1/Everything'),
  search: async (page) => {
    await page.keyboard.press('Control+k');
    await page.keyboard.type('point');
    await page.locator('#found-0').waitFor();
  },
  history: async (page) => {
    await page.keyboard.press('Escape');
    await page.getByLabel('History').click();
    await page.locator('.history').waitFor();
  },
  key: async (page) => {
    await page.keyboard.press('Escape');
    await page.getByLabel('Key: set').click();
    await page.locator('#credential').waitFor();
  },
};

async function place(page, hash) {
  await page.evaluate((wanted) => (location.hash = wanted), hash);
  await page.locator('main h1').waitFor();
}

async function inspect(page, view) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  const grave = found.violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  const told = grave.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html }) => html).join(' ')}`);
  truth(grave.length === 0, `${view}: ${told.join('; ')}`);
}

/** Whether nothing has to be scrolled sideways but what has a bar of its own. */
function fits(page) {
  return page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
}
