/**
 * Reads, checks, translates and analyzes 5,000 resources, step by step: median CPU of the process
 * for each, in milliseconds. `npm run bench:micro`.
 */

import { parseDocument } from 'yaml';
import { ResourceLoader } from '../../src/config/parse/load.ts';
import { readPlainYaml } from '../../src/config/parse/plain-yaml.ts';
import { type SourceFile, splitDocuments } from '../../src/config/parse/source-file.ts';
import { ConfigStore } from '../../src/runtime/config-store.ts';
import { resourcesOf } from '../../test/support/many-resources.ts';
import { median } from '../support/median.ts';

const services = 1_250;
const rounds = 5;

const text = Array.from({ length: services }, (_, index) => resourcesOf(index)).join('');
const files: readonly SourceFile[] = [{ path: 'rules.yaml', text }];
const documents = splitDocuments(text).map((chunk) => chunk.text);

async function measure(name: string, run: () => void): Promise<void> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const start = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(start);
    times.push((user + system) / 1000);
    // What a WeakRef leads to lives until the turn ends.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const first = times[0] ?? 0;
  console.log(
    `${name.padEnd(44)}${first.toFixed(0).padStart(7)}${median(times).toFixed(0).padStart(9)}`,
  );
}

const megabytes = (Buffer.byteLength(text) / 1e6).toFixed(1);
console.log(`${services * 4} resources, ${megabytes} MB    ms of CPU:  first   median`);
await measure('yaml library, syntax tree only', () => {
  for (const document of documents) parseDocument(document, { uniqueKeys: false });
});
await measure('plain reader', () => {
  for (const document of documents) readPlainYaml(document);
});
await measure('read, decode and validate', () => void new ResourceLoader().load(files));
await measure('and translate', () => void new ConfigStore({}, 0).load(files));
await measure('and analyze (sluice analyze)', () => {
  const store = new ConfigStore({}, 0);
  store.analyze(store.load(files).findings);
});
