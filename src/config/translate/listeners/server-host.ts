/** A host of a Gateway's server, and whose VirtualServices may use it. */

export interface ServerHost {
  /** Namespace of the VirtualServices that may use the host; `*` for any. */
  readonly namespace: string;
  readonly host: string;
}

/** `host`, `ns/host`, `./host` (the Gateway's own namespace); namespace `*` is any. */
export function parseServerHost(text: string, gatewayNamespace: string): ServerHost {
  const slash = text.indexOf('/');
  if (slash === -1) return { namespace: '*', host: text };
  const namespace = text.slice(0, slash);
  return {
    namespace: namespace === '.' ? gatewayNamespace : namespace,
    host: text.slice(slash + 1),
  };
}
