import type { ReactNode } from 'react';
import { format } from '../../format/format.ts';
import { Swatch } from '../../pieces/swatch.tsx';
import { text } from '../../texts/en.ts';
import type { SourceRow, SourceState } from './source-rows.ts';
import styles from './sources-tab.module.css';
import table from './table.module.css';
import tones from '../../parts/tones.module.css';

const words = text.detail.sources;
const { columns } = words;
const TONES = { off: 'soft', none: 'soft', on: 'ok', joining: 'warn', searching: 'ok', joined: 'ok' } as const;

/** One row for each source, with what it gave; for each identity where they differ. */
export function SourcesTable({ rows }: { readonly rows: readonly SourceRow[] }): ReactNode {
  return (
    <table className={`${table['table']} ${styles['sources']}`} aria-label={words.table}>
      <thead>
        <tr>
          <th scope="col">{columns.source}</th>
          <th scope="col">{columns.state}</th>
          <th scope="col" className={`${table['number']} ${table['leavesNext']}`}>
            {columns.found}
          </th>
          <th scope="col" className={table['number']}>
            {columns.connected}
          </th>
          <th scope="col" className={`${table['number']} ${table['leavesNext']}`}>
            {columns.next}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row, at) => (
          <Row key={`${row.kind} ${row.identity}`} row={row} repeats={rows[at - 1]?.kind === row.kind} />
        ))}
      </tbody>
    </table>
  );
}

function Row(props: { readonly row: SourceRow; readonly repeats: boolean }): ReactNode {
  const { row, repeats } = props;
  const [name, meaning] = words.names[row.kind];
  return (
    <tr>
      <th scope="row" className={styles['name']} title={meaning}>
        <span className={repeats ? 'visually-hidden' : ''}>{name} </span>
        {row.identity !== null && (
          <span className={`${table['identity']} ${styles['whose']}`}>
            <Swatch slot={row.identity} />
            <span className="visually-hidden">{columns.identity} </span>
            {format.count(row.identity + 1)}
          </span>
        )}
      </th>
      <td className={styles['words']}>{row.state === null ? meaning : <State state={row.state} />}</td>
      <td className={`${table['number']} ${table['leavesNext']}`}>
        {row.found === null ? text.none : format.count(row.found)}
      </td>
      <td className={table['number']}>{format.count(row.connected)}</td>
      <td className={`${table['number']} ${table['leavesNext']}`}>
        {row.next === null ? text.none : format.clock(row.next)}
      </td>
    </tr>
  );
}

function State({ state }: { readonly state: SourceState }): ReactNode {
  const { word } = state;
  if (word === 'trackers') {
    const tone = state.working > 0 ? 'ok' : 'warn';
    return <span className={tones[tone]}>{words.working(format.count(state.working), format.count(state.total))}</span>;
  }
  const head = <span className={tones[TONES[word]]}>{words.states[word]}</span>;
  if (word !== 'searching' && word !== 'joined') return head;
  const { known, answered, announced } = state;
  const families = ([4, 6] as const).filter((family) => known[family] > 0);
  const details =
    families.length === 0
      ? []
      : [words.known(families.map((one) => words.by(format.count(known[one]), one)).join(', '))];
  if (answered > 0) details.push(words.answered(answered, format.count(answered), format.count(announced)));
  return (
    <>
      {head}
      {details.length > 0 && <span className={`${tones['soft']} ${styles['details']}`}> · {details.join(' · ')}</span>}
    </>
  );
}
