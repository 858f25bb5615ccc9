import * as crypto from 'node:crypto';
import t from 'tap';
import { nodeCrypto } from '../../src/base/node-crypto.ts';

// That it is not loaded before it is asked for is in test/e2e/late-modules.test.ts.

t.test('it is the module itself, each time', async (t) => {
  const { constants, createHash, createPrivateKey, hash, randomBytes, randomUUID } = nodeCrypto();
  t.strictSame(
    [constants, createHash, createPrivateKey, hash, randomBytes, randomUUID],
    [
      ...[crypto.constants, crypto.createHash, crypto.createPrivateKey],
      ...[crypto.hash, crypto.randomBytes, crypto.randomUUID],
    ],
  );
  t.equal(nodeCrypto().X509Certificate, crypto.X509Certificate);
  t.equal(nodeCrypto().hash('sha256', ''), crypto.createHash('sha256').digest('hex'));
});
