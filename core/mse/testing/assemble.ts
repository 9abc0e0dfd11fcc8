/** Operations of `rc4.wat`, and what stands behind each: a local, a number, no result of a block, alignment and offset. */
const OPERATIONS: Readonly<Record<string, readonly [code: number, operand?: 'local' | 'number' | 'block' | 'memory']>> =
  {
    block: [0x02, 'block'],
    loop: [0x03, 'block'],
    end: [0x0b],
    br: [0x0c, 'number'],
    br_if: [0x0d, 'number'],
    'local.get': [0x20, 'local'],
    'local.set': [0x21, 'local'],
    'local.tee': [0x22, 'local'],
    'i32.load8_u': [0x2d, 'memory'],
    'i32.store8': [0x3a, 'memory'],
    'i32.const': [0x41, 'number'],
    'i32.ge_u': [0x4f],
    'i32.add': [0x6a],
    'i32.and': [0x71],
    'i32.xor': [0x73],
  };
const I32 = 0x7f;

/** Assembles a WebAssembly module in text form with one exported memory and one exported function, an instruction a line. */
export function assemble(text: string): Uint8Array {
  const source = text.replace(/;;.*/g, '');
  const pages = Number(/\(memory \(export "memory"\) (\d+)\)/.exec(source)?.[1]);
  const header = /\(func \(export "(\w+)"\)(.*)\n/.exec(source);
  if (header === null || Number.isNaN(pages)) throw new Error('no memory or no function');
  const [params, locals] = ['param', 'local'].map((kind) =>
    [...(header[2] ?? '').matchAll(new RegExp(`\\(${kind} (\\$\\w+) i32\\)`, 'g'))].map(([, name]) => name ?? ''),
  ) as [string[], string[]];
  const names = [...params, ...locals];
  const body: number[] = [];
  for (const line of source.slice(header.index + header[0].length).split('\n')) {
    const [name = '', argument = ''] = line.trim().split(/\s+/);
    if (name === '' || name === ')') continue;
    const operation = OPERATIONS[name];
    if (operation === undefined) throw new Error(`${name} is not known`);
    const [code, operand] = operation;
    body.push(code);
    if (operand === 'block') body.push(0x40);
    else if (operand === 'local') body.push(names.indexOf(argument));
    else if (operand === 'memory') body.push(0, ...unsigned(Number(argument.replace('offset=', ''))));
    else if (operand === 'number') body.push(...(name === 'i32.const' ? signed : unsigned)(Number(argument)));
  }
  body.push(0x0b);
  const code = [1, locals.length, I32, ...body];
  return Uint8Array.from([
    0,
    0x61,
    0x73,
    0x6d,
    1,
    0,
    0,
    0,
    ...section(1, [1, 0x60, ...list(params.map(() => I32)), 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, ...unsigned(pages)]),
    ...section(7, [2, ...word('memory'), 2, 0, ...word(header[1] ?? ''), 0, 0]),
    ...section(10, [1, ...list(code)]),
  ]);
}

const section = (id: number, content: readonly number[]): number[] => [id, ...list(content)];
const list = (content: readonly number[]): number[] => [...unsigned(content.length), ...content];
const word = (text: string): number[] => list([...new TextEncoder().encode(text)]);

/** LEB128. */
function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

function signed(value: number): number[] {
  return value >= -64 && value < 64 ? [value & 127] : [(value & 127) | 128, ...signed(value >> 7)];
}
