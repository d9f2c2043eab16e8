// `node main.mjs PLACES`: the checks of the documents page, with the gateways that run.py started.

import { Suite } from './harness.mjs';
import { accessibility } from './accessibility.mjs';
import { calls } from './calls.mjs';
import { keys } from './keys.mjs';
import { large } from './large.mjs';
import { navigation } from './navigation.mjs';
import { reload } from './reload.mjs';
import { snippets } from './snippets.mjs';

const suite = new Suite(JSON.parse(process.argv[2]));
await suite.start();
try {
  // Its times are taken while nothing else runs.
  await large(suite);
  const inTurn = async (parts) => {
    for (const part of parts) await part(suite);
  };
  await Promise.all([inTurn([calls, navigation, keys, reload]), inTurn([snippets, accessibility])]);
} finally {
  await suite.end();
}
process.exit(suite.failed === 0 ? 0 : 1);
