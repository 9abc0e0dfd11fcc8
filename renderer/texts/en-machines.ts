import type { CollectMode } from '../../core/base/choices.ts';

const collect: Readonly<Record<CollectMode, { name: string; what: string }>> = {
  all: { name: 'On every machine', what: 'Each fetches from the others what these have, and ends with the whole.' },
  here: { name: 'Here', what: 'This machine ends with the whole; those that say nothing else keep their part.' },
  none: { name: 'Not here', what: 'It fetches its part alone. “Assemble file” fetches the rest from the others.' },
};

/** What is said of machines that share out a download. */
export const machineTexts = {
  with: 'With other machines',
  withHint:
    'Each fetches a part of the same torrent by its own line. They agree on that at a NATS server that all of them reach.',
  address: 'Where they meet',
  addressHint:
    'nats://SERVER/NAME, or tls://SERVER/NAME if encrypted. All use the same name. Three servers with commas: a cluster.',
  addressWrong: 'Give nats://SERVER/NAME, such as nats://10.0.0.1/film; the name has letters, digits, - and _.',
  user: 'User, or a token',
  password: 'Password',
  userMissing: 'Say whose password it is. A token stands here alone.',
  creds: 'Credentials file',
  ca: 'Certificates to trust',
  chosen: (name: string, size: string) => `${name}, ${size}`,
  forget: (what: string) => `Use no file: ${what}`,
  tooLarge: 'That is no such file: it is too large.',
  unreadable: (name: string) => `${name} cannot be read.`,
  collect: 'Where it comes together',
  collects: collect,
  limit: 'Between the machines',
  limitHint: 'kB/s each way; 0 means no limit.',
  one: 'This machine takes part as one identity.',
  privateConfirm: 'Use several machines on this private torrent',
  machine: 'another machine',
  own: 'this machine',
  others: (count: number, figure: string) =>
    count === 0 ? 'no other machine yet' : count === 1 ? 'with 1 other machine' : `with ${figure} other machines`,
  joining: (place: string) => `Looking for the other machines at ${place}.`,
  needed: 'It stays as long as other machines fetch what is here.',
  done: 'Nothing is left to fetch from the swarm: what is missing here lies with the other machines.',
} as const;
