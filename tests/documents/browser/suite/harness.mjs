// Checks in pages of headless Chromium, each in a context of its own. Whatever the page says on its console, asks of
// another host, or is refused by its Content-Security-Policy, fails the check.

import { mkdir } from 'node:fs/promises';
import { chromium } from 'playwright-core';

const OPTIONS = {
  executablePath: '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
};
const STEP_MILLISECONDS = 15_000;
const CHECK_MILLISECONDS = 90_000;

export const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };
export const DESKTOP = { viewport: { width: 1280, height: 900 } };

export class Suite {
  constructor(places) {
    this.places = places;
    this.failed = 0;
  }

  async start() {
    this.browser = await chromium.launch(OPTIONS);
  }

  async end() {
    await this.browser.close();
  }

  /** Runs one check, and tells what came of it. */
  async check(name, body) {
    const began = performance.now();
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`not done within ${CHECK_MILLISECONDS} ms`)), CHECK_MILLISECONDS);
    });
    try {
      const told = await Promise.race([body(), late]);
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      console.log(`ok ${name} (${seconds} s)${told === undefined ? '' : `: ${told}`}`);
    } catch (error) {
      this.failed += 1;
      console.log(`FAIL ${name}\n  ${String(error.stack ?? error).replaceAll('\n', '\n  ')}`);
    } finally {
      clearTimeout(timer);
    }
  }

  /** A check in a page at the address. `expectedStatuses` are of replies that the browser notes on its console. */
  async checkPage(name, address, body, { expectedStatuses = [], ...options } = {}) {
    await this.check(name, () => this.visit(address, body, { name, expectedStatuses, ...options }));
  }

  /** Opens a page in a context of its own, and looks that it stays quiet. */
  async visit(address, body, { name = 'page', expectedStatuses = [], waitUntil = 'load', ...options } = {}) {
    const context = await this.browser.newContext({ ...DESKTOP, ...options });
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const page = await context.newPage();
    page.setDefaultTimeout(STEP_MILLISECONDS);
    const noise = listen(page, new URL(address).host, expectedStatuses);
    try {
      // With `commit`, the body sees the page from its first byte on.
      await page.goto(address, { waitUntil });
      const told = await body(page);
      if (noise.length > 0) throw new Error(`the page was not quiet: ${noise.join('; ')}`);
      return told;
    } catch (error) {
      await this.shoot(page, `failed ${name}`).catch(() => undefined);
      throw error;
    } finally {
      await context.close();
    }
  }

  /** Keeps a picture of the page. */
  async shoot(page, name) {
    const folder = `${this.places.folder}/shots`;
    await mkdir(folder, { recursive: true });
    // A dialog is on the screen, and not on the rest of the page.
    const fullPage = (await page.locator('dialog').count()) === 0;
    await page.screenshot({ path: `${folder}/${name.replace(/[^a-zA-Z0-9]+/g, '-')}.png`, fullPage });
  }
}

function listen(page, host, expectedStatuses) {
  const noise = [];
  page.on('pageerror', (error) => noise.push(String(error)));
  page.on('console', (message) => {
    const status = /^Failed to load resource: .* status of (\d+)/.exec(message.text())?.[1];
    if (status !== undefined && expectedStatuses.includes(Number(status))) return;
    if (['error', 'warning'].includes(message.type())) noise.push(`${message.text()} (${message.location().url})`);
  });
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.host !== host && url.protocol !== 'data:') noise.push(`a request to ${request.url()}`);
  });
  page.on('websocket', (socket) => noise.push(`a socket to ${socket.url()}`));
  return noise;
}

export function equal(actual, expected, what) {
  const [found, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (found !== wanted) throw new Error(`${what}: ${found} instead of ${wanted}`);
}

export function truth(value, what) {
  if (!value) throw new Error(what);
}
