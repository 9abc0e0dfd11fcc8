import type { MenuItemConstructorOptions } from 'electron';
import type { MenuAction } from '../core/bridge/contract.ts';

type Item = MenuItemConstructorOptions;

export interface MenuCommands {
  /** An action that the window carries out. */
  action(action: MenuAction): void;
  showLogs(): void;
}

/** The native menu with the platform's conventions. `platform` is Node's name of the system. */
export function menuTemplate(platform: string, name: string, commands: MenuCommands): Item[] {
  const mac = platform === 'darwin';
  const line: Item = { type: 'separator' };
  const item = (label: string, action: MenuAction, accelerator?: string): Item => ({
    label,
    id: action,
    click: () => commands.action(action),
    ...(accelerator === undefined ? {} : { accelerator }),
  });
  const settings = item(mac ? 'Settings…' : '&Settings…', 'settings', 'CmdOrCtrl+,');
  const about = item(`About ${name}`, 'about');
  const own: Item = {
    label: name,
    submenu: [
      about,
      line,
      settings,
      line,
      { role: 'services' },
      line,
      { role: 'hide' },
      { role: 'hideOthers' },
      { role: 'unhide' },
      line,
      { role: 'quit' },
    ],
  };
  const file: Item = {
    label: '&File',
    submenu: [
      item('&Add Torrent…', 'add', 'CmdOrCtrl+O'),
      item('&Paste Link…', 'paste', 'CmdOrCtrl+Shift+V'),
      item('&Create Torrent…', 'create', 'CmdOrCtrl+N'),
      item('&Import from Another Client…', 'import'),
      ...(mac ? [line, { role: 'close' } as Item] : [line, settings, line, { role: 'quit' } as Item]),
    ],
  };
  const edit: Item = {
    label: '&Edit',
    submenu: [
      { role: 'undo' },
      { role: 'redo' },
      line,
      { role: 'cut' },
      { role: 'copy' },
      { role: 'paste' },
      { role: 'selectAll' },
      line,
      item('Select All &Downloads', 'select-all', 'CmdOrCtrl+Shift+A'),
      item('&Find…', 'find', 'CmdOrCtrl+F'),
    ],
  };
  const download: Item = {
    label: '&Download',
    submenu: [
      item('&Pause', 'pause', 'CmdOrCtrl+P'),
      item('&Resume', 'resume', 'CmdOrCtrl+R'),
      line,
      item('&Assemble File', 'assemble', 'CmdOrCtrl+E'),
      item('Show in &Folder', 'show-in-folder', mac ? 'Cmd+Shift+F' : 'Ctrl+Shift+F'),
      line,
      item('Re&move…', 'remove', mac ? 'Cmd+Backspace' : 'Ctrl+Delete'),
    ],
  };
  const view: Item = {
    label: '&View',
    submenu: [{ role: 'resetZoom' }, { role: 'zoomIn' }, { role: 'zoomOut' }, line, { role: 'togglefullscreen' }],
  };
  const help: Item = {
    label: '&Help',
    role: 'help',
    submenu: [{ label: 'Show &Log File', click: () => commands.showLogs() }, ...(mac ? [] : [line, about])],
  };
  return [...(mac ? [own] : []), file, edit, download, view, ...(mac ? [{ role: 'windowMenu' } as Item] : []), help];
}
