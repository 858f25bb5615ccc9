/** What the benchmark must know of a proxy, and what the proxy is to be. */

import type { Certificate } from '../support/certificate.ts';
import type { ManyRoutes } from './policy.ts';

/** How clients speak. Endpoints always speak HTTP/1.1. */
export type Protocol = 'http1' | 'tls' | 'h2';

/** What is asked of a proxy beside the policy over HTTP/1.1. */
export interface Variant {
  readonly protocol: Protocol;
  /** With retries, a mirror at 0 % and limits of connections. */
  readonly isRich: boolean;
  /** Instead of the policy; null: the policy. */
  readonly routes: ManyRoutes | null;
}

export interface Setup extends Variant {
  /** For its configuration. */
  readonly folder: string;
  readonly port: number;
  readonly adminPort: number;
  readonly certificate: Certificate;
}

export type Ability = 'tls' | 'h2' | 'rich' | 'routes';

export interface Peer {
  readonly name: string;
  /** What of the policy it does not have, or how it has it. */
  readonly note: string;
  /** What it can be beside the policy over HTTP/1.1. */
  readonly can: readonly Ability[];
  /** Prints its version, or is it. Its first word is the program. */
  readonly version: readonly string[] | string;
  /** Writes its configuration and says how to start it. */
  prepare(setup: Setup): readonly string[];
}

export function isAble(peer: Peer, { protocol, isRich, routes }: Variant): boolean {
  if (protocol !== 'http1' && !peer.can.includes(protocol)) return false;
  return (!isRich || peer.can.includes('rich')) && (routes === null || peer.can.includes('routes'));
}
