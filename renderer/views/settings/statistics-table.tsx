import type { ReactNode } from 'react';
import type { Statistics } from '../../../core/engine/statistics-kept.ts';
import { format } from '../../format/format.ts';
import { useAsked } from '../../stores/use-asked.ts';
import { text } from '../../texts/en.ts';
import table from '../detail/table.module.css';
import styles from './settings-dialog.module.css';

const words = text.settings.statistics;
/** How often it is asked for, in milliseconds. */
const PERIOD = 1000;

const ROWS: readonly { readonly name: string; readonly value: (of: Statistics) => string }[] = [
  { name: words.downloaded, value: ({ downloaded }) => format.bytes(downloaded) },
  { name: words.uploaded, value: ({ uploaded }) => format.bytes(uploaded) },
  {
    name: words.ratio,
    value: ({ downloaded, uploaded }) => (downloaded === 0 ? '–' : format.ratio(uploaded / downloaded)),
  },
  { name: words.added, value: ({ added }) => format.count(added) },
  { name: words.starts, value: ({ starts }) => format.count(starts) },
  { name: words.active, value: ({ active }) => format.span(active) },
];

/** What was moved since the program started, and in all. */
export function StatisticsTable(): ReactNode {
  const now = useAsked('statistics', PERIOD);
  return (
    <table className={`${table['table']} ${styles['figures']}`} aria-label={words.label}>
      <thead>
        <tr>
          <td />
          <th scope="col">{words.run}</th>
          <th scope="col">{words.all}</th>
        </tr>
      </thead>
      <tbody>
        {ROWS.map(({ name, value }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{now && value(now.run)}</td>
            <td>{now && value(now.all)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
