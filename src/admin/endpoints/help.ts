/** /help: which paths there are, in the form of Envoy's. */

import { type AdminEndpoint, type DescribedParameter, text } from '../admin-endpoint.ts';

/** `others` is filled with this one as well. */
export function createHelp(others: () => readonly AdminEndpoint[]): AdminEndpoint {
  return {
    path: '/help',
    mutation: false,
    help: 'print this list',
    parameters: [],
    handle: () => text(helpText(others())),
  };
}

export function helpText(endpoints: readonly AdminEndpoint[]): string {
  return `admin commands are:\n${endpoints.map(endpointHelp).join('')}`;
}

function endpointHelp(endpoint: AdminEndpoint): string {
  const method = endpoint.mutation ? ' (POST)' : '';
  const parameters = parametersOf(endpoint).map(parameterHelp);
  return `  ${endpoint.path}${method}: ${endpoint.help}\n${parameters.join('')}`;
}

function parameterHelp({ name, help, takes }: DescribedParameter): string {
  const values = typeof takes === 'string' ? '' : `one of (${takes.filter(isSaid).join(', ')})`;
  const said = [help, values].filter(isSaid).join('; ');
  return `      ${name}${said === '' ? '' : `: ${said}`}\n`;
}

/** A form may leave a parameter empty, which is the same as leaving it out. */
function isSaid(part: string): boolean {
  return part !== '';
}

export function parametersOf({ parameters }: AdminEndpoint): readonly DescribedParameter[] {
  return parameters.map((parameter) =>
    typeof parameter === 'string' ? { name: parameter, help: '', takes: 'text' } : parameter,
  );
}
