// Each program that the page writes is copied and run as it stands, and prints the reply that the page shows.

import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { equal, truth } from './harness.mjs';
import { copied, copiedReply, docs, editor, method, send, writeJson } from './page.mjs';

const PROGRAM_MILLISECONDS = 60_000;

// By the name of its tab: the file, and the command that its hint tells.
const RUNNERS = {
  curl: ['call.sh', 'sh'],
  JavaScript: ['call.mjs', 'node'],
  'Thrift (JS)': ['thrift.mjs', 'node'],
  Python: ['call.py', 'python3'],
  Java: ['Call.java', 'java'],
  Go: ['call.go', 'go', 'run'],
};

const ALL_TYPES = `{"value": {
  "scalars": {"aBool": true, "anI8": -128, "anI16": 32767, "anI32": -2147483648, "anI64": 9007199254740993,
    "aDouble": -0.1, "aString": "it's \\"ä\\" 漢 😀 $HOME \`x\` \\\\n %s", "aBinary": "AP/+", "aColor": "INFRARED"},
  "presence": {"needed": 1, "neededDefault": "n"},
  "choice": {"point": {"x": 1, "y": -2}},
  "tree": {"label": "root", "children": [{"label": "leaf"}]},
  "bools": [true, false], "longs": [-9223372036854775808, "9223372036854775807"], "blobs": ["", "AAEC"],
  "numbers": [7], "colors": ["BLUE"], "strings": {"a b": "", "ключ": "*/ \\u2028"}, "points": {"-1": {"x": 0, "y": 0}},
  "colorNames": {"VIOLET": "v"}, "matrix": [[1.5, "NaN"], []], "deep": {"d": {"1": [{"text": "t"}, {"numbers": [1]}]}},
  "paths": {"p": [1, 2]}, "far": 1, "last": "z"}}`;

const CALLS = [
  { gateway: 'demo', path: '/AuthenticationService/login', text: '{"email": "ada@example.com", "password": "lovelace"}' },
  { gateway: 'demo', path: '/AuthenticationService/login', text: '{"email": "ada@example.com", "password": "byron"}' },
  { gateway: 'vendor', path: '/v1/Everything/echoEverything', text: ALL_TYPES },
  { gateway: 'vendor', path: '/v1/Everything/notify', text: '{"event": "seen"}' },
  {
    gateway: 'vendor',
    path: '/sandbox/Payments/pay',
    text: '{"card": {"number": "4111"}, "cents": "1250"}',
    outcome: 'declined',
    isKey: true,
  },
];

export async function snippets(suite) {
  for (const [index, call] of CALLS.entries()) {
    const ended = call.outcome === undefined ? '' : ` that ends with ${call.outcome}`;
    const name = `call ${index + 1}, ${call.path.replace(/.*\//, '')}${ended}, as a program`;
    const address = docs(suite.places[call.gateway], method(call.path));
    let taken;
    await suite.checkPage(`${name}: copied`, address, async (page) => {
      taken = await copy(suite, page, call);
    }, { expectedStatuses: [401] });
    if (taken === undefined) continue;
    const folder = `${suite.places.folder}/programs/${index}`;
    await prepare(suite, folder);
    for (const [language, program] of Object.entries(taken.programs)) {
      await suite.check(`${name}: ${language}`, async () => {
        const printed = await run(suite, folder, language, program);
        equal(meaning(printed), meaning(taken.reply), 'what it prints');
      });
    }
  }
  await inBrowser(suite);
}

/** Sends the call on the page; gives the reply, and the programs by the names of their tabs. */
async function copy(suite, page, { gateway, text, outcome, isKey }) {
  if (gateway === 'vendor') {
    await page.locator('#credential').fill(suite.places.keys.partners);
    await page.keyboard.press('Enter');
  }
  await editor(page).waitFor();
  await writeJson(page, text);
  if (outcome !== undefined) await page.getByLabel('Outcome').selectOption(outcome);
  if (isKey) {
    await page.getByLabel('Key: set').click();
    await page.getByRole('radio', { name: 'X-API-Key' }).check();
    await page.getByRole('button', { name: 'Use it' }).click();
  }
  const { status } = await send(page);
  truth(status < 300, `status ${status}: ${await page.locator('.reply pre').innerText()}`);
  const reply = await copiedReply(page);
  const programs = {};
  for (const tab of await page.locator('.snippets [role=tab]').all()) {
    await tab.click();
    programs[await tab.innerText()] = await copied(page, page.getByLabel(/^Copy as/));
  }
  equal(Object.keys(programs), Object.keys(RUNNERS), 'languages');
  return { reply, programs };
}

async function run(suite, folder, language, program) {
  const [file, command, ...words] = RUNNERS[language];
  await writeFile(`${folder}/${file}`, program);
  const key = suite.places.keys.partners;
  const env = { ...process.env, API_KEY: key, API_TOKEN: key };
  const options = { cwd: folder, env, timeout: PROGRAM_MILLISECONDS };
  return (await promisify(execFile)(command, [...words, file], options)).stdout;
}

/**
 * The value with every digit of its integers; doubles by their values, and members in the order of their names. Integers
 * beyond 2^53 are strings, as JavaScript programs print them.
 */
function meaning(text) {
  const token = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
  const digits = text.replace(token, (found) => {
    if (!/^-?\d+$/.test(found)) return found;
    return Number.isSafeInteger(Number(found)) ? `"#${found}"` : `"${found}"`;
  });
  return sorted(JSON.parse(digits));
}

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.keys(value).sort().map((name) => [name, sorted(value[name])]));
}

/** Programs for browsers run on the console of one, the stock client as a bundler makes it fit for that. */
async function inBrowser(suite) {
  const [{ path, text }] = CALLS;
  const address = docs(suite.places.demo, method(path));
  const folder = `${suite.places.folder}/programs/browser`;
  await suite.checkPage('a call in a browser: JavaScript', address, async (page) => {
    const { reply, programs } = await copy(suite, page, { text });
    equal(meaning(await evaluate(page, programs.JavaScript)), meaning(reply), 'what it prints');
  });
  await suite.checkPage('a call in a browser: Thrift (JS), bundled', address, async (page) => {
    const { reply, programs } = await copy(suite, page, { text });
    await prepare(suite, folder);
    await writeFile(`${folder}/call.mjs`, programs['Thrift (JS)']);
    const bundle = [`--inject:${suite.places.globals}`, '--define:global=window', '--bundle', '--platform=browser'];
    const words = ['call.mjs', ...bundle, '--format=esm', '--outfile=bundle.js', '--log-level=error'];
    const env = { ...process.env, NODE_PATH: suite.places.modules };
    await promisify(execFile)(`${suite.places.modules}/.bin/esbuild`, words, { cwd: folder, env });
    const printed = await evaluate(page, await readFile(`${folder}/bundle.js`, 'utf8'));
    equal(meaning(printed), meaning(reply), 'what it prints');
  });
}

/** Runs a program as a console does; gives what it prints first. */
async function evaluate(page, expression) {
  const printed = new Promise((resolve) => page.on('console', (message) => resolve(message.text())));
  const session = await page.context().newCDPSession(page);
  const done = await session.send('Runtime.evaluate', { expression, replMode: true, awaitPromise: true });
  truth(done.exceptionDetails === undefined, JSON.stringify(done.exceptionDetails));
  return printed;
}

/** An empty folder in which npm's packages are installed. */
async function prepare(suite, folder) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await symlink(suite.places.modules, `${folder}/node_modules`);
}
