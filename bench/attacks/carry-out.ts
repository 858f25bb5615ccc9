/** Starts an attacker and says what came of it. It gives way to everybody else on its core. */

import { join } from 'node:path';
import { runPinned } from '../support/pinned-process.ts';
import type { Attack, SlowAttack } from './attack.ts';
import type { CrowdCounts } from './crowd.ts';
import { behindOthers } from './priority.ts';
import { clientCore, plainPort } from './setup.ts';

const attacker = join(import.meta.dirname, 'attacker.ts');

/** What the attacker says of itself, in a line. */
export async function carryOut(attack: Attack, seconds: number): Promise<string> {
  return attack.kind === 'own'
    ? carryOutOwn(attack.name, seconds)
    : carryOutSlow(attack, Math.ceil(seconds));
}

async function carryOutOwn(name: string, seconds: number): Promise<string> {
  const command = [...behindOthers.prefix, process.execPath, attacker, name, String(seconds)];
  const { code, stdout, stderr } = await runPinned(clientCore, command);
  if (code !== 0) throw new Error(`the attacker failed: ${stderr || stdout}`);
  return describe(JSON.parse(stdout) as CrowdCounts, seconds);
}

function describe(counts: CrowdCounts, seconds: number): string {
  const { opened, refused, closedByProxy, sent, sentBytes, answers } = counts;
  const parts = [`${opened} connections`];
  if (refused > 0) parts.push(`${refused} refused`);
  if (closedByProxy > 0) parts.push(`${closedByProxy} closed by the proxy`);
  parts.push(`${perSecond(sent, seconds)} sent/s`);
  parts.push(`${(sentBytes / seconds / 1024 ** 2).toFixed(1)} MiB/s`);
  for (const [answer, count] of Object.entries(answers)) parts.push(`${answer}: ${count}`);
  return parts.join(', ');
}

function perSecond(count: number, seconds: number): string {
  return Math.round(count / seconds).toLocaleString('en');
}

/** It says little of its connections in so short a time: the proxy is asked for those. */
async function carryOutSlow({ args, path }: SlowAttack, seconds: number): Promise<string> {
  const url = `http://127.0.0.1:${plainPort}${path}`;
  const command = ['slowhttptest', ...args, '-l', String(seconds), '-u', url, '-v', '1'];
  const { stdout } = await runPinned(clientCore, [...behindOthers.prefix, ...command]);
  // Beyond the codes for colors.
  const status = /Exit status:\P{Letter}*m?\s*(.*?)\s*$/mu.exec(stdout)?.[1];
  return status ?? `slowhttptest failed: ${stdout.slice(-200)}`;
}
