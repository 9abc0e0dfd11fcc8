import { ArrowDown, ArrowUp, Ban } from 'lucide-react';
import { type ReactNode, useMemo, useState } from 'react';
import type { PeerView } from '../../../core/bridge/views.ts';
import { format } from '../../format/format.ts';
import { IconButton } from '../../parts/icon-button.tsx';
import { Hint } from '../../parts/hint.tsx';
import { PieceMap } from '../../pieces/piece-map.tsx';
import { Swatch } from '../../pieces/swatch.tsx';
import { usePeerOverview } from '../../pieces/use-overview.ts';
import { useActions, useBridge } from '../../stores/context.tsx';
import { text } from '../../texts/en.ts';
import { isPeerSort, type PeerOrder, peerSortOf, pressed, sortPeers } from './peer-order.ts';
import styles from './peers-tab.module.css';
import table from './table.module.css';
import { VirtualRows } from './virtual-rows.tsx';
import tones from '../../parts/tones.module.css';

const words = text.detail.peers;
const COLUMNS = ['peer', 'client', 'source', 'identity', 'flags', 'has', 'down', 'up', 'received', 'sent'] as const;
const LEAVES: Readonly<Partial<Record<(typeof COLUMNS)[number], string | undefined>>> = {
  client: table['leavesNext'],
  source: table['leavesFirst'],
  up: table['leavesFirst'],
  received: table['leavesFirst'],
  sent: table['leavesFirst'],
};
/** All flags with what they mean. */
const LEGEND = Object.values(words.flags)
  .map(([letter, meaning]) => `${letter}: ${meaning}`)
  .join('; ');
const NUMBERS: ReadonlySet<string> = new Set(['down', 'up', 'received', 'sent']);

/** Every peer of every identity, at first the fastest first. */
export function PeersTab({ several }: { readonly several: boolean }): ReactNode {
  const columns = several ? COLUMNS : COLUMNS.filter((column) => column !== 'identity');
  const peers = useBridge((state) => state.detail?.peers);
  const [order, setOrder] = useState<PeerOrder>({ by: undefined, reverse: false });
  const sorted = useMemo(() => sortPeers(peers ?? [], order), [peers, order]);
  // It has not been told yet.
  if (!peers) return null;
  if (sorted.length === 0) return <p className={table['empty']}>{words.empty}</p>;
  return (
    <VirtualRows
      label={words.table}
      count={sorted.length}
      rowHeight={33}
      columns={columns.length}
      rowKey={(index) => `${sorted[index]?.identity} ${sorted[index]?.endpoint}`}
      head={columns.map((column) => (
        <Head key={column} column={column} order={order} onOrder={setOrder} />
      ))}
      row={(index) => {
        const peer = sorted[index];
        return peer && <PeerCells peer={peer} several={several} />;
      }}
    />
  );
}

/** A column's name, which sorts by it. */
function Head(props: {
  readonly column: (typeof COLUMNS)[number];
  readonly order: PeerOrder;
  readonly onOrder: (order: PeerOrder) => void;
}): ReactNode {
  const { column, order, onOrder } = props;
  const look = `${styles[column] ?? ''} ${LEAVES[column] ?? ''} ${NUMBERS.has(column) ? table['number'] : ''}`;
  if (!isPeerSort(column))
    return (
      <th scope="col" className={look}>
        <Hint meaning={LEGEND}>{words.columns.flags}</Hint>
      </th>
    );
  const sort = peerSortOf(order, column);
  return (
    <th scope="col" className={look} aria-sort={sort}>
      <button type="button" className={table['sort']} onClick={() => onOrder(pressed(order, column))}>
        {words.columns[column]}
        {sort !== 'none' && (sort === 'ascending' ? <ArrowUp aria-hidden="true" /> : <ArrowDown aria-hidden="true" />)}
      </button>
    </th>
  );
}

function PeerCells({ peer, several }: { readonly peer: PeerView; readonly several: boolean }): ReactNode {
  const actions = useActions();
  const client = peer.client === '' ? words.unknownClient : peer.client;
  const [word, meaning] = words.sources[peer.source];
  return (
    <>
      <td className={styles['peer']}>
        {peer.endpoint}
        <IconButton
          className={styles['ban'] ?? ''}
          label={words.ban(peer.endpoint)}
          icon={<Ban />}
          onClick={() => actions.banPeer(hostOf(peer.endpoint))}
        />
      </td>
      <td className={`${tones['soft']} ${styles['client']} ${LEAVES.client}`} title={client}>
        {client}
      </td>
      <td className={`${tones['soft']} ${LEAVES.source}`} title={meaning}>
        {word}
      </td>
      {several && (
        <td>
          <span className={table['identity']}>
            <Swatch slot={peer.identity} />
            {format.count(peer.identity + 1)}
          </span>
        </td>
      )}
      <td>
        <Flags peer={peer} />
      </td>
      <td className={styles['has']}>
        <Has peer={peer} />
      </td>
      <td className={table['number']}>{peer.down > 0 ? format.rate(peer.down) : text.none}</td>
      <td className={`${table['number']} ${LEAVES.up}`}>{peer.up > 0 ? format.rate(peer.up) : text.none}</td>
      <td className={`${table['number']} ${styles['received']} ${LEAVES.received}`}>{format.bytes(peer.downloaded)}</td>
      <td className={`${table['number']} ${styles['sent']} ${LEAVES.sent}`}>{format.bytes(peer.uploaded)}</td>
    </>
  );
}

/** The address of an endpoint, without brackets. */
function hostOf(endpoint: string): string {
  return endpoint.slice(0, endpoint.lastIndexOf(':')).replace(/^\[(.*)\]$/, '$1');
}

function Has({ peer }: { readonly peer: PeerView }): ReactNode {
  const percent = format.percent(peer.progress);
  const data = usePeerOverview(peer.pieces, peer.identity);
  return (
    <span className={styles['share']}>
      <PieceMap data={data} size="line" label={words.has(percent)} />
      <span className={styles['percent']}>{percent}</span>
    </span>
  );
}

function Flags({ peer }: { readonly peer: PeerView }): ReactNode {
  const { flags } = words;
  const on: (readonly [string, string])[] = [];
  if (peer.amInterested) on.push(peer.peerChoking ? flags.wants : flags.downloading);
  if (peer.peerInterested) on.push(peer.amChoking ? flags.asks : flags.uploading);
  if (peer.optimistic) on.push(flags.optimistic);
  if (peer.snubbed) on.push(flags.snubbed);
  if (peer.uploadOnly) on.push(flags.uploadOnly);
  if (peer.incoming) on.push(flags.incoming);
  if (peer.transport === 'utp') on.push(flags.utp);
  if (peer.punched) on.push(flags.punched);
  if (peer.encryption !== 'plain') on.push(flags[peer.encryption]);
  return (
    <span className={tones['soft']}>
      {on.map(([letter, meaning]) => (
        <abbr key={letter} title={meaning} className={styles['flag']}>
          {letter}
        </abbr>
      ))}
    </span>
  );
}
