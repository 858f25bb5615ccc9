/** Where `sluice run --takeover` asks to take the place of this process. */

import { type AdminEndpoint, json, parameter, text } from '../admin-endpoint.ts';

export const takeover: AdminEndpoint = {
  path: '/takeover',
  mutation: true,
  help: 'name a socket at which another process of this user can take the place of this one',
  parameters: [parameter('protocol', 'the version of it that the other process speaks')],
  handle: async ({ query, isLocal }, state) => {
    if (!isLocal) return text('only a process of this machine can take its place\n', 403);
    const invitation = await state.inviteTakeover(query.get('protocol') ?? '');
    return invitation.ok ? json(invitation.value) : text(`${invitation.error}\n`, 409);
  },
};
