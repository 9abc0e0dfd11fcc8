import { SearchField } from '../../parts/search-field.tsx';
import { type ReactNode, useDeferredValue, useMemo, useState } from 'react';
import type { DownloadView, FileState, FileView } from '../../../core/bridge/views.ts';
import { format } from '../../format/format.ts';
import { withoutRoot } from '../../pieces/describe.ts';
import { useActions, useBridge } from '../../stores/context.tsx';
import { text } from '../../texts/en.ts';
import table from '../detail/table.module.css';
import { VirtualRows } from '../detail/virtual-rows.tsx';
import { open } from '../../stores/ui-store.ts';
import { FileCells } from './file-cells.tsx';
import { FileMenu } from './file-menu.tsx';
import styles from './files-tab.module.css';
import { mayPlay } from './may-play.ts';
import { nodeState, PRIORITIES, type Priority } from './priorities.ts';
import { closedAtFirst, makeTree, pathMatches, pathOf, type TreeNode, visibleNodes } from './tree.ts';
import { useTreeRows } from './use-tree-rows.ts';

const words = text.detail.files;
const COLUMNS = ['name', 'pieces', 'done', 'size', 'priority'] as const;
/** With more files than this, folders begin folded. */
const MANY = 200;
const NONE: ReadonlySet<string> = new Set();

/** Every file: how much of it is there, and its priority. */
export function FilesTab({ download }: { readonly download: DownloadView }): ReactNode {
  const files = useBridge((state) => state.detail?.files);
  const state = useBridge((now) => now.detail?.fileState);
  // It has not been told yet.
  if (!files) return null;
  if (files.length === 0 || !state) return <p className={table['empty']}>{words.empty}</p>;
  return <FileTable key={download.key} download={download} files={files} state={state} />;
}

function FileTable(props: {
  readonly download: DownloadView;
  readonly files: readonly FileView[];
  readonly state: FileState;
}): ReactNode {
  const { download, files, state } = props;
  const map = useBridge((now) => now.map);
  const desktop = useBridge((now) => now.app?.app.shell.kind === 'desktop');
  const showsFiles = useBridge((now) => now.app?.app.shell.showsFiles ?? false);
  const actions = useActions();
  const [search, setSearch] = useState('');
  const found = useDeferredValue(search.trim());
  const listed = useMemo(() => files.map(({ path, length }) => ({ path: path.split('/'), length })), [files]);
  const whole = useMemo(() => makeTree(listed), [listed]);
  const tree = useMemo(
    () =>
      found === ''
        ? whole
        : makeTree(listed, (at) => pathMatches(withoutRoot(files[at]?.path ?? '', download.name), found)),
    [files, listed, whole, found, download.name],
  );
  const [folded, setFolded] = useState<ReadonlySet<string>>(() => closedAtFirst(whole, MANY));
  // What was searched for is in sight.
  const closed = found === '' ? folded : NONE;
  const nodes = useMemo(() => visibleNodes(tree, closed), [tree, closed]);
  const fold = ({ key }: TreeNode): void => {
    const next = new Set(folded);
    if (!next.delete(key)) next.add(key);
    setFolded(next);
  };
  const rename = (node: TreeNode): void =>
    open({ kind: 'rename', key: download.key, path: pathOf(node, listed), name: node.name });
  const rows = useTreeRows(nodes, closed, fold, rename);
  const current = nodes[rows.at];

  const setPriority = (node: TreeNode, priority: Priority): void => {
    const chosen = rows.chosen.has(node.key) ? nodes.filter(({ key }) => rows.chosen.has(key)) : [node];
    const indexes = new Set(chosen.flatMap((one) => one.files.map((at) => files[at]?.index ?? -1)));
    actions.setPriority(
      download.key,
      [...indexes].filter((index) => index >= 0),
      PRIORITIES[priority],
    );
  };
  const cells = (node: TreeNode): ReactNode => {
    const first = files[node.files[0] ?? 0];
    if (first === undefined) return null;
    const at = nodeState(node, files, state);
    const file = node.folder || at.priority === 'skip' ? undefined : first;
    const path = withoutRoot(pathOf(node, listed), download.name);
    return (
      <FileCells
        node={node}
        closed={closed.has(node.key)}
        path={path}
        state={at}
        map={map}
        onFold={() => fold(node)}
        onPriority={(priority) => setPriority(node, priority)}
        onPlay={
          file && mayPlay(file.path, desktop) ? () => actions.play(download.key, file.index, node.name) : undefined
        }
        onOpen={
          file && showsFiles && download.result !== null ? () => actions.openFile(download.key, file.index) : undefined
        }
      />
    );
  };
  return (
    <>
      {files.length > 1 && (
        <div className={styles['bar']}>
          <SearchField label={words.search} value={search} className={styles['search']} onChange={setSearch} />
          <span className={styles['hint']} role="status">
            {words.chosen(rows.chosen.size, format.count(rows.chosen.size))}
          </span>
        </div>
      )}
      {nodes.length === 0 && <p className={table['empty']}>{words.noMatch}</p>}
      {nodes.length > 0 && (
        <FileMenu current={current} onRename={rename}>
          <VirtualRows
            label={words.table}
            count={nodes.length}
            rowHeight={39}
            columns={COLUMNS.length}
            rowKey={(index) => nodes[index]?.key ?? index}
            rowProps={rows.props}
            at={rows.at}
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
              const node = nodes[index];
              return node && cells(node);
            }}
          />
        </FileMenu>
      )}
    </>
  );
}
