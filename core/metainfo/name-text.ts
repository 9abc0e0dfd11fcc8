import { textOf } from './fields.ts';

/** How the bytes of a torrent's names become text: UTF-8, and what is none in the encoding that the torrent states. */
export class NameText {
  /** The label of the encoding (WHATWG), where it is one that names are read in. */
  readonly encoding: string | undefined;
  readonly #decoder: InstanceType<typeof TextDecoder> | undefined;

  /** `label`: the torrent's `encoding`; one that nobody knows counts as none. */
  constructor(label: string | undefined) {
    try {
      this.#decoder = label === undefined ? undefined : new TextDecoder(label.trim(), { ignoreBOM: true });
    } catch {
      // Such bytes become U+FFFD, as in libtorrent.
    }
    if (this.#decoder?.encoding === 'utf-8') this.#decoder = undefined;
    this.encoding = this.#decoder?.encoding;
  }

  of(bytes: Uint8Array): string {
    const text = textOf(bytes);
    return this.#decoder !== undefined && text.includes('\ufffd') ? this.#decoder.decode(bytes) : text;
  }
}
