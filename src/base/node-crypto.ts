/**
 * `node:crypto` where it is used, and not before: loaded, it is 4 MiB of memory, and a proxy
 * without TLS has no use for it.
 */

type NodeCrypto = Pick<
  typeof import('node:crypto'),
  | 'constants'
  | 'createHash'
  | 'createPrivateKey'
  | 'hash'
  | 'randomBytes'
  | 'randomUUID'
  | 'X509Certificate'
>;

/** Loads it the first time, which takes some milliseconds. */
export function nodeCrypto(): NodeCrypto {
  return process.getBuiltinModule('node:crypto');
}
