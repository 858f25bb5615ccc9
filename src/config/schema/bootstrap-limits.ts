/** Limits of the Bootstrap resource. Names and defaults are those of the model, without its units. */

import type { Static } from 'typebox';
import { Type } from '../../base/schema.ts';
import { defaultLimits, type Limits } from '../../model/limits.ts';
import { byteSize, duration, uint32 } from './fields.ts';

type Name = keyof Limits;

const bytes = (limit: Name, description: string) =>
  Type.Optional(byteSize(description, { default: shownBytes(defaultLimits[limit]) }));

const count = (limit: Name, description: string) =>
  Type.Optional(uint32(description, { minimum: 1, default: defaultLimits[limit] }));

const time = (limit: Name, description: string) =>
  Type.Optional(duration(description, { default: shownTime(defaultLimits[limit]) }));

export type BootstrapLimits = Static<typeof BootstrapLimits>;
export const BootstrapLimits = Type.Object(
  {
    requestHeadBytes: bytes(
      'requestHeadBytes',
      'Request line and headers of a request together. Over: 431.',
    ),
    requestHeaderCount: count('requestHeaderCount', 'Header lines of a request. Over: 431.'),
    responseHeadBytes: bytes(
      'responseHeadBytes',
      'Status line and headers of a response together. Over: 502, flag UPE.',
    ),
    responseHeaderCount: count(
      'responseHeaderCount',
      'Header lines of a response. Over: 502, flag UPE.',
    ),
    trailerBytes: bytes('trailerBytes', 'All trailers of a message together. Over: 431 or 502.'),
    chunkLineBytes: bytes(
      'chunkLineBytes',
      'One line with the size of a chunk and its extensions. Over: 400.',
    ),
    tlsHandshakeTimeout: time(
      'tlsHandshakeTimeoutMs',
      'From the first message of a TLS handshake to its end. Over: the connection is closed.',
    ),
    requestHeadTimeout: time(
      'requestHeadTimeoutMs',
      'From the first byte of a request to the end of its headers; 0s is no limit. Over: 408, or GOAWAY.',
    ),
    downstreamIdle: time(
      'downstreamIdleMs',
      'Time that a connection of a client may wait for its next request. Over: it is closed.',
    ),
    streamIdle: time(
      'streamIdleMs',
      'Time without a byte either way while a request is served; 0s is no limit. Over: 408 or 504.',
    ),
    streamBufferBytes: bytes(
      'streamBufferBytes',
      'Bytes that wait for a slow reader, 16Ki at least. Over: the other side is not read until they have gone.',
    ),
    http2ConnectionBufferBytes: bytes(
      'http2ConnectionBufferBytes',
      'The same for all streams of a connection of HTTP/2 together, 16Ki at least. Each has its part, of 16Ki at least.',
    ),
    mirrorTimeout: time(
      'mirrorTimeoutMs',
      'Time for the answer to a mirrored request. Over: it is given up.',
    ),
    mirrorBufferBytes: bytes(
      'mirrorBufferBytes',
      'Bytes of a mirrored request that its endpoint has not taken yet, 16Ki at least. Over: it is given up.',
    ),
    retryBufferBytes: bytes(
      'retryBufferBytes',
      'Body of a request that is kept for a retry; 0 keeps none. Over: no retry.',
    ),
    pipelineBufferBytes: bytes(
      'pipelineBufferBytes',
      'Requests kept that a client sends before the answer to its last one. Over: reading pauses.',
    ),
    requestsPerTurn: count(
      'requestsPerTurn',
      'Requests that one connection begins before other connections have their turn. Over: they wait for it.',
    ),
    framesPerTurn: count('framesPerTurn', 'The same for frames of HTTP/2 and chunks of HTTP/1.1.'),
    inspectionBytes: bytes(
      'inspectionBytes',
      'First bytes of a connection that are read to tell its protocol, where its port has several ' +
        'ways to go. Over: closed; bytes that are neither TLS nor HTTP are taken as TCP.',
    ),
    connectionsPerListener: count(
      'connectionsPerListener',
      'Open connections of clients to one listener. Over: a new one is closed at once.',
    ),
    destinationsPerCluster: count(
      'destinationsPerCluster',
      'Destinations that clients name, kept for one passthrough cluster until they have not been ' +
        'used for 5 to 10 seconds. Over: 503, flag UH.',
    ),
    clientsPerEndpoint: count(
      'clientsPerEndpoint',
      'Connections of clients with connections of their own to one endpoint, where a ' +
        'DestinationRule has proxyProtocol. Over: those of the client seen least recently are closed.',
    ),
    clientsPerRateLimit: count(
      'clientsPerRateLimit',
      'Clients whose use of a rate limit (Ingress limit-rps, limit-rpm) is remembered. Over: the ' +
        'one seen least recently is forgotten, and begins anew.',
    ),
    serverNamesPerEndpoint: count(
      'serverNamesPerEndpoint',
      'Server names, taken from the hosts of requests, with connections of their own to one ' +
        'endpoint with TLS. Over: those of the name used least recently are closed.',
    ),
    informationalCount: count(
      'informationalCount',
      'Responses with a 1xx status before the response proper. Over: 502, flag UPE.',
    ),
    discardBytes: bytes(
      'discardBytes',
      'Body that is read of a response that is tried again or answers a mirrored request, so that ' +
        'its connection can be used again. Over: the connection is closed.',
    ),
    discard: time(
      'discardMs',
      'Time for the end of such a response. Over: the connection is closed.',
    ),
    peerIdleMargin: time(
      'peerIdleMarginMs',
      'How long before the end that an endpoint announces in its Keep-Alive header an idle ' +
        'connection to it is closed.',
    ),
    tunnelLinger: time(
      'tunnelLingerMs',
      'Time for an endpoint to take what a closed tunnel has left. Over: the connection is closed.',
    ),
    closeLinger: time(
      'closeLingerMs',
      'Time for which a client is still read after its last response.',
    ),
    slowReader: time(
      'slowReaderMs',
      'Time without taking a byte of a last response. Over: the connection is closed.',
    ),
  },
  { description: 'How much a peer may send, hold and wait.' },
);

function shownBytes(size: number): string {
  if (size % 1024 ** 2 === 0) return `${size / 1024 ** 2}Mi`;
  return size % 1024 === 0 ? `${size / 1024}Ki` : String(size);
}

function shownTime(ms: number): string {
  const isHours = ms > 0 && ms % 3_600_000 === 0;
  return isHours ? `${ms / 3_600_000}h` : `${ms / 1000}s`;
}
