/** The part of bittorrent-dht that the tests use: it comes without types. */
declare module 'bittorrent-dht' {
  import type { EventEmitter } from 'node:events';

  interface Answer {
    readonly r?: { readonly nodes?: Uint8Array };
  }

  // oxlint-disable-next-line import/no-default-export -- as the package has it
  export default class DHT extends EventEmitter {
    readonly nodeId: Uint8Array;
    readonly _rpc: {
      query(
        node: { readonly host: string; readonly port: number },
        query: { readonly q: string; readonly a: Readonly<Record<string, Uint8Array>> },
        answered: (error: Error | null, answer?: Answer) => void,
      ): void;
    };
    constructor(options: { readonly bootstrap: readonly string[]; readonly host: string });
    listen(port: number, address: string): void;
    lookup(infoHash: string): void;
    override on(event: 'error', listener: (error: Error) => void): this;
    override on(
      event: 'peer',
      listener: (peer: { readonly host: string; readonly port: number }, infoHash: Buffer) => void,
    ): this;
  }
}
