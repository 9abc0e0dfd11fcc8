import { useVirtualizer } from '@tanstack/react-virtual';
import { ChevronRight, PencilLine } from 'lucide-react';
import { type ReactNode, useId, useMemo, useRef, useState } from 'react';
import type { ReadPreview } from './read-offer.ts';
import { format } from '../../format/format.ts';
import { Check } from '../../parts/choice.tsx';
import { text } from '../../texts/en.ts';
import styles from './file-tree.module.css';
import { NameDialog } from '../files/rename-dialog.tsx';
import { closedAtFirst, makeTree, pathOf, type TreeNode, visibleNodes } from '../files/tree.ts';

const ROW = 24;
/** With more files than this, folders begin closed. */
const MANY = 60;

/** Chooses which files are wanted, and what files and folders are called. */
export function FileTree(props: {
  readonly files: ReadPreview['files'];
  readonly wanted: readonly boolean[];
  readonly onChange: (wanted: readonly boolean[]) => void;
  /** By their paths in the torrent. */
  readonly names: ReadonlyMap<string, string>;
  readonly onNames: (names: ReadonlyMap<string, string>) => void;
}): ReactNode {
  const { files, wanted, onChange, names, onNames } = props;
  const [naming, setNaming] = useState<TreeNode>();
  const tree = useMemo(() => makeTree(files), [files]);
  const [closed, setClosed] = useState<ReadonlySet<string>>(() => closedAtFirst(tree, MANY));
  const rows = useMemo(() => visibleNodes(tree, closed), [tree, closed]);
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 10,
    getItemKey: (index) => rows[index]?.key ?? index,
  });
  const toggle = (node: TreeNode, value: boolean): void => {
    const next = [...wanted];
    for (const at of node.files) next[at] = value;
    onChange(next);
  };
  const fold = (key: string): void => {
    const next = new Set(closed);
    if (!next.delete(key)) next.add(key);
    setClosed(next);
  };
  const nameOf = (node: TreeNode): string => names.get(pathOf(node, files)) ?? node.name;
  const rename = (node: TreeNode, name: string): void => {
    const next = new Map(names);
    const path = pathOf(node, files);
    next.delete(path);
    if (name !== node.name) next.set(path, name);
    onNames(next);
  };
  const folders = rows.some((node) => node.folder);
  return (
    <>
      <div
        ref={scroller}
        className={`${styles['tree']} ${folders ? '' : styles['flat']}`}
        role="group"
        aria-label={text.add.files}
      >
        <div className={styles['rows']} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const node = rows[item.index];
            return (
              node && (
                <div key={item.key} className={styles['row']} style={{ transform: `translateY(${item.start}px)` }}>
                  <Node
                    node={node}
                    name={nameOf(node)}
                    closed={closed.has(node.key)}
                    wanted={wanted}
                    onToggle={(value) => toggle(node, value)}
                    onFold={() => fold(node.key)}
                    onRename={() => setNaming(node)}
                  />
                </div>
              )
            );
          })}
        </div>
      </div>
      {naming && (
        <NameDialog
          name={nameOf(naming)}
          hint={text.add.nameHint(naming.name)}
          onName={(name) => rename(naming, name)}
          onClose={() => setNaming(undefined)}
        />
      )}
    </>
  );
}

function Node(props: {
  readonly node: TreeNode;
  /** What it is to be called. */
  readonly name: string;
  readonly closed: boolean;
  readonly wanted: readonly boolean[];
  readonly onToggle: (value: boolean) => void;
  readonly onFold: () => void;
  readonly onRename: () => void;
}): ReactNode {
  const { node, name, closed, wanted, onToggle, onFold, onRename } = props;
  const id = useId();
  const chosen = node.files.reduce((sum, at) => sum + (wanted[at] === false ? 0 : 1), 0);
  const size = format.bytes(node.length);
  const count = node.files.length;
  return (
    <>
      <span className={styles['indent']} style={{ width: node.depth * 20 }} />
      {node.folder ? (
        <button
          type="button"
          className={`${styles['fold']} ${closed ? '' : styles['open']}`}
          aria-expanded={!closed}
          aria-labelledby={id}
          onClick={onFold}
        >
          <ChevronRight aria-hidden="true" />
        </button>
      ) : (
        <span className={styles['fold']} />
      )}
      <span
        className={styles['name']}
        id={id}
        title={name === node.name ? name : `${name} ${text.add.inTorrent(node.name)}`}
        onKeyDown={(event) => {
          if (event.key === 'F2') onRename();
        }}
      >
        <Check label={name} checked={chosen > 0} mixed={chosen > 0 && chosen < count} onChange={onToggle} />
      </span>
      <button
        type="button"
        className={`${styles['rename']} ${name === node.name ? '' : styles['renamed']}`}
        // The keyboard has F2, on what is chosen.
        tabIndex={-1}
        title={`${text.detail.files.rename.line} (F2)`}
        aria-label={text.detail.files.rename.title(name)}
        onClick={onRename}
      >
        <PencilLine aria-hidden="true" />
      </button>
      <span className={styles['size']}>
        {node.folder ? text.add.filesSummary(count, format.count(count), size) : size}
      </span>
    </>
  );
}
