import { closeSync, openSync } from 'node:fs';
import t from 'tap';
import { systemUsage } from '../../src/base/process-usage.ts';

t.test('heap and memory are within their limits', async (t) => {
  t.ok(systemUsage.heapBytes() > 0);
  t.ok(systemUsage.heapBytes() < systemUsage.heapLimitBytes());
  t.ok(systemUsage.residentBytes() > systemUsage.heapBytes());
  t.ok(systemUsage.residentBytes() < systemUsage.memoryLimitBytes());
});

const skip = systemUsage.openDescriptors() === null ? 'this system does not count them' : false;
t.test('each open file counts', { skip }, async (t) => {
  const before = systemUsage.openDescriptors() ?? 0;
  const file = openSync('/dev/null', 'r');
  t.equal(systemUsage.openDescriptors(), before + 1);
  closeSync(file);
  t.equal(systemUsage.openDescriptors(), before);
  t.ok((systemUsage.descriptorLimit() ?? 0) > before);
});
