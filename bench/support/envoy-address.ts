/** A port of this machine, as Envoy's configuration has it. */

export function loopbackAddress(port: number): unknown {
  return { socket_address: { address: '127.0.0.1', port_value: port } };
}
