import type { ReactNode } from 'react';
import type { TrackerView } from '../../../core/bridge/views.ts';
import { format } from '../../format/format.ts';
import { text } from '../../texts/en.ts';
import { IdentityCell, StateCell } from './cells.tsx';
import styles from './sources-tab.module.css';
import table from './table.module.css';
import tones from '../../parts/tones.module.css';

const words = text.detail.trackers;
const TONES = { idle: 'soft', announcing: 'soft', working: 'ok', failed: 'bad' } as const;

/** Every tracker as each identity knows it, by tier. */
export function TrackersTable(props: {
  readonly trackers: readonly TrackerView[];
  readonly several: boolean;
}): ReactNode {
  const { trackers, several } = props;
  const sorted = [...trackers].sort(
    (a, b) => a.tier - b.tier || (a.url < b.url ? -1 : a.url > b.url ? 1 : a.identity - b.identity),
  );
  const { columns } = words;
  return (
    <>
      <h3 className={styles['head']}>{words.table}</h3>
      <table className={table['table']} aria-label={words.table}>
        <thead>
          <tr>
            <th scope="col">{columns.tracker}</th>
            {several && <th scope="col">{columns.identity}</th>}
            <th scope="col">{columns.state}</th>
            <th scope="col" className={`${table['number']} ${table['leavesNext']}`}>
              {columns.seeds}
            </th>
            <th scope="col" className={`${table['number']} ${table['leavesNext']}`}>
              {columns.leechers}
            </th>
            <th scope="col" className={table['number']}>
              {columns.next}
            </th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((tracker, at) => (
            <TrackerRow
              key={`${tracker.tier} ${tracker.url} ${tracker.identity}`}
              tracker={tracker}
              several={several}
              repeats={sorted[at - 1]?.url === tracker.url && sorted[at - 1]?.tier === tracker.tier}
            />
          ))}
        </tbody>
      </table>
    </>
  );
}

function TrackerRow(props: {
  readonly tracker: TrackerView;
  readonly several: boolean;
  readonly repeats: boolean;
}): ReactNode {
  const { tracker, several, repeats } = props;
  const count = (value: number | null): string => (value === null ? text.none : format.count(value));
  return (
    <tr>
      <td className={styles['url']} title={tracker.url}>
        <span className={repeats ? 'visually-hidden' : ''}>
          {tracker.url}
          <span className={tones['soft']}> · {tierOf(tracker)}</span>
        </span>
      </td>
      {several && <IdentityCell identity={tracker.identity} />}
      <StateCell tone={TONES[tracker.state]} word={words.states[tracker.state]} message={tracker.message} />
      <td className={`${table['number']} ${table['leavesNext']}`}>{count(tracker.seeds)}</td>
      <td className={`${table['number']} ${table['leavesNext']}`}>{count(tracker.leechers)}</td>
      <td className={table['number']}>{tracker.next === null ? text.none : format.clock(tracker.next)}</td>
    </tr>
  );
}

const tierOf = ({ tier }: TrackerView): string => `${words.columns.tier} ${format.count(tier + 1)}`;
