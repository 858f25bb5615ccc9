/** Cases that many requests decide: shares of backends and of mirrors. */

import { randomUUID } from 'node:crypto';
import { eventually } from '../../support/deadline.ts';
import type { Answer } from './send.ts';

type Send = (caseId: string) => Promise<Answer>;

const shareRequests = 500;
const atOnce = 10;
/** What the suite lets a share differ by, in percent points. */
const shareTolerance = 5;
const namedRequests = 100;
/** Mirrors arrive after the answer. */
const mirrorMs = 2_000;

/** Null, or the backend whose share is another one. */
export async function countBackends(
  shares: Readonly<Record<string, number>>,
  send: Send,
): Promise<string | null> {
  const answers = await sendMany(shareRequests, send);
  const counts = new Map<string, number>();
  for (const { echo, status, failure } of answers) {
    const pod = echo?.pod ?? `${status} ${failure ?? ''}`.trim();
    counts.set(pod, (counts.get(pod) ?? 0) + 1);
  }
  for (const [pod, count] of counts) {
    const wanted = shares[pod];
    const percent = (100 * count) / shareRequests;
    if (wanted === undefined) return `${count} of ${shareRequests} went to ${pod}`;
    if (Math.abs(percent - wanted) > shareTolerance) return `${pod} got ${percent} %`;
  }
  return counts.size === Object.keys(shares).length ? null : 'a backend got nothing';
}

/** Each request carries a header with the name of the backend that it has come to. */
export async function nameBackends(header: string, send: Send): Promise<string | null> {
  for (const { echo, status } of await sendMany(namedRequests, send)) {
    const names = echo?.headers[header.toLowerCase()] ?? [];
    if (names.length !== 1 || echo?.pod !== names[0]) {
      return `went to ${echo?.pod ?? status} with ${header}: ${names.join()}`;
    }
  }
  return null;
}

/** Within four standard deviations: the suite's 5 % of the count fail by chance. */
export async function countMirrors(
  percent: number,
  send: Send,
  isMirrored: (caseId: string) => boolean,
): Promise<string | null> {
  const ids = Array.from({ length: shareRequests }, () => randomUUID());
  const left = [...ids];
  await sendMany(shareRequests, () => send(left.pop() ?? ''));
  const share = percent / 100;
  const deviation = Math.sqrt(shareRequests * share * (1 - share));
  const count = (): number => ids.filter(isMirrored).length;
  const isLikely = (): boolean => Math.abs(count() - shareRequests * share) <= 4 * deviation;
  try {
    await eventually('a likely share', { within: mirrorMs }, isLikely);
    return null;
  } catch {
    return `${count()} of ${shareRequests} were mirrored, not ${percent} %`;
  }
}

async function sendMany(count: number, send: Send): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let sent = 0; sent < count; sent += atOnce) {
    const batch = Array.from({ length: Math.min(atOnce, count - sent) }, () => send(randomUUID()));
    answers.push(...(await Promise.all(batch)));
  }
  return answers;
}
