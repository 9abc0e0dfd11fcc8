/** What says where a user's programs keep their files. */
export interface Surroundings {
  readonly platform: string;
  /** Absolute; undefined: there is none. */
  readonly home: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The folders in which other clients keep their torrents unless told otherwise, each of which may be missing. */
export function usualPlaces({ platform, home, env }: Surroundings): string[] {
  const below = (folder: string | undefined, ...names: readonly string[]): string[] =>
    folder === undefined ? [] : names.map((name) => `${folder.replaceAll('\\', '/')}/${name}`);
  const all = (): string[] => {
    switch (platform) {
      case 'win32': {
        const local = env['LOCALAPPDATA'];
        return [
          ...below(local, 'transmission', 'transmission-daemon', 'qBittorrent'),
          ...below('C:/Windows/ServiceProfiles/LocalService/AppData/Local', 'transmission-daemon'),
          ...below(home, '.aria2', 'aria2'),
        ];
      }
      case 'darwin':
        return [
          ...below(home, 'Library/Application Support/Transmission', '.config/transmission-daemon'),
          ...below(home, 'Library/Application Support/transmission-daemon'),
          ...below(home, 'Library/Application Support/qBittorrent', '.aria2', '.config/aria2'),
        ];
      default: {
        const config = env['XDG_CONFIG_HOME'] ?? (home && `${home}/.config`);
        const data = env['XDG_DATA_HOME'] ?? (home && `${home}/.local/share`);
        return [
          ...below(config, 'transmission', 'transmission-daemon'),
          '/var/lib/transmission-daemon/.config/transmission-daemon',
          '/var/lib/transmission-daemon/info',
          '/var/lib/transmission/.config/transmission-daemon',
          ...below(home, '.var/app/com.transmissionbt.Transmission/config/transmission'),
          ...below(data, 'qBittorrent', 'data/qBittorrent'),
          ...below(home, '.var/app/org.qbittorrent.qBittorrent/data/qBittorrent'),
          ...below(home, '.aria2'),
          ...below(config, 'aria2'),
          ...below(env['XDG_CACHE_HOME'] ?? (home && `${home}/.cache`), 'aria2'),
        ];
      }
    }
  };
  return [...new Set(all())];
}
