/**
 * Writes src/abi/views.ts from the declarations in src/abi/structs.ts. Run by test/views.test.ts, which
 * fails when the two differ and updates the file under `vitest -u` (the package's `generate` script).
 */
import type { Field, Struct } from '../src/abi/layout.js';
import * as structs from '../src/abi/structs.js';

/** fuse_entry_out → EntryOut, cuse_init_in → CuseInitIn. */
export function viewName(struct: string): string {
  const words = struct.replace(/^fuse_/, '').split('_');
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

/** All declarations, by name. */
export function declarations(): Struct[] {
  const exported: unknown[] = Object.values(structs);
  const found = exported.filter((value): value is Struct => (value as Partial<Struct>).kind === 'struct');
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

const at = (offset: number, more = 0) =>
  offset + more === 0 ? 'this._base' : `this._base + ${offset + more}`;

function getter(name: string, type: string, ...body: string[]): string {
  return [`  get ${name}(): ${type} {`, ...body.map((line) => `    ${line}`), '  }'].join('\n');
}

function setter(name: string, type: string, statement: string): string {
  return `  set ${name}(value: ${type}) {\n    ${statement}\n  }`;
}

function half(name: string, offset: number): string[] {
  return [
    getter(name, 'number', `return this._data.getUint32(${at(offset)}, true);`),
    setter(name, 'number', `this._data.setUint32(${at(offset)}, value, true);`),
  ];
}

function wide(name: string, offset: number, signed: boolean): string[] {
  const suffix = signed ? 'I64' : 'U64';
  const lo = `this._data.getUint32(${at(offset)}, true)`;
  const hi = `this._data.getUint32(${at(offset, 4)}, true)`;
  // Unsigned ones are spelled out: ids, handles and offsets are read on every request.
  const body = signed
    ? [`return joinI64(${lo}, ${hi});`]
    : [`const lo = ${lo};`, `const hi = ${hi};`, 'return hi === 0 ? lo : joinU64(lo, hi);'];
  return [
    getter(name, 'U64', ...body),
    setter(name, 'U64', `store${suffix}(this._data, ${at(offset)}, value);`),
    ...half(`${name}_lo`, offset),
    ...half(`${name}_hi`, offset + 4),
  ];
}

const ACCESS = { u8: 'Uint8', u16: 'Uint16', u32: 'Uint32', i32: 'Int32' } as const;

function accessors(owner: Struct, { name, type, offset }: Field): string[] {
  switch (type.kind) {
    case 'struct':
      return [];
    case 'array': {
      const element = type.element.size === 8 ? 'U64' : 'number';
      const cast = element === 'U64' ? '' : ` as ${element}[]`;
      const layout = `structs.${owner.name}.members.${name}`;
      return [
        getter(name, `${element}[]`, `return loadArray(this._data, ${at(offset)}, ${layout})${cast};`),
        setter(name, `readonly ${element}[]`, `storeArray(this._data, ${at(offset)}, ${layout}, value);`),
      ];
    }
    case 'u64':
      return wide(name, offset, false);
    case 'i64':
    case 'time':
      return wide(name, offset, true);
    default: {
      const method = ACCESS[type.kind];
      const order = type.kind === 'u8' ? '' : ', true';
      return [
        getter(name, 'number', `return this._data.get${method}(${at(offset)}${order});`),
        setter(name, 'number', `this._data.set${method}(${at(offset)}, value${order});`),
      ];
    }
  }
}

function nested(fields: readonly Field[]): string[] {
  const inner = fields.flatMap(({ name, type, offset }) =>
    type.kind === 'struct' ? [{ name, view: viewName(type.name), offset }] : [],
  );
  if (inner.length === 0) return [];
  const place = (offset: number) => (offset === 0 ? 'base' : `base + ${offset}`);
  return [
    inner.map(({ name, view }) => `  readonly ${name}: ${view};`).join('\n'),
    [
      '  constructor(data: DataView, base = 0) {',
      '    super(data, base);',
      ...inner.map(({ name, view, offset }) => `    this.${name} = new ${view}(data, ${place(offset)});`),
      '  }',
    ].join('\n'),
    [
      '  override attach(data: DataView, base: number): void {',
      '    super.attach(data, base);',
      ...inner.map(({ name, offset }) => `    this.${name}.attach(data, ${place(offset)});`),
      '  }',
    ].join('\n'),
  ];
}

function view(struct: Struct): string {
  const parts = [
    `  static readonly SIZE = ${struct.size};`,
    ...nested(struct.fields),
    getter('layout', `typeof structs.${struct.name}`, `return structs.${struct.name};`),
    ...struct.fields.flatMap((field) => accessors(struct, field)),
  ];
  const body = parts.join('\n\n');
  const head = `/** struct ${struct.name}: ${struct.size} bytes. */\nexport class ${viewName(struct.name)}`;
  return `${head} extends View<typeof structs.${struct.name}> {\n${body}\n}\n`;
}

/** The text of views.ts, formatted as the formatter leaves it. */
export function generateViews(): string {
  const all = declarations();
  const head = [
    '// Generated from structs.ts by tools/generate-views.ts (`npm run generate`): change those instead.',
    "import * as structs from './structs.js';",
    "import { joinI64, joinU64, storeI64, storeU64, type U64 } from './u64.js';",
    "import { loadArray, storeArray, View } from './view.js';",
  ];
  return `${head.join('\n')}\n\n${all.map(view).join('\n')}`;
}
