import { formatEndpoint } from '../../base/endpoint.ts';
import { type Bytes, bytesPerSecond, type Millis, millis } from '../../base/ids.ts';
import type { PeerStatus } from '../../engine/statuses.ts';

/** How far back the rates of peers look. */
const SPAN = millis(4000);

type Totals = Map<string, { readonly down: Bytes; readonly up: Bytes }>;

/** The rates of the last seconds of each peer in a list that comes again and again, as they are shown to people. */
export class PeerRates {
  /** The lists of the last seconds, oldest first. */
  #lists: { readonly at: Millis; readonly totals: Totals }[] = [];

  /** The same list; a peer that was in none before keeps the rate that it came with. */
  shown(list: readonly PeerStatus[], now: Millis): readonly PeerStatus[] {
    // Lists that came before nobody looked for a while say nothing.
    this.#lists = this.#lists.filter(({ at }) => now - at <= SPAN);
    const shown = list.map((peer) => {
      const key = formatEndpoint(peer.endpoint);
      const before = this.#lists.find(({ totals }) => totals.has(key));
      const then = before?.totals.get(key);
      if (before === undefined || then === undefined || now <= before.at) return peer;
      const rate = (total: number, earlier: number) =>
        bytesPerSecond((1000 * Math.max(0, total - earlier)) / (now - before.at));
      return { ...peer, down: rate(peer.downloaded, then.down), up: rate(peer.uploaded, then.up) };
    });
    const totals: Totals = new Map(
      list.map(({ endpoint, downloaded, uploaded }) => [formatEndpoint(endpoint), { down: downloaded, up: uploaded }]),
    );
    this.#lists.push({ at: now, totals });
    return shown;
  }
}
