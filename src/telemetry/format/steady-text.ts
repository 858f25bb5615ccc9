/**
 * Operators whose values come again: those of a connection, and of the usual answers. Where several
 * of them stand side by side in a format their text is made once, and found from then on; of
 * Istio's text format half is made that way (docs/decisions/0104-what-telemetry-costs.md).
 */

import { ownText } from '../../base/own-text.ts';
import type { StreamInfo } from '../stream-info.ts';
import { fastJoiner, type Segment } from './joiner.ts';
import type { Operator } from './operator.ts';

/** What the values of some operators are made from, all of it. */
interface Source<Fields> {
  /** Names of operators without an argument. */
  readonly operators: readonly string[];
  /** Tells most of them apart; null: what is made of this exchange will not come again. */
  keyOf(info: StreamInfo): string | number | null;
  fieldsOf(info: StreamInfo): Fields;
  isSame(fields: Fields, info: StreamInfo): boolean;
}

function sourceOf<Fields>(source: Source<Fields>): Source<Fields> {
  return source;
}

const sources: readonly Source<unknown>[] = [
  /** How it ended. Nobody sets the details of a termination. */
  sourceOf({
    operators: [
      ...['RESPONSE_CODE', 'RESPONSE_CODE_DETAILS', 'RESPONSE_FLAGS', 'RESPONSE_FLAGS_LONG'],
      ...['PROTOCOL', 'UPSTREAM_TRANSPORT_FAILURE_REASON', 'CONNECTION_TERMINATION_DETAILS'],
    ],
    keyOf: ({ status, protocol }) => (protocol === 'HTTP/2' ? -status : status),
    fieldsOf: (info) => ({
      details: info.details,
      flags: info.responseFlags,
      protocol: info.protocol,
      failure: info.upstreamTransportFailure,
    }),
    isSame: (fields, info) =>
      fields.details === info.details &&
      fields.flags === info.responseFlags &&
      fields.protocol === info.protocol &&
      fields.failure === info.upstreamTransportFailure,
  }),
  /** The connection to the endpoint. */
  sourceOf({
    operators: ['UPSTREAM_LOCAL_ADDRESS', 'UPSTREAM_HOST', 'UPSTREAM_CLUSTER_RAW'],
    keyOf: (info) => info.upstreamLocalAddress,
    // The name alone: a cluster would keep its configuration for as long as the text.
    fieldsOf: ({ upstreamAddress, cluster }) => ({ upstreamAddress, cluster: cluster?.name }),
    isSame: (fields, info) =>
      fields.upstreamAddress === info.upstreamAddress && fields.cluster === info.cluster?.name,
  }),
  /** The connection of the client. */
  sourceOf({
    operators: [
      ...['DOWNSTREAM_REMOTE_ADDRESS', 'DOWNSTREAM_DIRECT_REMOTE_ADDRESS'],
      ...['DOWNSTREAM_LOCAL_ADDRESS', 'REQUESTED_SERVER_NAME'],
    ],
    // Behind another proxy requests of one connection have many clients.
    keyOf: ({ downstreamDirectRemoteAddress: direct, downstreamRemoteAddress, connectionId }) =>
      direct === '' || direct === downstreamRemoteAddress ? connectionId : null,
    fieldsOf: (info) => ({
      remote: info.downstreamRemoteAddress,
      local: info.downstreamLocalAddress,
      serverName: info.requestedServerName,
    }),
    isSame: (fields, info) =>
      fields.remote === info.downstreamRemoteAddress &&
      fields.local === info.downstreamLocalAddress &&
      fields.serverName === info.requestedServerName,
  }),
];

/** A segment of a format whose operator is known by its name; '' for one that has an argument. */
export interface NamedSegment extends Segment {
  readonly name: string;
}

/** Names of operators that are made one where they stand side by side in a format. */
export const steadyOperators: readonly (readonly string[])[] = sources.map(
  ({ operators }) => operators,
);

/** The same format, in which steady operators are one with the literals around them. */
export function joinSteady(segments: readonly NamedSegment[], unset: string): Segment[] {
  const joined: Segment[] = [];
  let literal = segments[0]?.literal ?? '';
  let at = 0;
  while (at < segments.length) {
    const { name, operator } = segments[at] as NamedSegment;
    const source = sources.find(({ operators }) => operators.includes(name));
    const end = source === undefined ? at + 1 : endOfRun(segments, at + 1, source.operators);
    const behind = segments[end]?.literal ?? '';
    if (source === undefined || end === at + 1) {
      joined.push({ literal, operator });
      literal = behind;
    } else {
      const rest = segments.slice(at + 1, end);
      const run = [{ literal, operator }, ...rest, { literal: behind, operator: null }];
      joined.push({ literal: '', operator: remember(source, run, unset) });
      literal = '';
    }
    at = end;
  }
  return joined;
}

function endOfRun(
  segments: readonly NamedSegment[],
  from: number,
  names: readonly string[],
): number {
  let end = from;
  while (names.includes(segments[end]?.name ?? '')) end++;
  return end;
}

/** Texts of one group that are kept. */
const maxTexts = 1024;
/** Without room, or with another one in their place, so many are made until all are forgotten. */
const maxMisses = 16 * maxTexts;

interface SteadyText<Fields> {
  readonly fields: Fields;
  readonly text: string;
}

function remember<Fields>(
  source: Source<Fields>,
  segments: readonly Segment[],
  unset: string,
): Operator {
  const make = fastJoiner(segments, unset);
  const texts = new Map<string | number, SteadyText<Fields>>();
  let misses = 0;
  return (info) => {
    // A connection that is passed on as it is has one line.
    const key = info.protocol === '' ? null : source.keyOf(info);
    if (key === null) return make(info);
    const found = texts.get(key);
    if (found !== undefined && source.isSame(found.fields, info)) return found.text;
    const text = make(info);
    if (found === undefined && texts.size < maxTexts) {
      texts.set(key, { fields: source.fieldsOf(info), text: ownText(text) });
    } else if (++misses === maxMisses) {
      texts.clear();
      misses = 0;
    }
    return text;
  };
}
