/** The cases: an Ingress, what the controller would write into nginx.conf for it, and requests. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** What of the answers to a repeated request is compared; without it, all of each. */
export type Show =
  /** Which services answered. */
  | 'services'
  /** How many endpoints answered requests that are the same. */
  | 'endpoints'
  /** The same of a client that returns the cookie that it gets. */
  | 'stickiness'
  /** The same of clients that come for the first time. */
  | 'spread'
  /** The name and the attributes of the cookie. */
  | 'cookie'
  /** CORS headers, too. */
  | 'cors';

export interface CaseRequest {
  /** `GET /path`. */
  readonly ask: string;
  /** Default: the name of the case with `.test`. */
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: boolean;
  readonly body: number;
  readonly chunked: boolean;
  readonly times: number;
  /** All at once. */
  readonly together: boolean;
  readonly show: Show | null;
  /** Fields of the request as the service sees it. */
  readonly seen: readonly string[];
  readonly mirrored: boolean;
  /** Parts of the answer that differ on purpose, with the reason. */
  readonly differs: Readonly<Record<string, string>>;
}

export interface Case {
  readonly name: string;
  /** Path of the file with the Ingress. */
  readonly ingress: string;
  readonly configuration: string;
  readonly requests: readonly CaseRequest[];
}

const folder = join(import.meta.dirname, 'cases');

export function readCases(): Case[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.conf'));
  return names.sort().map((file) => {
    const name = file.replace(/\.conf$/, '');
    const read = (end: string): string => readFileSync(join(folder, `${name}${end}`), 'utf8');
    const requests = parse(read('.requests.yaml')) as (string | Partial<CaseRequest>)[];
    return {
      name,
      ingress: join(folder, `${name}.yaml`),
      configuration: read('.conf'),
      requests: requests.map((request) => complete(request, name)),
    };
  });
}

function complete(written: string | Partial<CaseRequest>, name: string): CaseRequest {
  const given = typeof written === 'string' ? { ask: written } : written;
  return {
    ask: 'GET /',
    host: `${name}.test`,
    headers: {},
    tls: false,
    body: 0,
    chunked: false,
    times: 1,
    together: false,
    show: null,
    seen: [],
    mirrored: false,
    differs: {},
    ...given,
  };
}
