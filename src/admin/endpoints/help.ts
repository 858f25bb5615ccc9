/** /help and the index: which paths there are. */

import { type AdminEndpoint, text } from '../admin-endpoint.ts';

/** `others` is filled with these two as well. */
export function createHelp(others: () => readonly AdminEndpoint[]): AdminEndpoint {
  return {
    path: '/help',
    mutation: false,
    help: 'print this list',
    parameters: [],
    handle: () => text(helpText(others())),
  };
}

export function createIndex(others: () => readonly AdminEndpoint[]): AdminEndpoint {
  return {
    path: '/',
    mutation: false,
    help: 'this list as a page',
    parameters: [],
    handle: () => ({
      status: 200,
      contentType: 'text/html; charset=utf-8',
      body: indexPage(others()),
    }),
  };
}

export function helpText(endpoints: readonly AdminEndpoint[]): string {
  const lines = endpoints.map((endpoint) => {
    const method = endpoint.mutation ? ' (POST)' : '';
    const parameters = endpoint.parameters.map((name) => ` [${name}]`).join('');
    return `  ${endpoint.path}${method}${parameters}: ${endpoint.help}\n`;
  });
  return `admin commands are:\n${lines.join('')}`;
}

function indexPage(endpoints: readonly AdminEndpoint[]): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>sluice admin</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 52rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
td { border-top: 1px solid #ccc; padding: .4rem .6rem; vertical-align: top; }
form { margin: 0; }
</style>
</head>
<body>
<h1>sluice admin</h1>
<table>
${endpoints.map(indexRow).join('\n')}
</table>
</body>
</html>
`;
}

/** A mutation is a button, so that nothing follows it by accident. */
function indexRow(endpoint: AdminEndpoint): string {
  const { path, mutation } = endpoint;
  const link = mutation
    ? `<form method="post" action="${path}"><button>${path}</button></form>`
    : `<a href="${path}">${path}</a>`;
  const parameters = endpoint.parameters.map((name) => `<code>${name}</code>`).join(' ');
  return `<tr><td>${link}</td><td>${escapeHtml(endpoint.help)}</td><td>${parameters}</td></tr>`;
}

function escapeHtml(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
