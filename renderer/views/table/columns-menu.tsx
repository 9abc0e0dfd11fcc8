import { Columns3 } from 'lucide-react';
import { Menu } from '@base-ui/react/menu';
import type { ReactNode } from 'react';
import { IconMenu } from '../../parts/icon-menu.tsx';
import menu from '../../parts/menu.module.css';
import { COLUMN_IDS, toggled, USUAL_COLUMNS } from '../../stores/columns.ts';
import { useUi } from '../../stores/context.tsx';
import { ui } from '../../stores/ui-store.ts';
import { text } from '../../texts/en.ts';

/** Which columns the table has. */
export function ColumnsMenu(): ReactNode {
  const columns = useUi((state) => state.columns);
  const shown = new Set(columns.map(({ id }) => id));
  return (
    <IconMenu label={text.table.choose} icon={<Columns3 />} tall>
      {COLUMN_IDS.map((id) => (
        <Menu.CheckboxItem
          key={id}
          className={menu['item']}
          checked={shown.has(id)}
          disabled={id === 'name'}
          onCheckedChange={() => ui.setState({ columns: toggled(columns, id) })}
        >
          <span className={menu['icon']}>
            <Menu.CheckboxItemIndicator>✓</Menu.CheckboxItemIndicator>
          </span>
          {text.table.columns[id]}
        </Menu.CheckboxItem>
      ))}
      <Menu.Separator className={menu['separator']} />
      <Menu.Item className={menu['item']} onClick={() => ui.setState({ columns: USUAL_COLUMNS })}>
        <span className={menu['icon']} />
        {text.table.usual}
      </Menu.Item>
    </IconMenu>
  );
}
