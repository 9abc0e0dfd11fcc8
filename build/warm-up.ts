import { startLocalSwarm } from '../core/entry/local-swarm.ts';

// Run by build/compiled-bundles.mjs: seeds a file in the folder that it is told, on this machine alone, until its standard input ends.

const [folder = ''] = process.argv.slice(2);
const swarm = await startLocalSwarm({ folder, mebibytes: 8, seeds: 2, uploadRate: 0 });
console.log(swarm.torrentFile);
process.stdin.resume().on('end', () => {
  void swarm.close().then(() => process.exit(0));
});
