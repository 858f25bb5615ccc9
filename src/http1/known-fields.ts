/**
 * Field names met every day, found by their bytes in any case: one shared lower-case string for
 * each, so that no name is sliced or lowered for a request, and later comparisons meet the same
 * string object.
 */

/** Fields the codec itself acts on. */
export const fieldId = {
  other: 0,
  host: 1,
  contentLength: 2,
  transferEncoding: 3,
  connection: 4,
  upgrade: 5,
  proxyConnection: 6,
} as const;

interface KnownField {
  /** Lower case. */
  readonly name: string;
  /** One of `fieldId`. */
  readonly id: number;
  /** The name, byte by byte: a plain array compares faster than a typed one. */
  readonly bytes: readonly number[];
  /** The next field of the same slot. */
  readonly next: KnownField | null;
}

const special: Readonly<Record<string, number>> = {
  host: fieldId.host,
  'content-length': fieldId.contentLength,
  'transfer-encoding': fieldId.transferEncoding,
  connection: fieldId.connection,
  upgrade: fieldId.upgrade,
  'proxy-connection': fieldId.proxyConnection,
};

/** Lower case. */
export const knownNames: readonly string[] = `
  accept accept-charset accept-encoding accept-language accept-ranges
  access-control-allow-credentials access-control-allow-headers access-control-allow-methods
  access-control-allow-origin access-control-expose-headers access-control-max-age
  access-control-request-headers access-control-request-method age allow alt-svc authorization
  b3 baggage cache-control connection content-disposition content-encoding content-language
  content-length content-location content-range content-security-policy content-type cookie
  cross-origin-opener-policy date dnt end-user etag expect expires forwarded from grpc-status
  grpc-timeout host if-match if-modified-since if-none-match if-range if-unmodified-since
  keep-alive last-modified link location max-forwards origin permissions-policy pragma priority
  proxy-authenticate proxy-authorization proxy-connection range referer referrer-policy
  retry-after sec-ch-ua sec-ch-ua-mobile sec-ch-ua-platform sec-fetch-dest sec-fetch-mode
  sec-fetch-site sec-fetch-user sec-websocket-accept sec-websocket-extensions
  sec-websocket-key sec-websocket-protocol sec-websocket-version server server-timing set-cookie
  strict-transport-security te traceparent tracestate trailer transfer-encoding upgrade
  upgrade-insecure-requests user-agent vary via www-authenticate x-api-key x-b3-flags
  x-b3-parentspanid x-b3-sampled x-b3-spanid x-b3-traceid x-content-type-options
  x-envoy-attempt-count x-envoy-decorator-operation x-envoy-expected-rq-timeout-ms
  x-envoy-external-address x-envoy-max-retries x-envoy-original-path x-envoy-retry-on
  x-envoy-upstream-rq-per-try-timeout-ms x-envoy-upstream-rq-timeout-ms
  x-envoy-upstream-service-time x-forwarded-client-cert x-forwarded-for x-forwarded-host
  x-forwarded-port x-forwarded-proto x-frame-options x-ot-span-context x-powered-by x-real-ip
  x-request-id x-requested-with x-xss-protection`
  .trim()
  .split(/\s+/);

export const slotCount = 512;

/** Length, ends and middle tell the names apart well enough: no slot holds more than two. */
export function slotOf(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  const first = (bytes[start] as number) | 0x20;
  const middle = (bytes[start + (length >> 1)] as number) | 0x20;
  const last = (bytes[end - 1] as number) | 0x20;
  return (length * 15 + first * 7 + middle * 37 + last * 13) & (slotCount - 1);
}

function buildSlots(): readonly (KnownField | null)[] {
  const slots = new Array<KnownField | null>(slotCount).fill(null);
  for (const name of knownNames) {
    const bytes = Buffer.from(name, 'latin1');
    const slot = slotOf(bytes, 0, bytes.length);
    const id = special[name] ?? fieldId.other;
    slots[slot] = { name, id, bytes: [...bytes], next: slots[slot] ?? null };
  }
  return slots;
}

const slots = buildSlots();

/** The known field spelled by the token `bytes[start, end)` (not empty) in any case, or null. */
export function findKnownField(bytes: Uint8Array, start: number, end: number): KnownField | null {
  let field = slots[slotOf(bytes, start, end)] as KnownField | null;
  while (field !== null && !spells(bytes, start, end, field.bytes)) field = field.next;
  return field;
}

/** `expected`: of a name in lower case, of letters, digits, `-` and `.` alone. */
export function spells(
  bytes: Uint8Array,
  start: number,
  end: number,
  expected: readonly number[],
): boolean {
  if (expected.length !== end - start) return false;
  // Setting bit 5 lowers letters; no other byte of a token becomes a letter, digit or `-` by it.
  for (let i = 0; i < expected.length; i++) {
    if (((bytes[start + i] as number) | 0x20) !== expected[i]) return false;
  }
  return true;
}
