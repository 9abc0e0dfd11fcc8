import type { BencodeValue } from '../bencode/bencode.ts';
import { show } from './fields.ts';

/** Most sentences that are kept: a torrent may have a hundred thousand odd fields. */
const MAX_NOTES = 20;

/** What of a torrent was read otherwise than it stands there: sentences for people. */
export class Notes {
  readonly list: string[] = [];

  add(text: string): void {
    if (this.list.length < MAX_NOTES) this.list.push(text);
    else if (this.list.length === MAX_NOTES) this.list.push('There is more of the kind.');
  }

  /** A field that nothing depends on was left out. */
  leftOut(field: string, value: BencodeValue | undefined, expected: string): void {
    this.add(`"${field}" is ${show(value)} and was left out: it should be ${expected}.`);
  }
}
