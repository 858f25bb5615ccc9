/** Why the admin API cannot listen, and what to do about it. */

import { isIP } from 'node:net';
import { http } from '../base/node-http.ts';
import type { Timers } from '../base/timers.ts';

export interface BindProblem {
  readonly address: string;
  readonly port: number;
  /** Of the system, for example `EADDRINUSE`. */
  readonly code: string;
}

/** One line, for the user. */
export async function describeBindFailure(problem: BindProblem, timers: Timers): Promise<string> {
  const { address, port } = problem;
  const place = `${isIP(address) === 6 ? `[${address}]` : address}:${port}`;
  return `cannot listen on ${place} for the admin API: ${await reasonOf(problem, timers)}`;
}

async function reasonOf({ address, port, code }: BindProblem, timers: Timers): Promise<string> {
  switch (code) {
    case 'EADDRINUSE': {
      const holder = (await holderOf(address, port, timers)) ?? 'something else';
      const takeover = holder.startsWith(sluice) ? ', take its place with --takeover' : '';
      const choice = 'choose with --admin ADDR:PORT or --admin off';
      return `${holder} has the port; stop it${takeover}, or ${choice}`;
    }
    case 'EACCES':
      return 'not allowed; choose a port above 1023 with --admin';
    case 'EADDRNOTAVAIL':
      return 'this machine does not have that address; choose another with --admin';
    default:
      return `${code}; choose another address with --admin`;
  }
}

const sluice = 'another sluice';

/** Milliseconds that who has the port may take to say who it is. */
const answerMs = 500;

/** `another sluice (shop-v1.default)`; null: it does not say. */
function holderOf(address: string, port: number, timers: Timers): Promise<string | null> {
  const host = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address;
  return new Promise((resolve) => {
    const request = http.request({ host, port, path: '/server_info', agent: false });
    const timer = timers.set(answerMs, () => request.destroy());
    request.on('close', () => {
      timer.cancel();
      resolve(null);
    });
    request.on('error', () => resolve(null));
    request.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => {
        text += piece;
        if (text.length > maxAnswerLength) request.destroy();
      });
      response.on('end', () => resolve(nameIn(text)));
    });
    request.end();
  });
}

const maxAnswerLength = 64 * 1024;

/** Of Envoy's ServerInfo, which sluice has too. */
function nameIn(serverInfo: string): string | null {
  try {
    const { node } = JSON.parse(serverInfo) as {
      readonly node?: { readonly id?: unknown; readonly user_agent_name?: unknown };
    };
    const agent = node?.user_agent_name;
    if (agent !== 'sluice' && agent !== 'envoy') return null;
    const name = agent === 'sluice' ? sluice : 'an Envoy';
    const id = typeof node?.id === 'string' ? node.id.replace(/[^\x21-\x7e]+/g, ' ') : '';
    return id === '' ? name : `${name} (${id})`;
  } catch {
    // It speaks HTTP, and is nothing that is known here.
    return null;
  }
}
