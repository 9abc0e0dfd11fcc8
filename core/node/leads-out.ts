import { createSocket } from 'node:dgram';
import { FAR } from '../base/far.ts';

/** What the system says where no route leads there, or one that refuses; EINVAL: none from this address. */
const NO_WAY: readonly string[] = ['ENETUNREACH', 'EHOSTUNREACH', 'ENETDOWN', 'EACCES', 'EINVAL'];
/** Any port: nothing is sent. */
const PORT = 9;

/** See `Net.leadsOut`. Connecting a socket of UDP looks the way up, from the address to which it is bound, and sends nothing. */
export function leadsOut(family: 4 | 6, from: string | undefined): Promise<boolean | undefined> {
  return new Promise((resolve) => {
    const far = FAR[family];
    const socket = createSocket({
      type: family === 6 ? 'udp6' : 'udp4',
      lookup: (host, _, found) => found(null, host, family),
    });
    const end = (leads: boolean | undefined): void => {
      socket.removeAllListeners().on('error', () => {});
      socket.close();
      resolve(leads);
    };
    // It cannot be bound: the address is gone, or too many files are open.
    socket.once('error', () => end(undefined));
    const connect = (): void => {
      socket.connect(PORT, far, (error?: Error & { readonly code?: string }) => {
        if (error === undefined || error === null) end(true);
        else end(NO_WAY.includes(error.code ?? '') ? false : undefined);
      });
    };
    if (from === undefined) connect();
    else socket.bind({ address: from, exclusive: true }, connect);
  });
}
