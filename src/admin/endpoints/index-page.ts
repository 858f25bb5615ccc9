/** The index: every path with a form for its parameters, as one page without scripts. */

import { escapeHtml } from '../../base/html-text.ts';
import type { AdminEndpoint, DescribedParameter } from '../admin-endpoint.ts';
import type { RunningState } from '../running-state.ts';
import { parametersOf } from './help.ts';

/** `others` is filled with this one as well. */
export function createIndex(others: () => readonly AdminEndpoint[]): AdminEndpoint {
  return {
    path: '/',
    mutation: false,
    help: 'this list as a page',
    parameters: [],
    handle: (_request, state) => ({
      status: 200,
      contentType: 'text/html; charset=utf-8',
      body: indexPage(others(), state),
    }),
  };
}

const style = `
:root { color-scheme: light dark; --ink: #1d2730; --soft: #5c6b78; --line: #dce3e8; --page: #f5f7f9;
  --card: #fff; --accent: #0b6e99; --warn: #a2431b; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4eaef; --soft: #9fb0bd; --line: #34424e;
  --page: #151c22; --card: #1d2730; --accent: #6cc3e8; --warn: #f0a27e; } }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page);
  margin: 0 auto; max-width: 62rem; padding: 2rem 1rem 4rem; }
h1 { font-size: 1.5rem; margin: 0; }
h2 { font-size: 1rem; color: var(--soft); margin: 2rem 0 .5rem; }
header { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; align-items: baseline; }
header span { color: var(--soft); }
header b { color: var(--ink); font-weight: 600; }
ul { list-style: none; margin: 0; padding: 0; background: var(--card); border-radius: .5rem;
  border: 1px solid var(--line); }
li { display: grid; grid-template-columns: minmax(12rem, 1fr) 2fr; gap: 0 1rem;
  padding: .55rem 1rem; border-top: 1px solid var(--line); }
li:first-child { border-top: 0; }
p { margin: 0; }
a, button, code { font: 600 .9rem/1.6 ui-monospace, monospace; }
a, button { color: var(--accent); }
a, button, code { overflow-wrap: anywhere; }
a { text-decoration: none; }
a:hover { text-decoration: underline; }
form { display: contents; }
button { background: none; border: 1px solid currentcolor; border-radius: .3rem; cursor: pointer;
  justify-self: start; align-self: start; padding: 0 .5rem; text-align: left; }
.post button { color: var(--warn); }
fieldset { border: 0; margin: .3rem 0 .2rem; padding: 0; display: grid; gap: .3rem; }
label { display: grid; grid-template-columns: 10rem 11rem 1fr; gap: .6rem; align-items: center;
  font-size: .85rem; color: var(--soft); }
label code { font-weight: 400; color: var(--ink); }
input, select { font: inherit; color: inherit; background: var(--page); padding: .1rem .3rem;
  border: 1px solid var(--line); border-radius: .3rem; min-width: 0; }
input[type=checkbox] { justify-self: start; }
@media (max-width: 46rem) { li, label { grid-template-columns: 1fr; } }
`;

function indexPage(endpoints: readonly AdminEndpoint[], state: RunningState): string {
  const rest = endpoints.filter(({ path }) => path !== '/');
  const api = rest.filter(({ path }) => path.startsWith('/api/'));
  const paths = rest.filter(({ path }) => !path.startsWith('/api/'));
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>sluice admin</title>
<style>${style}</style>
</head>
<body>
${statusLine(state)}
${section(
  'Look',
  paths.filter(({ mutation }) => !mutation),
)}
${section(
  'Change',
  paths.filter(({ mutation }) => mutation),
)}
${section('JSON for programs', api)}
</body>
</html>
`;
}

function statusLine(state: RunningState): string {
  const { version, findings, mesh } = state.config();
  const facts = [
    ['state', state.lifecycle()],
    ['version', state.version],
    ['up', `${Math.floor(state.uptimeSeconds())} s`],
    ['proxy', `${mesh.proxy.workload}.${mesh.proxy.namespace}`],
    ['configuration', `${version}`],
    ['findings', `${findings.length}`],
  ] as const;
  const shown = facts.map(([name, value]) => `<span>${name} <b>${escapeHtml(value)}</b></span>`);
  return `<header><h1>sluice admin</h1>${shown.join('')}</header>`;
}

function section(title: string, endpoints: readonly AdminEndpoint[]): string {
  if (endpoints.length === 0) return '';
  return `<h2>${title}</h2>\n<ul>\n${endpoints.map(row).join('\n')}\n</ul>`;
}

/** A mutation is a button, so that nothing follows it by accident. */
function row(endpoint: AdminEndpoint): string {
  const { path, mutation } = endpoint;
  const parameters = parametersOf(endpoint);
  const help = `<p>${escapeHtml(endpoint.help)}</p>`;
  if (path.includes('{')) return `<li><code>${escapeHtml(path)}</code>${help}</li>`;
  if (!mutation && parameters.length === 0) {
    return `<li><p><a href="${path}">${path}</a></p>${help}</li>`;
  }
  const fields = parameters.map(field).join('');
  const set = fields === '' ? '' : `<fieldset>${fields}</fieldset>`;
  const method = mutation ? 'post' : 'get';
  return (
    `<li class="${method}"><form method="${method}" action="${path}"><button>${path}</button>` +
    `<div>${help}${set}</div></form></li>`
  );
}

function field({ name, help, takes }: DescribedParameter): string {
  // Upper case stands for a name that is chosen.
  if (/^[A-Z]+$/.test(name)) return '';
  return `<label><code>${name}</code>${control(name, takes)}<span>${escapeHtml(help)}</span></label>`;
}

function control(name: string, takes: DescribedParameter['takes']): string {
  if (takes === 'text') return `<input name="${name}">`;
  if (takes === 'flag') return `<input type="checkbox" name="${name}">`;
  const options = takes.map((value) => `<option>${escapeHtml(value)}</option>`);
  return `<select name="${name}">${options.join('')}</select>`;
}
