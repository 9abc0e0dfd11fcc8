import { Play } from 'lucide-react';
import type { ReactNode } from 'react';
import type { DownloadView, FileView } from '../../../core/bridge/views.ts';
import { format } from '../../format/format.ts';
import { IconButton } from '../../parts/icon-button.tsx';
import field from '../../parts/field.module.css';
import { withoutRoot } from '../../pieces/describe.ts';
import type { MapData } from '../../pieces/map-data.ts';
import { PieceMap } from '../../pieces/piece-map.tsx';
import { useActions, useBridge } from '../../stores/context.tsx';
import { text } from '../../texts/en.ts';
import { mayPlay } from './may-play.ts';
import styles from './files-tab.module.css';
import table from './table.module.css';
import { VirtualRows } from './virtual-rows.tsx';

const words = text.detail.files;
const COLUMNS = ['name', 'pieces', 'done', 'size', 'priority'] as const;
const PRIORITIES = { skip: 0, low: 1, normal: 4, high: 7 } as const;
type Priority = keyof typeof PRIORITIES;

/** Every file: how much of it is there, and its priority. */
export function FilesTab({ download }: { readonly download: DownloadView }): ReactNode {
  const files = useBridge((state) => state.detail?.files);
  const state = useBridge((now) => now.detail?.fileState);
  const map = useBridge((now) => now.map);
  const desktop = useBridge((now) => now.app?.app.shell.kind === 'desktop');
  const showsFiles = useBridge((now) => now.app?.app.shell.showsFiles ?? false);
  const actions = useActions();
  if (!files || files.length === 0 || !state) return <p className={table['empty']}>{words.empty}</p>;
  return (
    <VirtualRows
      label={words.table}
      count={files.length}
      rowHeight={41}
      columns={COLUMNS.length}
      rowKey={(index) => files[index]?.path ?? index}
      head={COLUMNS.map((column) => (
        <th
          key={column}
          scope="col"
          className={`${styles[column] ?? ''} ${column === 'pieces' ? table['leavesNext'] : ''} ${column === 'done' || column === 'size' ? table['number'] : ''}`}
        >
          {words.columns[column]}
        </th>
      ))}
      row={(index) => {
        const file = files[index];
        if (!file) return null;
        return (
          <FileCells
            file={file}
            name={download.name}
            have={state.have[index] ?? 0}
            priority={state.priority[index] ?? PRIORITIES.normal}
            map={map}
            onPriority={(priority) => actions.setPriority(download.key, [file.index], priority)}
            onPlay={
              state.priority[index] !== 0 && mayPlay(file.path, desktop)
                ? (name) => actions.play(download.key, file.index, name)
                : undefined
            }
            onOpen={
              showsFiles && download.result !== null && state.priority[index] !== 0
                ? () => actions.openFile(download.key, file.index)
                : undefined
            }
          />
        );
      }}
    />
  );
}

function FileCells(props: {
  readonly file: FileView;
  /** Name of the torrent. */
  readonly name: string;
  readonly have: number;
  readonly priority: number;
  readonly map: MapData | undefined;
  readonly onPriority: (priority: number) => void;
  /** Undefined where it is nothing to play. */
  readonly onPlay: ((name: string) => void) | undefined;
  /** Undefined where it cannot be opened. */
  readonly onOpen: (() => void) | undefined;
}): ReactNode {
  const { file, name, have, priority, map, onPriority, onPlay, onOpen } = props;
  const path = withoutRoot(file.path, name);
  const cut = path.lastIndexOf('/') + 1;
  const shown = nearest(priority);
  const percent = format.percent(file.length === 0 ? 1 : have / file.length);
  const soft = shown === 'skip' ? table['soft'] : '';
  return (
    <>
      <td className={`${styles['name']} ${soft}`} title={file.path}>
        {onPlay !== undefined && (
          <IconButton
            tone="quiet"
            className={styles['play'] ?? ''}
            label={words.play(path)}
            icon={<Play />}
            onClick={() => onPlay(path.slice(cut))}
          />
        )}
        <span className={table['soft']}>{path.slice(0, cut)}</span>
        {onOpen === undefined ? (
          path.slice(cut)
        ) : (
          <button type="button" className={styles['open']} aria-label={words.open(path)} onClick={onOpen}>
            {path.slice(cut)}
          </button>
        )}
      </td>
      <td className={`${styles['pieces']} ${table['leavesNext']}`}>
        {map && file.firstPiece >= 0 && (
          <PieceMap
            data={map}
            size="line"
            label={words.map(file.path)}
            description={percent}
            from={file.firstPiece}
            to={file.lastPiece + 1}
            className={styles['line']}
          />
        )}
      </td>
      <td className={table['number']}>{percent}</td>
      <td className={table['number']}>{format.bytes(file.length)}</td>
      <td>
        <select
          className={`${field['select']} ${styles['select']}`}
          aria-label={words.priorityOf(file.path)}
          value={shown}
          onChange={(event) => onPriority(PRIORITIES[event.currentTarget.value as Priority])}
        >
          {(Object.keys(PRIORITIES) as Priority[]).map((one) => (
            <option key={one} value={one}>
              {words.priorities[one]}
            </option>
          ))}
        </select>
      </td>
    </>
  );
}

/** The name for one of eight priorities. */
function nearest(priority: number): Priority {
  if (priority === 0) return 'skip';
  if (priority < PRIORITIES.normal) return 'low';
  return priority > PRIORITIES.normal ? 'high' : 'normal';
}
