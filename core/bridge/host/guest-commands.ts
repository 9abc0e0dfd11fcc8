import type { CommandName } from '../contract.ts';

/** What other programs may tell a command that has one download and no list of them. */
export const GUEST_COMMANDS: ReadonlySet<CommandName> = new Set([
  'list',
  'look',
  'pause',
  'resume',
  'change',
  'setPriority',
  'announce',
  'addPeers',
  'pieceSource',
  'restartIdentity',
  'dhtNodes',
  'paths',
]);
