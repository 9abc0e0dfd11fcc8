import type { IdentityIndex, Millis } from '../../../core/base/ids.ts';
import type { PeerSourceKind } from '../../../core/base/peer-source.ts';
import type { DhtNodeView, DownloadView, IdentityView, SourcesView, WayView } from '../../../core/bridge/views.ts';
import type { Ways } from '../../../core/engine/statuses.ts';

/** What the DHT says of itself: nodes of others that ours know, by family; who answered the last search, and who took the announce. */
export interface DhtFigures {
  readonly known: { readonly 4: number; readonly 6: number };
  readonly answered: number;
  readonly announced: number;
}

export type SourceState =
  | { readonly word: 'off' | 'on' | 'none' }
  | { readonly word: 'trackers'; readonly working: number; readonly total: number }
  | { readonly word: 'joining' }
  | ({ readonly word: 'searching' | 'joined' } & DhtFigures);

/** One line of the table of sources. */
export interface SourceRow {
  readonly kind: PeerSourceKind;
  /** Whose it is; `null`: of all identities together. */
  readonly identity: IdentityIndex | null;
  /** `null`: it is nothing that we ask. */
  readonly state: SourceState | null;
  /** `null`: it names nobody. */
  readonly found: number | null;
  readonly connected: number;
  /** Until the next announce or search. */
  readonly next: Millis | null;
}

export interface RowsInput {
  readonly sources: SourcesView;
  readonly identities: readonly IdentityView[];
  readonly download: Pick<DownloadView, 'private' | 'options'>;
  /** What all downloads may use. */
  readonly ways: Pick<Ways, 'dht' | 'pex' | 'lsd'>;
}

/** Where the peers of a download come from: a line a source, and a line an identity where they differ in more than figures. */
export function sourceRows({ sources, identities, download, ways }: RowsInput): SourceRow[] {
  const rows: SourceRow[] = [trackersRow(sources, identities)];
  for (const kind of download.private ? [] : (['dht', 'pex', 'lsd'] as const)) {
    const allowed = ways[kind] && download.options[kind];
    const own = sources.ways.filter((way) => way.kind === kind);
    const using = allowed ? own.filter((way) => way.kind !== 'dht' || way.state !== 'off') : [];
    if (using.length === 0)
      rows.push({ ...given(kind, identities), identity: null, state: { word: 'off' }, next: null });
    else {
      const each = using.map((way) => wayRow([way], sources.nodes, identities, way.identity));
      // Searching and waiting take turns all the time.
      const unlike = new Set(each.map(({ state }) => state?.word === 'joining')).size > 1;
      rows.push(...(unlike ? each : [wayRow(using, sources.nodes, identities, null)]));
    }
  }
  for (const kind of ['incoming', 'user', 'magnet'] as const) {
    const { connected } = given(kind, identities);
    if (connected > 0) rows.push({ kind, identity: null, state: null, found: null, connected, next: null });
  }
  return rows;
}

/** All is said of the trackers in a table of their own. */
function trackersRow({ trackers }: SourcesView, identities: readonly IdentityView[]): SourceRow {
  const working = new Set(trackers.filter(({ state }) => state === 'working').map(({ url }) => url)).size;
  const total = new Set(trackers.map(({ url }) => url)).size;
  return {
    ...given('tracker', identities),
    identity: null,
    state: total === 0 ? { word: 'none' } : { word: 'trackers', working, total },
    next: soonest(trackers),
  };
}

function wayRow(
  ways: readonly WayView[],
  nodes: readonly DhtNodeView[],
  identities: readonly IdentityView[],
  identity: IdentityIndex | null,
): SourceRow {
  const kind = ways[0]?.kind ?? 'dht';
  const whose = identities.filter(({ index }) => identity === null || index === identity);
  return {
    ...given(kind, whose),
    identity,
    state: stateOf(ways, nodes, whose),
    next: soonest(ways.map((way) => ({ next: way.kind === 'pex' ? null : way.next }))),
  };
}

function stateOf(
  ways: readonly WayView[],
  nodes: readonly DhtNodeView[],
  identities: readonly IdentityView[],
): SourceState {
  const dht = ways.filter((way) => way.kind === 'dht');
  if (dht.length === 0) return { word: 'on' };
  // An identity without an address of its own uses them all.
  const serving = nodes.filter((node) =>
    identities.some(({ address }) => address === null || address === node.address),
  );
  // The first search is begun while its node still looks for others.
  const alone = serving.length > 0 && serving.every(({ state }) => state !== 'joined');
  if (alone || dht.every(({ state }) => state === 'joining')) return { word: 'joining' };
  const known = (family: 4 | 6): number =>
    sum(serving.filter((node) => node.family === family).map((node) => node.nodes));
  return {
    word: dht.some(({ state }) => state === 'searching') ? 'searching' : 'joined',
    known: { 4: known(4), 6: known(6) },
    answered: sum(dht.map((way) => way.nodes)),
    announced: sum(dht.map((way) => way.announced)),
  };
}

/** What a source gave these identities. */
function given(
  kind: PeerSourceKind,
  identities: readonly IdentityView[],
): Pick<SourceRow, 'kind' | 'found' | 'connected'> {
  const counts = identities.map(({ sources }) => sources[kind]);
  return { kind, found: sum(counts.map((one) => one?.found)), connected: sum(counts.map((one) => one?.connected)) };
}

function soonest(all: readonly { readonly next: Millis | null }[]): Millis | null {
  return all.reduce<Millis | null>(
    (min, { next }) => (next === null || (min !== null && min <= next) ? min : next),
    null,
  );
}

const sum = (figures: readonly (number | undefined)[]): number => figures.reduce<number>((a, b) => a + (b ?? 0), 0);
