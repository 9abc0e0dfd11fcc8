import { ArrowDownUp } from 'lucide-react';
import { Menu } from '@base-ui/react/menu';
import type { ReactNode } from 'react';
import { IconMenu } from '../../parts/icon-menu.tsx';
import menu from '../../parts/menu.module.css';
import { useUi } from '../../stores/context.tsx';
import { SORTS } from '../../stores/list.ts';
import type { SortKey } from '../../stores/sort.ts';
import { ui } from '../../stores/ui-store.ts';
import { text } from '../../texts/en.ts';

/** By what the list is sorted. */
export function SortMenu(): ReactNode {
  const sort = useUi((state) => state.sort);
  const reverse = useUi((state) => state.reverse);
  const label = `${text.list.sort}: ${sortName(sort)}`;
  return (
    <IconMenu label={label} icon={<ArrowDownUp />}>
      <Menu.RadioGroup value={sort} onValueChange={(value: SortKey) => ui.setState({ sort: value })}>
        {SORTS.map((one) => (
          <Menu.RadioItem key={one} value={one} className={menu['item']} closeOnClick>
            <span className={menu['icon']}>
              <Menu.RadioItemIndicator>✓</Menu.RadioItemIndicator>
            </span>
            {text.list.sorts[one]}
          </Menu.RadioItem>
        ))}
      </Menu.RadioGroup>
      <Menu.Separator className={menu['separator']} />
      <Menu.CheckboxItem
        className={menu['item']}
        checked={reverse}
        onCheckedChange={(checked) => ui.setState({ reverse: checked })}
      >
        <span className={menu['icon']}>
          <Menu.CheckboxItemIndicator>✓</Menu.CheckboxItemIndicator>
        </span>
        {text.list.descending}
      </Menu.CheckboxItem>
    </IconMenu>
  );
}

/** The list's own word for it, else that of the table's column. */
function sortName(sort: SortKey): string {
  const own = SORTS.find((one) => one === sort);
  return own === undefined ? text.table.columns[sort] : text.list.sorts[own];
}
