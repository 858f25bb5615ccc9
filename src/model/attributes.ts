/**
 * The attributes that CEL expressions of access-log filters and metric tags may name: Envoy's
 * ("Attributes" in its architecture overview), by the object that has them.
 */

/** Of the certificates of a connection, on either side of the proxy. */
export const certificateAttributes = [
  'tls_version',
  'subject_local_certificate',
  'subject_peer_certificate',
  'uri_san_local_certificate',
  'uri_san_peer_certificate',
  'dns_san_local_certificate',
  'dns_san_peer_certificate',
  'sha256_peer_certificate_digest',
] as const;

const addressAttributes = ['address', 'port'] as const;

export const attributeNames = {
  request: [
    ...['path', 'url_path', 'query', 'host', 'scheme', 'method', 'protocol', 'headers'],
    ...['headers_bytes', 'referer', 'useragent', 'id', 'time', 'duration', 'size', 'total_size'],
  ],
  response: [
    ...['code', 'code_details', 'flags', 'grpc_status', 'headers', 'headers_bytes', 'trailers'],
    ...['size', 'total_size', 'backend_latency'],
  ],
  connection: [
    ...['id', 'mtls', 'requested_server_name', 'termination_details', 'transport_failure_reason'],
    ...certificateAttributes,
  ],
  source: addressAttributes,
  destination: addressAttributes,
  upstream: [
    ...['address', 'port', 'local_address', 'locality', 'transport_failure_reason'],
    ...['request_attempt_count', 'cx_pool_ready_duration', 'num_endpoints'],
    ...certificateAttributes,
  ],
  xds: [
    ...['cluster_name', 'cluster_metadata', 'route_name', 'route_metadata', 'virtual_host_name'],
    ...['virtual_host_metadata', 'upstream_host_metadata', 'upstream_host_locality_metadata'],
    ...['filter_chain_name', 'listener_metadata', 'listener_direction', 'node'],
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** Objects that Envoy's filters may fill: nothing is in them here, and they may be asked for. */
export const unknownAttributes = ['metadata', 'filter_state', 'upstream_filter_state'] as const;

const text = 'string';
const headers = 'map<string, string>';
const duration = 'google.protobuf.Duration';
const certificateTypes = Object.fromEntries(certificateAttributes.map((name) => [name, text]));

/** Their types in CEL; of those that are not here nothing is known beforehand. */
export const attributeTypes: Readonly<
  Record<keyof typeof attributeNames, Readonly<Record<string, string>>>
> = {
  request: {
    ...{ path: text, url_path: text, query: text, host: text, scheme: text, method: text },
    ...{ protocol: text, referer: text, useragent: text, id: text, headers },
    ...{ headers_bytes: 'int', size: 'int', total_size: 'int' },
    ...{ time: 'google.protobuf.Timestamp', duration },
  },
  response: {
    ...{ code: 'int', flags: 'int', grpc_status: 'int', headers_bytes: 'int', size: 'int' },
    ...{ total_size: 'int', code_details: text, headers, trailers: headers },
    backend_latency: duration,
  },
  connection: {
    ...{ id: 'int', mtls: 'bool', requested_server_name: text, termination_details: text },
    ...{ transport_failure_reason: text, ...certificateTypes },
  },
  source: { address: text, port: 'int' },
  destination: { address: text, port: 'int' },
  upstream: {
    ...{ address: text, port: 'int', local_address: text, transport_failure_reason: text },
    ...{ request_attempt_count: 'int', num_endpoints: 'int', cx_pool_ready_duration: duration },
    ...certificateTypes,
  },
  xds: {
    ...{ cluster_name: text, route_name: text, virtual_host_name: text, filter_chain_name: text },
    listener_direction: 'int',
  },
};
