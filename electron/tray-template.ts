import type { MenuItemConstructorOptions } from 'electron';

type Item = MenuItemConstructorOptions;

export interface TrayCommands {
  show(): void;
  pauseAll(): void;
  resumeAll(): void;
  alternativeLimits(on: boolean): void;
  quit(): void;
}

/** What the menu of the tray shows. */
export interface TrayState {
  /** Whether the alternative limits hold. */
  readonly alternative: boolean;
  readonly canPause: boolean;
  readonly canResume: boolean;
}

/** The menu of the icon in the tray. */
export function trayTemplate(name: string, state: TrayState, commands: TrayCommands): Item[] {
  return [
    { id: 'show', label: `Show ${name}`, click: () => commands.show() },
    { type: 'separator' },
    { id: 'pause-all', label: 'Pause All', enabled: state.canPause, click: () => commands.pauseAll() },
    { id: 'resume-all', label: 'Resume All', enabled: state.canResume, click: () => commands.resumeAll() },
    {
      id: 'alternative',
      label: 'Alternative Limits',
      type: 'checkbox',
      checked: state.alternative,
      click: ({ checked }) => commands.alternativeLimits(checked),
    },
    { type: 'separator' },
    { id: 'quit', label: `Quit ${name}`, click: () => commands.quit() },
  ];
}
