import { ChevronRight, Play } from 'lucide-react';
import type { ReactNode } from 'react';
import { format } from '../../format/format.ts';
import field from '../../parts/field.module.css';
import { IconButton } from '../../parts/icon-button.tsx';
import type { MapData } from '../../pieces/map-data.ts';
import { PieceMap } from '../../pieces/piece-map.tsx';
import { text } from '../../texts/en.ts';
import table from '../detail/table.module.css';
import styles from './files-tab.module.css';
import { type NodeState, type Priority, PRIORITY_NAMES } from './priorities.ts';
import type { TreeNode } from './tree.ts';
import tones from '../../parts/tones.module.css';

const words = text.detail.files;

/** What a folder or file shows: its name, how much of it is there, and its priority. */
export function FileCells(props: {
  readonly node: TreeNode;
  readonly closed: boolean;
  /** Its path within the torrent. */
  readonly path: string;
  readonly state: NodeState;
  readonly map: MapData | undefined;
  readonly onFold: () => void;
  readonly onPriority: (priority: Priority) => void;
  /** Undefined where it is nothing to play. */
  readonly onPlay: (() => void) | undefined;
  /** Undefined where it cannot be opened. */
  readonly onOpen: (() => void) | undefined;
}): ReactNode {
  const { node, closed, path, state, map, onFold, onPriority, onPlay, onOpen } = props;
  const { have, priority, pieces } = state;
  const percent = format.percent(node.length === 0 ? 1 : have / node.length);
  const soft = priority === 'skip' ? tones['soft'] : '';
  return (
    <>
      <td className={`${styles['name']} ${soft}`} title={path}>
        <span className={styles['indent']} style={{ width: node.depth * 18 }} />
        {node.folder && (
          <button
            type="button"
            // The row's own keys unfold it.
            tabIndex={-1}
            className={`${styles['fold']} ${closed ? '' : styles['unfolded']}`}
            aria-label={words.folder(node.name)}
            aria-expanded={!closed}
            onClick={onFold}
          >
            <ChevronRight aria-hidden="true" />
          </button>
        )}
        {onPlay !== undefined && (
          <IconButton
            tone="quiet"
            className={styles['play'] ?? ''}
            label={words.play(path)}
            icon={<Play />}
            onClick={onPlay}
          />
        )}
        {onOpen === undefined ? (
          node.name
        ) : (
          <button type="button" className={styles['open']} aria-label={words.open(path)} onClick={onOpen}>
            {node.name}
          </button>
        )}
      </td>
      <td className={`${styles['pieces']} ${table['leavesNext']}`}>
        {map && pieces && (
          <PieceMap
            data={map}
            size="line"
            label={words.map(path)}
            description={percent}
            from={pieces.first}
            to={pieces.last + 1}
            className={styles['line']}
          />
        )}
      </td>
      <td className={table['number']}>{percent}</td>
      <td className={`${table['number']} ${styles['size']}`}>{format.bytes(node.length)}</td>
      <td>
        <select
          className={`${field['select']} ${styles['select']}`}
          aria-label={words.priorityOf(path)}
          value={priority}
          onChange={(event) => onPriority(event.currentTarget.value as Priority)}
        >
          {priority === 'mixed' && (
            <option value="mixed" disabled>
              {words.mixed}
            </option>
          )}
          {PRIORITY_NAMES.map((one) => (
            <option key={one} value={one}>
              {words.priorities[one]}
            </option>
          ))}
        </select>
      </td>
    </>
  );
}
