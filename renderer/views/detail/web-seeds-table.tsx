import type { ReactNode } from 'react';
import type { WebSeedView } from '../../../core/bridge/views.ts';
import { format } from '../../format/format.ts';
import { text } from '../../texts/en.ts';
import { IdentityCell, StateCell } from './cells.tsx';
import styles from './sources-tab.module.css';
import table from './table.module.css';

const words = text.detail.webSeeds;
const TONES = { stopped: 'soft', working: 'ok', waiting: 'soft', gone: 'bad' } as const;

/** Every server that has the torrent's files, as each identity knows it. */
export function WebSeedsTable(props: { readonly seeds: readonly WebSeedView[]; readonly several: boolean }): ReactNode {
  const { seeds, several } = props;
  const sorted = [...seeds].sort((a, b) => (a.url < b.url ? -1 : a.url > b.url ? 1 : a.identity - b.identity));
  const { columns } = words;
  return (
    <>
      <h3 className={styles['head']}>{words.table}</h3>
      <table className={table['table']} aria-label={words.table}>
        <thead>
          <tr>
            <th scope="col">{columns.server}</th>
            {several && <th scope="col">{columns.identity}</th>}
            <th scope="col">{columns.state}</th>
            <th scope="col" className={table['number']}>
              {columns.received}
            </th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((seed) => (
            <tr key={`${seed.url} ${seed.identity}`}>
              <td className={styles['url']} title={seed.url}>
                {seed.url}
              </td>
              {several && <IdentityCell identity={seed.identity} />}
              <StateCell tone={TONES[seed.state]} word={words.states[seed.state]} message={seed.message} />
              <td className={table['number']}>{format.bytes(seed.downloaded)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
