// Written in syntax that an old Node can still parse, so that it gets as far as the refusal.
import { readFileSync } from 'node:fs';

/**
 * Whether version `have` is at least `need`; both like `20.18.3`.
 * @param {string} have
 * @param {string} need
 * @returns {boolean}
 */
export function isAtLeast(have, need) {
  const a = have.split('.').map(Number);
  const b = need.split('.').map(Number);
  for (let i = 0; i < 3; i++) {
    const x = a[i] || 0;
    const y = b[i] || 0;
    if (x !== y) return x > y;
  }
  return true;
}

/** If this Node is older than package.json asks for, says so and ends the process. */
export function refuseOldNode() {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const need = JSON.parse(text).engines.node.replace('>=', '');
  if (isAtLeast(process.versions.node, need)) return;
  console.error('Ensemble needs Node ' + need + ' or newer; this is Node ' + process.versions.node + ' (nodejs.org).');
  process.exit(1);
}
