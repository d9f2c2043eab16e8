// Runs the checks of page.js in headless Chromium, in a document of the origin that `--from` tells.
//
//   client.js --page BUNDLE --from URL --protocol P LABEL=URL...
'use strict';

const { chromium } = require('playwright-core');
const { flags } = require('../node/serving');

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

async function main() {
  const given = flags();
  const split = (word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)];
  const urls = Object.fromEntries(given.cells.map(split));
  const browser = await chromium.launch(OPTIONS);
  try {
    // The document may be an answer of the gateway, in which no script may run.
    const page = await browser.newPage({ bypassCSP: true });
    page.on('pageerror', (error) => console.error(error));
    page.on('console', (message) => console.error(message.text()));
    await page.goto(given.from);
    await page.addScriptTag({ path: given.page });
    const lines = await page.evaluate(([cells, protocol]) => window.runCells(cells, protocol), [urls, given.protocol]);
    console.log(lines.join('\n'));
  } finally {
    await browser.close();
  }
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
