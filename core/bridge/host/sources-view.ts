import { type Millis, wholeSeconds } from '../../base/ids.ts';
import type { DhtNodeSnapshot, SourceSnapshot } from '../../engine/engine.ts';
import type { DhtNodeView, SourcesView, TrackerView, WayView, WebSeedView } from '../views.ts';

/** What a window shows of a download's sources of peers. */
export function sourcesView(sources: readonly SourceSnapshot[], nodes: readonly DhtNodeSnapshot[]): SourcesView {
  const trackers: TrackerView[] = [];
  const ways: WayView[] = [];
  const webSeeds: WebSeedView[] = [];
  for (const source of sources) {
    const { kind, identity } = source;
    switch (kind) {
      case 'tracker':
        for (const one of source.trackers) {
          trackers.push({ message: null, seeds: null, leechers: null, ...one, identity, next: secondsOf(one.next) });
        }
        break;
      case 'dht': {
        const { state, nodes: answered, announced, next } = source;
        ways.push({ kind, identity, state, nodes: answered, announced, next: secondsOf(next) });
        break;
      }
      case 'pex':
        ways.push({ kind, identity });
        break;
      case 'lsd':
        ways.push({ kind, identity, next: secondsOf(source.next) });
        break;
      case 'web':
        for (const one of source.seeds) webSeeds.push({ message: null, ...one, identity });
        break;
      default:
        kind satisfies never;
    }
  }
  return { trackers, ways, webSeeds, nodes: nodes.map(nodeView) };
}

function nodeView({ address, port, family, state, nodes, readOnly, externalAddress }: DhtNodeSnapshot): DhtNodeView {
  return { address, port, family, state, nodes: nodes.good, readOnly, externalAddress: externalAddress ?? null };
}

const secondsOf = (span: Millis | undefined): Millis | null => (span === undefined ? null : wholeSeconds(span));
