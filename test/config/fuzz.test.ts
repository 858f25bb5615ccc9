/**
 * Damaged configuration is answered with findings that have a place: nothing throws and nothing
 * hangs, from the text to what would serve it. 500 documents; 20,000 with SLUICE_FULL=1.
 */

import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import t from 'tap';
import { SeededRandom } from '../../src/base/random.ts';
import { checkConfiguration } from '../support/check-configuration.ts';
import { configCorpus } from '../support/config-corpus.ts';
import { mutate } from '../support/yaml-mutations.ts';

const isFull = process.env.SLUICE_FULL === '1';
const documents = isFull ? 20_000 : 500;

/** Of CPU time, so that a busy machine does not count; far below what people call a hang. */
const maxMs = 2_000;

function elapsedMs(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

t.setTimeout(isFull ? 1_800_000 : 60_000);

t.test('damaged documents', async (t) => {
  let slowest = 0;
  let count = 0;
  const chosen = fc.nat(configCorpus.length - 1);
  const property = fc.asyncProperty(chosen, fc.nat(), async (index, seed) => {
    // What a WeakRef leads to lives until the turn ends.
    await setImmediate();
    const text = mutate(configCorpus[index] ?? '', new SeededRandom(seed));
    const start = process.cpuUsage();
    const faults = checkConfiguration(text);
    const elapsed = elapsedMs(start);
    slowest = Math.max(slowest, elapsed);
    count += 1;
    if (elapsed > maxMs) faults.push(`took ${Math.round(elapsed)} ms`);
    if (faults.length > 0) throw new Error(`${faults.join('\n')}\n\n${text}`);
  });
  await fc.assert(property, { numRuns: documents, endOnFailure: true });
  t.equal(count, documents);
  t.comment(`${count} documents, the slowest in ${Math.round(slowest)} ms`);
});

t.test('aliases that multiply, and nesting without end', async (t) => {
  const level = (name: string, of: string) => `${name}: &${name} [${`*${of}, `.repeat(9)}*${of}]\n`;
  const laughs = 'bcdefghij'.split('').map((name, index) => level(name, 'abcdefghi'[index] ?? ''));
  const texts = [
    `a: &a [x]\n${laughs.join('')}`,
    `a: &a {b: *a}\n`,
    '['.repeat(100_000),
    '{a: '.repeat(20_000),
    '- '.repeat(5_000),
    `a: ${'x'.repeat(2_000_000)}`,
    `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a}\nspec: ${'{http: '.repeat(60)}1${'}'.repeat(60)}`,
    `${Array.from({ length: 20_000 }, (_, index) => `k${index}: 1`).join('\n')}\n`,
    '\t'.repeat(100_000),
    '---\n'.repeat(100_000),
    ': '.repeat(50_000),
    '&a '.repeat(20_000),
    '"'.repeat(20_001),
  ];
  for (const text of texts) {
    const start = process.cpuUsage();
    t.strictSame(checkConfiguration(text), [], text.slice(0, 20));
    const elapsed = elapsedMs(start);
    t.ok(elapsed < maxMs, `${text.slice(0, 20)}: ${Math.round(elapsed)} ms`);
  }
});
