import { type ReactNode, useCallback, useRef, useState } from 'react';
import type { DownloadView, IdentityView } from '../../../core/bridge/views.ts';
import { format } from '../../format/format.ts';
import { MISSING, NOT_WANTED, SLOT } from '../../pieces/codes.ts';
import { describeMap, type TipFacts, tipOf } from '../../pieces/describe.ts';
import { ExplorableMap } from '../../pieces/explorable-map.tsx';
import type { MapData } from '../../pieces/map-data.ts';
import { Swatch } from '../../pieces/swatch.tsx';
import { useBridge, useServices, useUi } from '../../stores/context.tsx';
import { hasSeveral } from '../../stores/list.ts';
import { ui } from '../../stores/ui-store.ts';
import { text } from '../../texts/en.ts';
import styles from './map-card.module.css';

const NONE: readonly IdentityView[] = [];

/** The whole's piece map with its legend: the largest thing on the screen. */
export function MapCard({ download }: { readonly download: DownloadView }): ReactNode {
  const detail = useBridge((state) => (state.detail?.key === download.key ? state.detail : undefined));
  const data = useBridge((state) => (state.detail?.key === download.key ? state.map : undefined));
  const identities = detail?.identities ?? NONE;
  const files = detail?.files ?? null;
  const words = text.detail.map;
  const several = hasSeveral(download);
  return (
    <figure className={styles['card']}>
      <figcaption className={styles['legend']}>
        <b className={styles['title']}>{several ? words.title : words.plainTitle}</b>
        {several && <IdentityLegend count={Math.max(identities.length, download.options.identities)} />}
        <KindLegend download={download} />
      </figcaption>
      {data && data.count > 0 ? (
        <TheMap data={data} download={download} identities={identities} files={files} />
      ) : (
        <div className={styles['waiting']}>{words.waiting}</div>
      )}
    </figure>
  );
}

function TheMap(props: {
  readonly data: MapData;
  readonly download: DownloadView;
  readonly identities: readonly IdentityView[];
  readonly files: TipFacts['files'];
}): ReactNode {
  const { data, download, identities, files } = props;
  const only = useUi((state) => state.only);
  const { key, pieceLength, name } = download;
  const several = hasSeveral(download);
  const [source, onPoint] = usePieceSource(key, data);
  const tip = useCallback(
    (from: number, to: number) => tipOf(data, from, to, { pieceLength, files, name, source, several }, format),
    [data, pieceLength, files, name, source, several],
  );
  const description = describeMap(download.piecesHave, download.piecesTotal, several ? identities : NONE, format);
  return (
    <ExplorableMap
      data={data}
      size="map"
      label={several ? text.detail.map.title : text.detail.map.plainTitle}
      description={description}
      only={only}
      tip={tip}
      onPoint={onPoint}
    />
  );
}

/** Where the piece came from that was last pointed at. It is asked for only then, as nobody looks at the others. */
function usePieceSource(
  key: DownloadView['key'],
  data: MapData,
): readonly [TipFacts['source'], (from: number, to: number) => void] {
  const { client } = useServices();
  const [source, setSource] = useState<TipFacts['source']>();
  const pointed = useRef(-1);
  const onPoint = useCallback(
    (piece: number, end: number) => {
      const fetched = end - piece === 1 && (data.codes[piece] ?? MISSING) < NOT_WANTED;
      if (fetched && pointed.current === piece) return;
      pointed.current = fetched ? piece : -1;
      if (!fetched) return;
      const tell = (from: readonly string[]): void => {
        if (pointed.current === piece) setSource({ piece, from });
      };
      client.call('pieceSource', { key, piece }).then(tell, () => tell([]));
    },
    [client, key, data],
  );
  return [source, onPoint];
}

/** A button for each identity, which shows it alone or all again. */
function IdentityLegend({ count }: { readonly count: number }): ReactNode {
  const only = useUi((state) => state.only);
  const words = text.detail.map;
  return (
    <div className={styles['identities']} role="group" aria-label={words.legend}>
      {Array.from({ length: count }, (_, i) => (
        <button
          key={i}
          type="button"
          className={`${styles['key']} ${only !== undefined && only !== i ? styles['dim'] : ''}`}
          aria-label={words.focus(format.count(i + 1))}
          aria-pressed={only === i}
          onClick={() => ui.setState({ only: only === i ? undefined : i })}
        >
          <Swatch slot={i} />
          {format.count(i + 1)}
        </button>
      ))}
    </div>
  );
}

function KindLegend({ download }: { readonly download: DownloadView }): ReactNode {
  const words = text.detail.map;
  const chosen = download.bytesWanted < download.bytesTotal;
  return (
    <div className={styles['kinds']}>
      {!hasSeveral(download) && (
        <span className={styles['kind']}>
          <Swatch slot={0} />
          {words.there}
        </span>
      )}
      {chosen && (
        <span className={styles['kind']}>
          <Swatch slot={SLOT.unwanted} />
          {words.unwanted}
        </span>
      )}
      <span className={styles['kind']}>
        <Swatch slot={SLOT.before} arriving />
        {words.arriving}
      </span>
      <span className={styles['kind']}>
        <Swatch slot={SLOT.missing} />
        {words.missing}
      </span>
    </div>
  );
}
