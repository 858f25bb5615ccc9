import t from 'tap';
import { loadExplainedConfig } from '../../../src/cli/explain/explain-config.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const gateway = `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: gw}
spec: {servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ['*']}]}
`;
const folder = tempFolder({ 'good.yaml': gateway, 'bad.yaml': gateway.replace('80', 'eighty') });
t.teardown(() => folder.remove());

const flags = (file: string) => ({ file: [`${folder.path}/${file}`], output: 'text' }) as const;

t.test('files give the listeners that a proxy would open, none of them opened', async (t) => {
  const config = await loadExplainedConfig(flags('good.yaml'));
  const listeners = config?.listeners() ?? [];
  t.match(
    listeners.map(({ listener }) => `${listener.direction} ${listener.servicePort}`),
    ['gateway 80', /^outbound /],
  );
});

t.test('a listener of the mesh stands in place of the usual one', async (t) => {
  const config = await loadExplainedConfig(flags('good.yaml'), '127.0.0.1:15080=9080');
  const outbound = config?.listeners().filter(({ listener }) => listener.direction === 'outbound');
  t.match(outbound, [{ listener: { port: 15080, servicePort: 9080 } }]);
});

t.test('files with errors give nothing, and what is wrong is said', async (t) => {
  const { write } = process.stderr;
  let said = '';
  process.stderr.write = ((text: string) => {
    said += text;
    return true;
  }) as typeof write;
  const config = await loadExplainedConfig(flags('bad.yaml')).finally(() => {
    process.stderr.write = write;
  });
  t.equal(config, null);
  t.match(said, /^sluice: .+bad\.yaml:4:\d+: error SLC0\d+ .*eighty/);
});

t.test('a wrong flag is wrong usage, under the name that it was given by', async (t) => {
  const wrong = { ...flags('good.yaml'), sourceLabels: 'app' };
  await t.rejects(loadExplainedConfig(wrong), { message: /^--source-labels: / });
  const own = { ...flags('good.yaml'), labels: 'app' };
  await t.rejects(loadExplainedConfig(own), { message: /^--labels: / });
});
