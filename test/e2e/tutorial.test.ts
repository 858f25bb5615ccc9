/** The tutorial does what it says: its files, commands and shown output, in order. */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { eventually } from '../support/deadline.ts';
import { DocumentPlayer, type Played, type Step, stepsOf } from '../support/played-document.ts';

t.setTimeout(300_000);

const tutorial = readFileSync(join(import.meta.dirname, '../../docs/tutorial.md'), 'utf8');
const steps = stepsOf(tutorial);
const tools = ['curl', 'git', 'make'];
const missing = tools.filter((tool) => spawnSync(tool, ['--version']).error !== undefined);
const skip = missing.length > 0 && `not installed: ${missing.join(', ')}`;

/** Its own, then those that nothing in the tutorial names and every proxy takes by default. */
const ports = [8080, 9001, 9002, 9003, 15000, 15001];
const ownPorts = ' --admin 127.0.0.1:15000 --outbound 127.0.0.1:15001';

/** Which of the versions a request gets is drawn: counts of `uniq -c` may be any. */
function masked(lines: readonly string[]): string[] {
  return lines.map((line) => line.replace(/^ *\d+ (?=catalog-v)/, 'COUNT ').trimEnd());
}

function isSame(played: Played, output: readonly string[]): boolean {
  return JSON.stringify(masked(played.lines)) === JSON.stringify(masked(output));
}

/** What is asked of the running proxy may come before its reload: it is asked again. */
async function play(player: DocumentPlayer, step: Step & { kind: 'command' }): Promise<Played> {
  let played = await player.run(step.command);
  if (!step.command.startsWith('curl')) return played;
  const probe = async () => {
    if (!isSame(played, step.output)) played = await player.run(step.command);
    return isSame(played, step.output);
  };
  // What it printed is compared all the same.
  await eventually(step.command, { within: 20_000, every: 100 }, probe).catch(() => undefined);
  return played;
}

t.test('every step of the tutorial shows what it says', { skip }, async (t) => {
  t.ok(steps.filter(({ kind }) => kind === 'command').length > 15, 'there is something to do');
  const player = await DocumentPlayer.create(ports);
  t.teardown(() => player.close());
  for (const step of steps) {
    switch (step.kind) {
      case 'file':
        player.write(step.path, step.text);
        break;
      case 'patch':
        t.same(await player.patch(step.text), { lines: [], code: 0 }, step.text);
        break;
      case 'start': {
        const isProxy = step.command.startsWith('sluice run');
        const own = [...step.command.matchAll(/=(\d+)/g)].map(([, port]) => Number(port));
        await player.start(step.command + (isProxy ? ownPorts : ''), isProxy ? [8080] : own);
        break;
      }
      default: {
        const played = await play(player, step);
        t.same(masked(played.lines), masked(step.output), step.command);
        t.ok([0, 1].includes(played.code ?? -1), `${step.command} ends with ${played.code}`);
      }
    }
  }
});
