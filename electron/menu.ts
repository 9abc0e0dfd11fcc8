import { Menu } from 'electron';
import { type MenuCommands, menuTemplate } from './menu-template.ts';

/** Puts the native menu in place. `name` is the application's. */
export function setMenu(name: string, commands: MenuCommands): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(process.platform, name, commands)));
}
