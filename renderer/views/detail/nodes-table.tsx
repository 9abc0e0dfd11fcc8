import type { ReactNode } from 'react';
import { formatEndpoint } from '../../../core/base/endpoint.ts';
import type { DhtNodeView } from '../../../core/bridge/views.ts';
import { format } from '../../format/format.ts';
import { text } from '../../texts/en.ts';
import styles from './sources-tab.module.css';
import table from './table.module.css';
import tones from '../../parts/tones.module.css';

const words = text.detail.nodes;
const TONES = { stopped: 'soft', joining: 'warn', joined: 'ok' } as const;

/** Our nodes in the DHT, which all downloads share. */
export function NodesTable({ nodes }: { readonly nodes: readonly DhtNodeView[] }): ReactNode {
  const { columns } = words;
  return (
    <>
      <h3 className={styles['head']}>{words.table}</h3>
      <table className={table['table']} aria-label={words.table}>
        <thead>
          <tr>
            <th scope="col">{columns.address}</th>
            <th scope="col">{columns.state}</th>
            <th scope="col" className={table['leavesNext']}>
              {columns.external}
            </th>
            <th scope="col" className={table['number']}>
              {columns.nodes}
            </th>
          </tr>
        </thead>
        <tbody>
          {nodes.map((node) => (
            <tr key={node.address}>
              <th scope="row" className={styles['name']}>
                {formatEndpoint({ host: node.address, port: node.port })}
              </th>
              <td className={styles['words']}>
                <span className={tones[TONES[node.state]]}>{words.states[node.state]}</span>
                {node.readOnly && <span className={tones['soft']}> · {words.readOnly}</span>}
              </td>
              <td className={table['leavesNext']}>{node.externalAddress ?? text.none}</td>
              <td className={table['number']}>{format.count(node.nodes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
