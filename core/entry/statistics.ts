import type { StatisticsKeeper } from '../bridge/host/services.ts';
import { readVersioned, writeVersioned } from '../coordinator/catalog/versioned-file.ts';
import { STATISTICS_VERSION, statisticsFile } from '../engine/statistics-kept.ts';
import type { Disk } from '../ports/disk.ts';

/** What was counted in earlier runs, in `statistics.json` of the state folder. Rejects where that is damaged or newer. */
export async function openStatistics(
  disk: Disk,
  stateFolder: string,
  held: () => Promise<boolean>,
): Promise<StatisticsKeeper> {
  const path = `${stateFolder}/statistics.json`;
  const kept = await readVersioned(disk, path, STATISTICS_VERSION, statisticsFile);
  return {
    kept,
    keep: async (now) => {
      if (await held()) await writeVersioned(disk, path, STATISTICS_VERSION, now);
    },
  };
}
