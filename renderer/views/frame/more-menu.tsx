import { Menu } from '@base-ui/react/menu';
import { EllipsisVertical } from 'lucide-react';
import type { ReactNode } from 'react';
import { IconMenu } from '../../parts/icon-menu.tsx';
import menu from '../../parts/menu.module.css';
import { open } from '../../stores/ui-store.ts';
import { text } from '../../texts/en.ts';

/** What is seldom needed and is about no download of the list. */
export function MoreMenu(): ReactNode {
  return (
    <IconMenu label={text.create.more} icon={<EllipsisVertical />}>
      <Menu.Item className={menu['item']} onClick={() => open({ kind: 'create' })}>
        {text.create.menu}
      </Menu.Item>
      <Menu.Item className={menu['item']} onClick={() => open({ kind: 'import' })}>
        {text.import.menu}
      </Menu.Item>
      <Menu.Item className={menu['item']} onClick={() => open({ kind: 'about' })}>
        {text.about.title}
      </Menu.Item>
    </IconMenu>
  );
}
