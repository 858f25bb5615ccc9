import fc from 'fast-check';
import t from 'tap';
import { HashKey } from '../../../src/cluster/load-balancing/hash-key.ts';

t.test('halves and remainders are those of the 64-bit number', async () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      fc.integer({ min: 1, max: 5_000_011 }),
      (hash, divisor) => {
        const key = new HashKey();
        key.set(hash);
        return (
          (BigInt(key.high) << 32n) + BigInt(key.low) === hash &&
          BigInt(key.modulo(divisor)) === hash % BigInt(divisor)
        );
      },
    ),
  );
});
