/** Proxies that run side by side: all on one core, and loaded in turn from the other. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Certificate } from '../support/certificate.ts';
import { type PinnedProcess, startPinned } from '../support/pinned-process.ts';
import type { Peer, Setup, Variant } from './peer.ts';
import { firstAdminPort, firstProxyPort } from './policy.ts';
import { verifyPolicy } from './verify.ts';

export const proxyCore = 0;
export const loadCore = 1;

export interface RunningPeer {
  readonly peer: Peer;
  readonly setup: Setup;
  readonly process: PinnedProcess;
  /** Runs on V8, which has to compile what a request runs through. */
  readonly isNode: boolean;
}

export interface Group {
  readonly running: readonly RunningPeer[];
  /** Why a peer does not run, by its name. */
  readonly skipped: ReadonlyMap<string, string>;
  stop(): Promise<void>;
}

export interface GroupOptions {
  readonly variant: Variant;
  /** False: no request yet, whatever it would answer. Default true. */
  readonly isVerified?: boolean;
  readonly folder: string;
  readonly certificate: Certificate;
}

/** Starts them, and makes sure that they do what is asked. */
export async function startGroup(peers: readonly Peer[], options: GroupOptions): Promise<Group> {
  const running: RunningPeer[] = [];
  const skipped = new Map<string, string>();
  for (const [index, peer] of peers.entries()) {
    const started = await start(peer, index, options);
    if (typeof started === 'string') skipped.set(peer.name, started);
    else running.push(started);
  }
  const stop = async (): Promise<void> => {
    for (const { process } of running) await process.stop();
  };
  return { running, skipped, stop };
}

/** A text says why not. */
async function start(
  peer: Peer,
  index: number,
  options: GroupOptions,
): Promise<RunningPeer | string> {
  try {
    const launched = await launch(peer, index, options);
    try {
      if (options.isVerified ?? true) await verifyPolicy(launched.setup);
      return launched;
    } catch (error) {
      await launched.process.stop();
      throw error;
    }
  } catch (error) {
    return failureText(error);
  }
}

async function launch(
  peer: Peer,
  index: number,
  { variant, folder, certificate }: GroupOptions,
): Promise<RunningPeer> {
  const port = firstProxyPort + index;
  const own = join(folder, String(port));
  mkdirSync(own, { recursive: true });
  const adminPort = firstAdminPort + index;
  const setup: Setup = { ...variant, folder: own, port, adminPort, certificate };
  const command = peer.prepare(setup);
  const isNode = command[0] === process.execPath;
  return { peer, setup, isNode, process: await startPinned(proxyCore, command, port) };
}

export function failureText(error: unknown): string {
  return `failed: ${(error as Error).message.split('\n', 1)[0]}`;
}
