import { ContextMenu } from '@base-ui/react/context-menu';
import { TextCursorInput } from 'lucide-react';
import type { ReactNode } from 'react';
import { MenuLines } from '../../parts/menu.tsx';
import menu from '../../parts/menu.module.css';
import { text } from '../../texts/en.ts';
import styles from './files-tab.module.css';
import type { TreeNode } from './tree.ts';

/** The menu of the files: about the row that it was opened on. */
export function FileMenu(props: {
  readonly current: TreeNode | undefined;
  readonly onRename: (node: TreeNode) => void;
  readonly children: ReactNode;
}): ReactNode {
  const { current, onRename, children } = props;
  return (
    <ContextMenu.Root>
      <ContextMenu.Trigger className={styles['menu']}>{children}</ContextMenu.Trigger>
      <ContextMenu.Portal>
        <ContextMenu.Positioner className={menu['positioner']}>
          <ContextMenu.Popup className={menu['popup']}>
            <MenuLines
              entries={[
                {
                  label: text.detail.files.rename.line,
                  icon: <TextCursorInput />,
                  keys: 'F2',
                  disabled: current === undefined,
                  act: () => current && onRename(current),
                },
              ]}
            />
          </ContextMenu.Popup>
        </ContextMenu.Positioner>
      </ContextMenu.Portal>
    </ContextMenu.Root>
  );
}
