/** Asks a running proxy, by its admin API, to let this process take its place. */

import { isIP } from 'node:net';
import { isObject } from '../../base/is-object.ts';
import { http } from '../../base/node-http.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Timers } from '../../base/timers.ts';
import { type TakeoverInvitation, takeoverProtocol } from './takeover-protocol.ts';

export interface AdminPlace {
  readonly address: string;
  readonly port: number;
}

const answerMs = 10_000;
const maxAnswerLength = 16 * 1024;

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** The error is one line for the user. */
export async function askInvitation(
  place: AdminPlace,
  timers: Timers,
): Promise<Result<TakeoverInvitation, string>> {
  const name = nameOf(place);
  let answer: Answer;
  try {
    answer = await post(place, timers);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const hint = 'start without --takeover, or name its admin address: --takeover ADDR:PORT';
    return err(`no proxy answers on ${name} (${code ?? message}); ${hint}`);
  }
  if (answer.status === 409 || answer.status === 403) {
    return err(`the proxy on ${name} refuses: ${answer.text.trim()}`);
  }
  const invitation = answer.status === 200 ? invitationIn(answer.text) : null;
  if (invitation !== null) return ok(invitation);
  return err(`what listens on ${name} cannot be taken over: it is no sluice, or an older one`);
}

function post({ address, port }: AdminPlace, timers: Timers): Promise<Answer> {
  const host = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address;
  const path = `/takeover?protocol=${takeoverProtocol}`;
  return new Promise((resolve, reject) => {
    const request = http.request({ host, port, path, method: 'POST', agent: false });
    const late = new Error(`no answer within ${answerMs / 1000} s`);
    const timer = timers.set(answerMs, () => request.destroy(late));
    request.on('error', reject);
    request.on('close', () => {
      timer.cancel();
      reject(new Error('it closed the connection'));
    });
    request.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => {
        text += piece;
        if (text.length > maxAnswerLength) request.destroy();
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    request.end();
  });
}

function nameOf({ address, port }: AdminPlace): string {
  return `${isIP(address) === 6 ? `[${address}]` : address}:${port}`;
}

function invitationIn(text: string): TakeoverInvitation | null {
  try {
    const value: unknown = JSON.parse(text);
    if (!isObject(value)) return null;
    const { protocol, pid, version, folder } = value;
    const isWhole =
      protocol === takeoverProtocol &&
      typeof pid === 'number' &&
      typeof version === 'string' &&
      typeof folder === 'string';
    return isWhole ? { protocol, pid, version, folder } : null;
  } catch {
    // It speaks HTTP, and is nothing that is known here.
    return null;
  }
}
