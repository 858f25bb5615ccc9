/** A read buffer for tests, in which a mistake on the path of a request must not go unnoticed. */

import type { ReadBuffer } from '../../src/transport/accept.ts';

export function testReadBuffer(): ReadBuffer {
  return {
    bytes: Buffer.allocUnsafeSlow(64 * 1024),
    onDefect: (error) => {
      queueMicrotask(() => {
        throw error;
      });
    },
  };
}
