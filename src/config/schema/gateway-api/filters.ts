/** Filters of HTTPRoute and GRPCRoute: what happens to a request or response on its way. */

import type { Static } from 'typebox';
import { Type } from '../../../base/schema.ts';
import { flag, integer, text, textList, uint32 } from '../fields.ts';
import { BackendObjectReference, LocalObjectReference } from './references.ts';

const optional = Type.Optional;

export type HeaderValue = Static<typeof HeaderValue>;
const HeaderValue = Type.Object(
  { name: text('Name of the header.'), value: text('Its value.') },
  { description: 'A header.' },
);

export type HeaderFilter = Static<typeof HeaderFilter>;
function headerFilter(what: string) {
  return Type.Object(
    {
      set: optional(
        Type.Array(HeaderValue, { description: 'Headers that replace what is there.' }),
      ),
      add: optional(Type.Array(HeaderValue, { description: 'Headers that are added.' })),
      remove: optional(textList('Names of headers that are removed.')),
    },
    { description: `Changes headers of the ${what}.` },
  );
}
const HeaderFilter = headerFilter('request');

export type PathModifier = Static<typeof PathModifier>;
const PathModifier = Type.Object(
  {
    type: Type.Enum(['ReplaceFullPath', 'ReplacePrefixMatch'], {
      description: 'Which of the two fields holds.',
    }),
    replaceFullPath: optional(text('The whole new path.')),
    replacePrefixMatch: optional(text('What stands in place of the prefix that matched.')),
  },
  {
    description: 'The new path.',
    oneof: [['replaceFullPath', 'replacePrefixMatch']],
  },
);

export type MirrorFilter = Static<typeof MirrorFilter>;
const MirrorFilter = Type.Object(
  {
    backendRef: BackendObjectReference,
    percent: optional(
      integer('Share of the requests.', { minimum: 0, maximum: 100, default: 100 }),
    ),
    fraction: optional(
      Type.Object(
        {
          numerator: uint32('How many of `denominator` requests.'),
          denominator: optional(uint32('Of how many requests.', { minimum: 1, default: 100 })),
        },
        { description: 'Share of the requests, as a fraction.' },
      ),
    ),
  },
  {
    description: 'Sends a copy of the request to another backend; its answer is dropped.',
    oneof: [['percent', 'fraction']],
  },
);

export type RedirectFilter = Static<typeof RedirectFilter>;
const RedirectFilter = Type.Object(
  {
    scheme: optional(
      Type.Enum(['http', 'https'], { description: 'Scheme of the location.', default: 'as asked' }),
    ),
    hostname: optional(text('Host of the location.', { default: 'as asked' })),
    path: optional(PathModifier),
    port: optional(
      uint32('Port of the location.', {
        minimum: 1,
        maximum: 65535,
        default: 'that of the scheme where one is set, else that of the listener',
      }),
    ),
    statusCode: optional(
      integer('301, 302, 303, 307 or 308.', { minimum: 301, maximum: 308, default: 302 }),
    ),
  },
  { description: 'Answers with a redirect.' },
);

export type RewriteFilter = Static<typeof RewriteFilter>;
const RewriteFilter = Type.Object(
  {
    hostname: optional(text('Host that the backend sees.')),
    path: optional(PathModifier),
  },
  { description: 'Changes host and path before the request is forwarded.' },
);

export type CorsFilter = Static<typeof CorsFilter>;
const CorsFilter = Type.Object(
  {
    allowOrigins: optional(textList('Origins as `https://host`, `https://*.host` or `*`.')),
    allowCredentials: optional(flag('Whether credentials may be sent.', { default: false })),
    allowMethods: optional(textList('Methods; `*` for all.')),
    allowHeaders: optional(textList('Request headers; `*` for all.')),
    exposeHeaders: optional(textList('Response headers that scripts may read; `*` for all.')),
    maxAge: optional(
      integer('Seconds for which the answer to a preflight holds.', { minimum: 0, default: 5 }),
    ),
  },
  { description: 'Answers preflight requests, and allows origins.' },
);

const ExternalAuthFilter = Type.Object(
  {
    protocol: Type.Enum(['HTTP', 'GRPC'], { description: 'How the service is asked.' }),
    backendRef: BackendObjectReference,
    grpc: optional(
      Type.Object(
        { allowedHeaders: optional(textList('Headers that the service gets.')) },
        { description: 'Settings for GRPC.' },
      ),
    ),
    http: optional(
      Type.Object(
        {
          path: optional(text('Path before that of the request.')),
          allowedHeaders: optional(textList('Headers that the service gets.')),
          allowedResponseHeaders: optional(textList('Its headers that the backend gets.')),
        },
        { description: 'Settings for HTTP.' },
      ),
    ),
    forwardBody: optional(
      Type.Object(
        { maxSize: optional(integer('Most bytes of the body.', { minimum: 0 })) },
        { description: 'Whether the service gets the body.' },
      ),
    ),
  },
  { description: 'Asks another service whether the request may pass. Not served.' },
);

export type HttpRouteFilter = Static<typeof HttpRouteFilter>;
export const HttpRouteFilter = Type.Object(
  {
    type: Type.Enum(
      [
        'RequestHeaderModifier',
        'ResponseHeaderModifier',
        'RequestMirror',
        'RequestRedirect',
        'URLRewrite',
        'CORS',
        'ExternalAuth',
        'ExtensionRef',
      ],
      { description: 'Which of the other fields holds.' },
    ),
    requestHeaderModifier: optional(HeaderFilter),
    responseHeaderModifier: optional(headerFilter('response')),
    requestMirror: optional(MirrorFilter),
    requestRedirect: optional(RedirectFilter),
    urlRewrite: optional(RewriteFilter),
    cors: optional(CorsFilter),
    externalAuth: optional(ExternalAuthFilter),
    extensionRef: optional(LocalObjectReference),
  },
  { description: 'Something done to requests or responses.' },
);

export type GrpcRouteFilter = Static<typeof GrpcRouteFilter>;
export const GrpcRouteFilter = Type.Object(
  {
    type: Type.Enum(
      ['RequestHeaderModifier', 'ResponseHeaderModifier', 'RequestMirror', 'ExtensionRef'],
      { description: 'Which of the other fields holds.' },
    ),
    requestHeaderModifier: optional(HeaderFilter),
    responseHeaderModifier: optional(headerFilter('response')),
    requestMirror: optional(MirrorFilter),
    extensionRef: optional(LocalObjectReference),
  },
  { description: 'Something done to calls or answers.' },
);
