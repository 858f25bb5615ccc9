/** What the demo must know of its own configuration: the addresses in its Bootstrap. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { err, ok, type Result } from '../base/result.ts';
import type { BookinfoPlan } from './bookinfo.ts';
import type { ServiceAddress } from './service.ts';

export interface DemoPlan extends BookinfoPlan {
  /** Folder with the rules. */
  readonly folder: string;
  readonly admin: ServiceAddress;
  /** Where the Gateway's port 80 is really bound. */
  readonly gateway: ServiceAddress;
}

/** The parts of a Bootstrap that matter here; the proxy checks the file as a whole. */
interface DemoBootstrap {
  readonly spec?: {
    readonly workloads?: Readonly<Record<string, string | readonly string[]>>;
    readonly listeners?: {
      readonly outbound?: string;
      readonly admin?: string;
      readonly ports?: Readonly<Record<string, number>>;
    };
  };
}

const bootstrapFile = 'bootstrap.yaml';

export function readDemoPlan(folder: string): Result<DemoPlan, string> {
  const file = join(folder, bootstrapFile);
  let bootstrap: DemoBootstrap | null;
  try {
    bootstrap = parse(readFileSync(file, 'utf8')) as DemoBootstrap | null;
  } catch (error) {
    return err(`cannot read ${file}: ${(error as Error).message.split('\n', 1)[0]}`);
  }
  const listeners = bootstrap?.spec?.listeners ?? {};
  const workloads: Record<string, ServiceAddress> = {};
  for (const [name, value] of Object.entries(bootstrap?.spec?.workloads ?? {})) {
    const address = parseAddress(typeof value === 'string' ? value : value[0]);
    if (address === null) return err(`${file}: ${name} has no address of the form ADDR:PORT`);
    workloads[name] = address;
  }
  const mesh = parseAddress(listeners.outbound ?? '127.0.0.1:15001');
  const admin = parseAddress(listeners.admin ?? '127.0.0.1:15000');
  if (mesh === null) return err(`${file}: listeners.outbound is not of the form ADDR:PORT`);
  if (admin === null) return err(`${file}: listeners.admin is not of the form ADDR:PORT`);
  const gateway = { host: '127.0.0.1', port: listeners.ports?.['80'] ?? 8080 };
  return ok({ folder, mesh, admin, gateway, workloads });
}

function parseAddress(text: unknown): ServiceAddress | null {
  const match = /^([^:\s]+):(\d{1,5})$/.exec(String(text ?? ''));
  return match === null ? null : { host: match[1] ?? '', port: Number(match[2]) };
}
