/** The bookinfo services by the name of their workload, as the manifests call them. */

import type { Server } from 'node:http';
import { detailsHandler } from './details.ts';
import { MeshClient } from './mesh-client.ts';
import { productPageHandler } from './product-page.ts';
import { ratingsHandler } from './ratings.ts';
import { reviewsHandler } from './reviews.ts';
import { type ServiceAddress, type ServiceHandler, startService } from './service.ts';

export interface BookinfoPlan {
  /** The proxy's mesh listener. */
  readonly mesh: ServiceAddress;
  /** Where each workload listens. */
  readonly workloads: Readonly<Record<string, ServiceAddress>>;
}

/** Resolves when all services listen; rejects with one sentence when one cannot. */
export async function startBookinfo(plan: BookinfoPlan): Promise<readonly Server[]> {
  const handlers = bookinfoHandlers(new MeshClient(plan.mesh));
  return Promise.all(
    Object.entries(handlers).map(async ([workload, handler]) => {
      const address = plan.workloads[workload];
      if (address === undefined) throw new Error(`no address for the workload ${workload}`);
      try {
        return await startService(address, handler);
      } catch (error) {
        throw new Error(listenFailure(workload, address, error as NodeJS.ErrnoException));
      }
    }),
  );
}

function bookinfoHandlers(mesh: MeshClient): Readonly<Record<string, ServiceHandler>> {
  return {
    'productpage-v1': productPageHandler(mesh),
    'details-v1': detailsHandler(),
    'ratings-v1': ratingsHandler(),
    'reviews-v1': reviewsHandler('v1', mesh),
    'reviews-v2': reviewsHandler('v2', mesh),
    'reviews-v3': reviewsHandler('v3', mesh),
  };
}

function listenFailure(
  workload: string,
  address: ServiceAddress,
  error: NodeJS.ErrnoException,
): string {
  const where = `${address.host}:${address.port}`;
  const reason = error.code === 'EADDRINUSE' ? 'is taken by another process' : error.message;
  return `${where}, the address of ${workload}, ${reason}`;
}
