/**
 * The attacker, as a process of its own: `attacker.ts NAME SECONDS`. Prints what became of its
 * connections as one line of JSON.
 */

import { attacks } from './attacks.ts';
import { Crowd } from './crowd.ts';
import { plainPort, tlsPort } from './setup.ts';

const [name = '', seconds = ''] = process.argv.slice(2);
const attack = attacks.find((each) => each.name === name);
if (attack?.kind !== 'own') throw new Error(`no attack of this program: ${name}`);

const port = attack.port === 'tls' ? tlsPort : plainPort;
const crowd = new Crowd(port, await attack.behave());
const counts = await crowd.run(Number(seconds));
process.stdout.write(`${JSON.stringify(counts)}\n`, () => process.exit(0));
