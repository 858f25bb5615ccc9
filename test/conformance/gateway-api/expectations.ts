/** The cases of `expected-responses.json`, in its own words, and what is added to them here. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface ConformanceTest {
  readonly test: string;
  readonly manifests: readonly string[];
  /** `SupportHTTPRoutePathRewrite`. */
  readonly features: readonly string[];
  readonly cases: readonly ExpectedCase[];
}

type Texts = Readonly<Record<string, string>>;

export interface ExpectedCase {
  readonly TestCaseName?: string;
  readonly Request?: HttpRequest;
  readonly EchoRequest?: object;
  readonly EchoTwoRequest?: object;
  readonly EchoThreeRequest?: object;
  readonly RequestMetadata?: { readonly Authority?: string; readonly Metadata?: Texts };
  /** Default: what was sent. */
  readonly ExpectedRequest?: {
    readonly Request?: HttpRequest;
    readonly AbsentHeaders?: readonly string[];
  };
  readonly BackendSetResponseHeaders?: Texts;
  readonly RedirectRequest?: RedirectRequest;
  readonly Response?: ExpectedResponse;
  /** The pod's name begins so. */
  readonly Backend?: string;
  readonly Namespace?: string;
  readonly MirroredTo?: readonly Mirror[];
}

export interface HttpRequest {
  readonly Host?: string;
  readonly Method?: string;
  readonly Path?: string;
  readonly Headers?: Texts | null;
  readonly Protocol?: string;
}

export interface RedirectRequest {
  readonly Scheme?: string;
  readonly Host?: string;
  readonly Port?: string;
  readonly Path?: string;
}

export interface ExpectedResponse {
  readonly StatusCode?: number;
  readonly StatusCodes?: readonly number[];
  /** Of gRPC. */
  readonly Code?: number;
  readonly Headers?: Texts;
  readonly ValidHeaderValues?: Readonly<Record<string, readonly string[]>>;
  readonly AbsentHeaders?: readonly string[];
  readonly IgnoreWhitespace?: boolean;
}

export interface Mirror {
  readonly BackendRef: { readonly Name: string };
  /** Of the requests; a number where the facts say it. */
  readonly Percent?: unknown;
}

/** Where a request goes, and what is looked at beside its answer. */
export interface Place {
  /** Why it is not sent. */
  readonly notPlayed?: string;
  /** Name of the Gateway; default: the only one that the routes of the test name. */
  readonly gateway?: string;
  /** Of its listener, or of a service; default: the lowest. */
  readonly port?: number;
  /** The client speaks TLS with this server name. */
  readonly serverName?: string;
  /** Secret with the certificate of the client. */
  readonly clientSecret?: string;
  /** Where the client of a mesh is. */
  readonly namespace?: string;
  /** Bytes or WebSocket messages in place of requests. */
  readonly as?: 'tcp' | 'websocket';
  /** Resources of this kind are deleted before. */
  readonly without?: string;
  /** Whether it passes in time is drawn: it is asked up to so many times. */
  readonly tries?: number;
  /** There is no answer: the handshake fails, or the connection ends. */
  readonly fails?: boolean;
  /** Server name that the backend is asked for. */
  readonly sni?: string;
  /** The backend is shown the certificate of this Secret. */
  readonly shows?: string;
  /** So many requests go to these backends, in percent. */
  readonly shares?: Readonly<Record<string, number>>;
  /** Each of so many requests carries a header with the name of the backend that it has come to. */
  readonly namesItsBackend?: string;
}

/** In a path: something else for each request. */
export const caseIdMark = 'CASE-ID';

/** A case of the data, with its place, or one that is told in the facts alone. */
export interface PlacedCase extends ExpectedCase {
  readonly at?: Place;
}

export function readTests(folder: string): ConformanceTest[] {
  const text = readFileSync(join(folder, 'expected-responses.json'), 'utf8');
  return JSON.parse(fillConstants(text)) as ConformanceTest[];
}

/** Constants of the program that the cases were read from. */
function fillConstants(text: string): string {
  const constants: readonly (readonly [string, string])[] = [
    ['"$codes.OK"', '0'],
    ['"$roundtripper.H2CPriorKnowledgeProtocol"', '"h2c"'],
    ['"$roundtripper.H2Protocol"', '"h2"'],
    ['"$suite.AppBackendNamespace"', '"gateway-conformance-app-backend"'],
    ['"$suite.MeshNamespace"', '"gateway-conformance-mesh"'],
  ];
  return constants.reduce((filled, [name, value]) => filled.replaceAll(name, value), text);
}

/** What a row of a report calls it. */
export function nameOfCase(each: PlacedCase, index: number): string {
  const { Request = {}, RequestMetadata, Response, at = {} } = each;
  const host = Request.Host ?? RequestMetadata?.Authority ?? at.serverName ?? '';
  const what = each.TestCaseName ?? `${Request.Method ?? ''} ${host}${Request.Path ?? ''}`.trim();
  const wanted = each.Backend ?? Response?.StatusCode ?? Response?.Code ?? 'answer';
  return `[${index}] ${what} → ${at.fails === true ? 'failure' : wanted}`;
}
