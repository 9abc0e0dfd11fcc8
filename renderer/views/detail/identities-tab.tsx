import { RotateCcw } from 'lucide-react';
import { memo, type ReactNode } from 'react';
import type { DownloadView, IdentityView } from '../../../core/bridge/views.ts';
import type { IdentityIndex, TorrentKey } from '../../../core/base/ids.ts';
import { formatEndpoint } from '../../../core/base/endpoint.ts';
import { waitText } from '../../../core/engine/link-rules.ts';
import { format } from '../../format/format.ts';
import { Hint } from '../../parts/hint.tsx';
import { IconButton } from '../../parts/icon-button.tsx';
import type { MapData } from '../../pieces/map-data.ts';
import { PieceMap } from '../../pieces/piece-map.tsx';
import { Swatch } from '../../pieces/swatch.tsx';
import { useActions, useBridge, useUi } from '../../stores/context.tsx';
import { ui } from '../../stores/ui-store.ts';
import { text } from '../../texts/en.ts';
import styles from './identities-tab.module.css';
import { reachabilityWords } from './reachability.ts';
import table from './table.module.css';
import tones from '../../parts/tones.module.css';

const words = text.detail.identities;
/** For how long a restart is shown instead of the state, in milliseconds. */
const RECENT = 60_000;

/** One row for each identity, with a piece map of its own. */
export function IdentitiesTab({ download }: { readonly download: DownloadView }): ReactNode {
  const identities = useBridge((state) => state.detail?.identities);
  const map = useBridge((state) => state.map);
  const only = useUi((state) => state.only);
  // It has not been told yet.
  if (!identities) return null;
  if (identities.length === 0) return <p className={table['empty']}>{words.empty}</p>;
  const over = download.piecesToGo === 0 && download.piecesTotal > 0;
  const { columns } = words;
  return (
    <div className={table['scroll']}>
      <table className={table['table']} aria-label={words.table}>
        <thead>
          <tr>
            <th scope="col">{columns.identity}</th>
            <th scope="col">{columns.pieces}</th>
            {(
              [
                [columns.fetched, ''],
                [columns.down, ''],
                [columns.up, table['leavesFirst']],
                [columns.peers, table['leavesNext']],
                [over ? columns.took : columns.left, table['leavesNext']],
              ] as const
            ).map(([name, leaves]) => (
              <th key={name} scope="col" className={`${table['number']} ${leaves}`}>
                {name}
              </th>
            ))}
            <th scope="col">
              <span className="visually-hidden">{columns.actions}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {identities.map((identity) => (
            <IdentityRow
              key={identity.index}
              identity={identity}
              download={download}
              map={map}
              over={over}
              dim={only !== undefined && only !== identity.index}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps {
  readonly identity: IdentityView;
  readonly download: DownloadView;
  readonly map: MapData | undefined;
  readonly over: boolean;
  readonly dim: boolean;
}

const IdentityRow = memo(function IdentityRow({ identity, download, map, over, dim }: RowProps): ReactNode {
  const { index, pieces } = identity;
  const figure = format.count(index + 1);
  const address = whereOf(identity, download);
  const name = words.name(figure);
  const gone = ['left', 'given-up', 'silent', 'paused'].includes(identity.state);
  const rate = (value: number): string => (gone ? text.none : format.rate(value));
  const time =
    over && identity.machine === null
      ? format.clock(identity.active)
      : over || identity.timeLeft === null
        ? text.none
        : format.clock(identity.timeLeft);
  const fixed = download.options.selection === 'fixed' && download.options.identities > 1;
  // What is here is less than what all machines have.
  const of = download.meeting === null ? download.piecesHave : download.piecesTotal;
  const part = fixed ? `/ ${format.count(pieces + identity.claimed)}` : format.percent(of === 0 ? 0 : pieces / of);
  return (
    <tr
      aria-label={name}
      className={dim ? styles['dim'] : ''}
      onClick={() => ui.setState(({ only }) => ({ only: only === index ? undefined : index }))}
    >
      <th scope="row" className={styles['who']}>
        <Swatch slot={index} />
        <span className={styles['name']}>{name}</span> <StateWords identity={identity} />
        <span className={styles['where']}>
          <span className={styles['address']} title={address}>
            {address}
          </span>
          {!gone && identity.machine === null && <Reachable identity={identity} />}
        </span>
      </th>
      <td className={styles['map']}>
        {map && (
          <PieceMap
            data={map}
            size="band"
            own={index}
            label={words.map(figure)}
            description={words.describe(format.count(pieces), format.count(download.piecesTotal))}
          />
        )}
      </td>
      <td
        className={table['number']}
        title={words.shareOf(format.count(pieces), format.count(pieces + identity.claimed))}
      >
        {format.count(pieces)}
        <span className={styles['part']}>{part}</span>
      </td>
      <td className={`${table['number']} ${styles['rate']}`}>{rate(identity.down)}</td>
      <td className={`${table['number']} ${styles['rate']} ${table['leavesFirst']}`}>{rate(identity.up)}</td>
      <td className={`${table['number']} ${table['leavesNext']}`} title={words.seeds(format.count(identity.seeds))}>
        {gone ? text.none : format.count(identity.peers)}
      </td>
      <td className={`${table['number']} ${styles['time']} ${table['leavesNext']}`}>{time}</td>
      <td className={styles['action']}>
        {identity.machine === null && (
          <RestartButton torrent={download.key} index={index} disabled={identity.pid === null} />
        )}
      </td>
    </tr>
  );
});

/** Drawn apart from its row, whose figures change several times a second. */
const RestartButton = memo(function RestartButton(props: {
  readonly torrent: TorrentKey;
  readonly index: IdentityIndex;
  readonly disabled: boolean;
}): ReactNode {
  const { torrent, index, disabled } = props;
  const actions = useActions();
  return (
    <IconButton
      tone="quiet"
      label={words.restart(format.count(index + 1))}
      icon={<RotateCcw />}
      disabled={disabled}
      onClick={(event) => {
        event.stopPropagation();
        actions.restartIdentity(torrent, index);
      }}
    />
  );
});

/** Of those that share a download out over machines each is on one of its own. */
function whereOf(identity: IdentityView, { meeting }: DownloadView): string {
  const address = addressOf(identity);
  if (meeting === null) return address;
  if (identity.machine === null) return `${text.machines.own} · ${address}`;
  const known = identity.address !== null || identity.link !== null || identity.proxy !== null;
  return known ? `${text.machines.machine} · ${address}` : text.machines.machine;
}

function Reachable({ identity }: { readonly identity: IdentityView }): ReactNode {
  const { tone, word, meaning } = reachabilityWords(identity);
  return (
    <Hint meaning={meaning} className={tones[tone] ?? ''}>
      {word}
    </Hint>
  );
}

function StateWords({ identity }: { readonly identity: IdentityView }): ReactNode {
  const { state, restarted } = identity;
  const ago = restarted === null ? Infinity : Date.now() - restarted;
  if (state === 'downloading' && ago < RECENT) {
    return <span className={tones['warn']}>{words.restarted(format.span(Math.max(1000, ago)))}</span>;
  }
  const tone =
    state === 'given-up' || state === 'no-address' || state === 'silent'
      ? 'bad'
      : state === 'restarting'
        ? 'warn'
        : 'soft';
  if (state === 'no-address' && identity.waits !== null) {
    return <span className={tones['warn']}>{text.links.waits(waitText(identity.waits))}</span>;
  }
  const waits = state === 'no-address' && identity.proxy !== null;
  return <span className={tones[tone]}>{waits ? words.noProxy : text.identityStates[state]}</span>;
}

function addressOf(identity: IdentityView): string {
  const { link, waits } = identity;
  if (link === null) return placeOf(identity);
  return waits === null ? `${link} · ${placeOf(identity)}` : link;
}

function placeOf({ address, interfaceName, linkKind, port, proxy }: IdentityView): string {
  if (proxy !== null) return proxy;
  const where = address === null ? words.anyAddress : port === null ? address : formatEndpoint({ host: address, port });
  const shown = address === null && port !== null ? words.anyAddressPort(String(port)) : where;
  if (interfaceName === null) return shown;
  const kind = linkKind === null || linkKind === 'unknown' ? '' : ` (${text.links.kinds[linkKind]})`;
  return `${interfaceName}${kind} · ${shown}`;
}
