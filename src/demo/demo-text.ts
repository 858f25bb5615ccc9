/** What the demo prints once it runs: where to look, what to try. */

import { join, relative } from 'node:path';
import type { DemoPlan } from './demo-plan.ts';
import type { ServiceAddress } from './service.ts';

export interface DemoTextOptions {
  readonly color: boolean;
}

export function demoText(plan: DemoPlan, options: DemoTextOptions): string {
  const bold = (text: string) => (options.color ? `\u001b[1m${text}\u001b[22m` : text);
  const dim = (text: string) => (options.color ? `\u001b[2m${text}\u001b[22m` : text);
  const link = (text: string) => (options.color ? `\u001b[36m${text}\u001b[39m` : text);
  const rules = relative('', join(plan.folder, 'reviews.yaml'));
  const page = `${url(plan.gateway)}/productpage`;
  const reviews = `${url(plan.gateway)}/api/v1/products/0/reviews`;
  const row = (name: string, where: string, what: string) =>
    `  ${bold(name.padEnd(8))}${link(`${where} `.padEnd(40))}${dim(what)}`;
  return `
  ${bold('sluice demo')}  bookinfo is running

${row('Page', page, 'reload it; sign in as jason')}
${row('Rules', rules, 'change a weight and save')}
${row('Admin', url(plan.admin), '/clusters /config_dump /stats/prometheus')}
${row('Mesh', url(plan.mesh), 'how the services call each other')}

  ${bold('Try')}
    ${dim('# which version of reviews answers')}
    curl -s ${reviews}
    ${dim('# the same as jason, who is sent to v2')}
    curl -s -H 'cookie: session=jason' ${reviews}
    ${dim('# call a service by its name, through the mesh listener')}
    curl -s -x ${url(plan.mesh)} http://reviews:9080/reviews/0

  ${dim('Ctrl-C stops it. Requests, as they come in:')}
`;
}

function url(address: ServiceAddress): string {
  return `http://${address.host}:${address.port}`;
}
