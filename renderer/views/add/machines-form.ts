import type { CollectMode } from '../../../core/base/choices.ts';
import { isPlace, type StoreChoice } from '../../../core/base/store-place.ts';

/** A file that was read for its text. */
export interface ReadText {
  readonly name: string;
  readonly text: string;
}

/** With which other machines a download is shared out, as it is typed. */
export interface MachinesForm {
  readonly on: boolean;
  readonly address: string;
  readonly user: string;
  readonly password: string;
  readonly creds: ReadText | undefined;
  readonly ca: ReadText | undefined;
  readonly collect: CollectMode;
  /** kB/s; 0: none. */
  readonly limit: string;
}

export const NO_MACHINES: MachinesForm = {
  on: false,
  address: '',
  user: '',
  password: '',
  creds: undefined,
  ca: undefined,
  collect: 'all',
  limit: '0',
};

/** Most characters of a file of credentials, and of one of certificates. */
export const MOST_TEXT = { creds: 16_384, ca: 262_144 } as const;

/** Where they meet; undefined where what was typed names no such place. */
export function meetingIn({ address, user, password, creds, ca }: MachinesForm): StoreChoice | undefined {
  const typed = address.trim();
  const full = /^[a-z]+:\/\//i.test(typed) ? typed : `nats://${typed}`;
  const [name, word] = [user.trim(), password].map(encodeURIComponent);
  const login = name === '' ? '' : word === '' ? `${name}@` : `${name}:${word}@`;
  const url = full.replace('://', `://${login}`);
  if (!isPlace(url)) return undefined;
  return { url, ...(creds && { creds: creds.text }), ...(ca && { ca: ca.text }) };
}
