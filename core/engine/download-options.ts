import * as v from 'valibot';
import { checkedAlike } from './checked-alike.ts';
import { DOWNLOAD_OPTIONS } from './option-table.ts';
import { type Frozen, mayLack } from './values.ts';

// What follows from the table of options: types, and checks for code that gets options from outside.

type Table = typeof DOWNLOAD_OPTIONS;
export type OptionName = keyof Table;
type Having<Fact extends object> = { [K in OptionName]: Table[K] extends Fact ? K : never }[OptionName];
type Schemas<K extends OptionName> = { readonly [N in K]: Table[N]['schema'] };

/** All choices for one download. */
export type DownloadOptions = Frozen<v.InferOutput<v.ObjectSchema<Schemas<OptionName>, undefined>>>;
/** What may be changed while it runs. */
export type DownloadChanges = Partial<Pick<DownloadOptions, Having<{ changes: true }>>>;
/** What a window chooses for a new download: `output`, and those other options that it offers. */
export type AddOptions = Pick<DownloadOptions, 'output'> &
  Partial<Omit<DownloadOptions, Having<{ commandLine: true }>>>;

export const OPTION_NAMES = Object.keys(DOWNLOAD_OPTIONS) as readonly OptionName[];

function namesWith<K extends OptionName>(fact: 'changes'): readonly K[] {
  return OPTION_NAMES.filter((name) => fact in DOWNLOAD_OPTIONS[name]) as readonly OptionName[] as readonly K[];
}
const CHANGED = namesWith<keyof DownloadChanges>('changes');
/** Those that whoever adds to a list of downloads may choose. */
export const OFFERED_OPTIONS = OPTION_NAMES.filter(
  (name) => !('commandLine' in DOWNLOAD_OPTIONS[name]),
) as readonly OptionName[] as readonly (keyof AddOptions)[];

function schemasOf<K extends OptionName>(names: readonly K[]): Schemas<K> {
  return Object.fromEntries(names.map((name) => [name, DOWNLOAD_OPTIONS[name].schema])) as never;
}

/** The same, with the usual value for an option that is missing because the program that stored them did not know it. */
function keptSchemasOf<K extends OptionName>(names: readonly K[]): Schemas<K> {
  const kept = (name: OptionName): v.GenericSchema => {
    const { schema, ...facts } = DOWNLOAD_OPTIONS[name];
    return 'usual' in facts ? v.optional(schema as v.GenericSchema, facts.usual) : schema;
  };
  return Object.fromEntries(names.map((name) => [name, kept(name)])) as never;
}

/** Of thousands of downloads most differ in where their files go alone. */
function forMany(schemas: Schemas<OptionName>): v.GenericSchema<unknown, DownloadOptions> {
  return checkedAlike<DownloadOptions, 'output'>(v.object(schemas), 'output', DOWNLOAD_OPTIONS.output.schema);
}

/** All options of a download. */
export const downloadOptions = forMany(schemasOf(OPTION_NAMES));
/** The same as stored by an earlier run, perhaps of an older program. */
export const keptOptions = forMany(keptSchemasOf(OPTION_NAMES));
export const downloadChanges: v.GenericSchema<unknown, DownloadChanges> = v.strictObject(mayLack(schemasOf(CHANGED)));
export const addOptions = v.strictObject({
  ...mayLack(schemasOf(OFFERED_OPTIONS)),
  output: DOWNLOAD_OPTIONS.output.schema,
}) as v.GenericSchema<unknown, AddOptions>;

/** The options of an ordinary client (`docs/cli.md`, "get"), with some changed. `output` is absolute. */
export function ordinaryOptions(output: string, changes: Partial<DownloadOptions> = {}): DownloadOptions {
  return { ...v.parse(keptOptions, { output }), ...changes };
}
