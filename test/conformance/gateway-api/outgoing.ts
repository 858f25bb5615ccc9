/** What is sent for a case. */

import type { ClusterKeys } from './cluster-keys.ts';
import { setHeader } from './echo-answer.ts';
import { caseIdMark, type PlacedCase } from './expectations.ts';
import type { Outgoing } from './send.ts';

const grpcService = 'gateway_api_conformance.echo_basic.grpcecho.GrpcEcho';

/** Where a request goes. */
export interface Destination {
  /** As the manifests have it. */
  readonly port: number;
  /** Where that is bound. */
  readonly bound: number;
  readonly speaksTls: boolean;
  readonly keys: ClusterKeys;
}

export function outgoingOf(
  each: PlacedCase,
  { port, bound, speaksTls, keys }: Destination,
): Outgoing {
  const { Request = {}, RequestMetadata = {}, BackendSetResponseHeaders = {}, at = {} } = each;
  const grpcMethod = grpcMethodOf(each);
  const isGrpc = grpcMethod !== null;
  const written = isGrpc ? (RequestMetadata.Authority ?? Request.Host) : Request.Host;
  const isDefault = port === 80 || port === 443;
  const host = written ?? (isDefault ? '127.0.0.1' : `127.0.0.1:${port}`);
  const serverName = at.serverName ?? (speaksTls ? host : null);
  const set = Object.entries(BackendSetResponseHeaders).map((pair) => pair.join(':'));
  return {
    port: bound,
    protocol: at.as ?? (isGrpc ? 'grpc' : Request.Protocol?.startsWith('h2') ? 'h2' : 'http1'),
    tls:
      serverName === null
        ? null
        : {
            serverName,
            authority: keys.authority,
            pair: keys.pairs.get(at.clientSecret ?? '') ?? null,
          },
    host,
    method: isGrpc ? 'POST' : (Request.Method ?? 'GET'),
    path: grpcMethod ?? Request.Path ?? '/',
    headers: {
      ...withoutHost(Request.Headers ?? RequestMetadata.Metadata ?? {}),
      ...(set.length === 0 ? {} : { [setHeader]: set.join(',') }),
    },
  };
}

/** The path of a call; null for other requests. */
function grpcMethodOf(each: PlacedCase): string | null {
  if (each.Request?.Protocol === 'grpc') return '/proto.EchoTestService/Echo';
  if (each.EchoRequest !== undefined) return `/${grpcService}/Echo`;
  if (each.EchoTwoRequest !== undefined) return `/${grpcService}/EchoTwo`;
  return each.EchoThreeRequest === undefined ? null : `/${grpcService}/EchoThree`;
}

/** Its path may name the case. */
export function withCaseId(each: PlacedCase, caseId: string): PlacedCase {
  const { Request } = each;
  if (Request?.Path?.includes(caseIdMark) !== true) return each;
  return { ...each, Request: { ...Request, Path: Request.Path.replace(caseIdMark, caseId) } };
}

function withoutHost(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'host'),
  );
}
