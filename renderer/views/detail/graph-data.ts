import type { History } from '../../../core/bridge/views.ts';

/** Columns of the graph: time (seconds), the sum of all identities, then each identity. */
export type GraphData = [Float64Array, ...Float32Array[]];

export function graphData(history: History, direction: 'down' | 'up'): GraphData {
  const { identities, times } = history;
  const samples = history[direction];
  const sum = new Float32Array(times.length);
  const each = Array.from({ length: identities }, () => new Float32Array(times.length));
  for (let s = 0; s < times.length; s++) {
    for (let i = 0; i < identities; i++) {
      const value = samples[s * identities + i] ?? 0;
      const line = each[i];
      if (line) line[s] = value;
      sum[s] = (sum[s] ?? 0) + value;
    }
  }
  return [times.map((time) => time / 1000), sum, ...each];
}
