import type { PathFound, PathsFound } from '../../engine/paths.ts';

const RIGHT: PathFound = {
  interfaceName: 'enp3s0',
  address: '192.0.2.14',
  family: 4,
  kind: 'wired',
  up: true,
  temporary: false,
  deprecated: false,
  gateway: '192.0.2.1',
  verdict: 'own',
  leavesBy: 'enp3s0',
  to: '192.0.2.1',
  why: null,
  make: [],
  undo: [],
};
const TABLE = ['table', '17700', 'protocol', '177'];

/** Three links: one that is right, one whose packets leave by that, and a tunnel. */
export const FAKE_PATHS: PathsFound = {
  paths: [
    RIGHT,
    {
      ...RIGHT,
      interfaceName: 'enp4s0',
      address: '192.0.2.15',
      gateway: '192.0.2.129',
      verdict: 'elsewhere',
      make: [
        ['ip', '-4', 'route', 'add', 'default', 'via', '192.0.2.129', 'src', '192.0.2.15', 'dev', 'enp4s0', ...TABLE],
        ['ip', '-4', 'rule', 'add', 'from', '192.0.2.15', 'lookup', '17700', 'priority', '17702', 'protocol', '177'],
      ],
      undo: [
        ['ip', '-4', 'rule', 'del', 'priority', '17702'],
        ['ip', '-4', 'route', 'flush', 'table', '17700'],
      ],
    },
    { ...RIGHT, interfaceName: 'wg0', address: '192.0.2.16', kind: 'vpn', gateway: null, leavesBy: 'wg0', to: null },
  ],
  shared: [['192.0.2.14', '192.0.2.15']],
};
