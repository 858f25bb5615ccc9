/**
 * All YAML of the test data, damaged: nothing throws, nothing hangs, errors have a place. 300
 * documents; 20,000 with SLUICE_FULL=1.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import t from 'tap';
import { SeededRandom } from '../../src/base/random.ts';
import { checkConfiguration } from '../support/check-configuration.ts';
import { checkPlainYaml } from '../support/plain-yaml-check.ts';
import { dataFolder, dataSet, missingData } from '../support/test-data.ts';
import { mutate } from '../support/yaml-mutations.ts';

const isFull = process.env.SLUICE_FULL === '1';
const documents = isFull ? 20_000 : 300;

/** Larger files hold recordings and tables, and would only take the time of all others. */
const maxBytes = 50_000;

/** Of CPU time. */
const maxMs = 5_000;

const skip = dataSet('user-configs') === null ? missingData('user-configs') : false;

function yamlFiles(): { readonly name: string; readonly text: string }[] {
  return readdirSync(dataFolder(), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => ({ name, text: readFileSync(join(dataFolder(), name), 'utf8') }))
    .filter(({ text }) => text.length <= maxBytes);
}

t.setTimeout(isFull ? 3_600_000 : 120_000);

t.test('damaged files', { skip }, async (t) => {
  const files = yamlFiles();
  t.ok(files.length > 100, `${files.length} files`);
  const faulty: string[] = [];
  let slowest = 0;
  for (let index = 0; index < documents; index += 1) {
    // What a WeakRef leads to lives until the turn ends.
    await setImmediate();
    // A step that shares no factor with the number of files leaves out none of them.
    const { name = '', text = '' } = files[(index * 7919) % files.length] ?? {};
    const start = process.cpuUsage();
    const faults = faultsOf(mutate(text, new SeededRandom(index)));
    const { user, system } = process.cpuUsage(start);
    const elapsed = (user + system) / 1000;
    slowest = Math.max(slowest, elapsed);
    if (elapsed > maxMs) faults.push(`took ${Math.round(elapsed)} ms`);
    if (faults.length > 0) faulty.push(`${name} with seed ${index}: ${faults.join('; ')}`);
  }
  t.strictSame(faulty.slice(0, 20), [], `${faulty.length} faulty`);
  t.comment(`${documents} documents, the slowest in ${Math.round(slowest)} ms`);
});

t.test('what is plain in files is read as the whole parser reads it', { skip }, async (t) => {
  let plain = 0;
  let all = 0;
  for (const { text } of yamlFiles()) {
    const checked = checkPlainYaml(text);
    plain += checked.plain;
    all += checked.documents;
  }
  t.ok(plain > all * 0.9, `${plain} of ${all} documents are plain`);
});

function faultsOf(text: string): string[] {
  try {
    return checkConfiguration(text);
  } catch (error) {
    return [`throws ${error instanceof Error ? error.stack : error}`];
  }
}
