/**
 * One process of the real command for all tests of a file: each gets a gateway port and an origin
 * of its own, so that nothing of one test is seen by another.
 */

import { freePorts } from './free-port.ts';
import { Origin, type OriginHandler } from './origin.ts';
import { SluiceProcess } from './sluice-process.ts';
import { tempFolder } from './temp-folder.ts';

export interface Edge {
  readonly origin: Origin;
  /** Where clients connect. */
  readonly port: number;
}

interface Slot extends Edge {
  handler: OriginHandler;
}

export class SharedEdge {
  readonly proxy: SluiceProcess;
  readonly #folder: { remove(): void };
  readonly #free: Slot[];
  readonly #origins: readonly Origin[];

  private constructor(proxy: SluiceProcess, folder: { remove(): void }, slots: readonly Slot[]) {
    this.proxy = proxy;
    this.#folder = folder;
    this.#free = [...slots];
    this.#origins = slots.map(({ origin }) => origin);
  }

  /** `count`: how many tests there are at most; `args` are more flags of `sluice run`. */
  static async start(count: number, args: readonly string[] = []): Promise<SharedEdge> {
    const [meshPort = 0, ...ports] = await freePorts(count + 1);
    const slots = await Promise.all(ports.map(startSlot));
    const folder = tempFolder({
      'edges.yaml': slots.map(({ origin }, index) => edgeConfig(index, origin.port)).join('---\n'),
    });
    const gateways = ports.flatMap((port, index) => ['--port', `${8080 + index}=${port}`]);
    const mesh = ['--outbound', `127.0.0.1:${meshPort}`];
    const log = args.includes('--access-log') ? [] : ['--access-log', 'off'];
    const flags = ['-f', folder.path, ...gateways, ...mesh, ...log, ...args];
    return new SharedEdge(await SluiceProcess.start(flags), folder, slots);
  }

  /** A gateway that leads to an origin which does this with what arrives. */
  next(handler: OriginHandler): Edge {
    const slot = this.#free.shift();
    if (slot === undefined) throw new Error('more tests than edges');
    slot.handler = handler;
    return slot;
  }

  async stop(): Promise<void> {
    await this.proxy.kill();
    await Promise.all(this.#origins.map((origin) => origin.stop()));
    this.#folder.remove();
  }
}

async function startSlot(port: number): Promise<Slot> {
  const nothing: OriginHandler = () => undefined;
  const origin = await Origin.start((connection, data) => slot.handler(connection, data));
  const slot: Slot = { origin, port, handler: nothing };
  return slot;
}

/** Everything that comes to one port goes to one origin. */
function edgeConfig(index: number, originPort: number): string {
  return `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: origin-${index}}
spec:
  hosts: [origin-${index}.test]
  resolution: STATIC
  ports: [{number: 80, name: http, protocol: HTTP}]
  endpoints: [{address: 127.0.0.1, ports: {http: ${originPort}}}]
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge-${index}}
spec:
  selector: {istio: ingressgateway}
  servers: [{port: {number: ${8080 + index}, name: http, protocol: HTTP}, hosts: ["*"]}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: edge-${index}}
spec:
  hosts: ["*"]
  gateways: [edge-${index}]
  http:
  - route: [{destination: {host: origin-${index}.test, port: {number: 80}}}]
`;
}
