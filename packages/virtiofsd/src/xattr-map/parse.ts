import { XattrMapError } from './error.js';
import { expandMap, type Rule, type RuleType } from './rule.js';
import { XattrMap } from './xattr-map.js';

const TYPES: readonly RuleType[] = ['prefix', 'ok', 'bad', 'unsupported'];
const SCOPES = ['client', 'server', 'all'] as const;
const MAP = 'map';
/** How much of a wrong field a message has, in characters. */
const SHOWN = 40;
const encoder = new TextEncoder();

/**
 * Reads a list of rules as `--xattrmap` takes it.
 *
 * @throws XattrMapError
 */
export function parseXattrMap(text: string): XattrMap {
  const reader = new Reader(text);
  const rules: Rule[] = [];
  let last = '';
  while (reader.begin()) {
    if (last === MAP) throw reader.error(`nothing may follow a '${MAP}' rule: put this one before it`);
    last = readRule(reader, rules);
  }
  if (rules.length === 0) throw new XattrMapError(0, 'there is no rule: write, for example, :ok:all:::');
  return new XattrMap(rules);
}

/** Reads one rule and adds it, or those it stands for. Returns its type as it is written. */
function readRule(reader: Reader, rules: Rule[]): string {
  const word = reader.field('TYPE:SCOPE:KEY:PREPEND:', 'type');
  if (word === MAP) {
    const key = reader.field(`${MAP}:KEY:PREPEND:`, 'key');
    rules.push(...expandMap(encoder.encode(key), reader.name(`${MAP}:KEY:PREPEND:`, 'prefix to prepend')));
    return word;
  }
  const type = TYPES.find((one) => one === word);
  if (!type) throw reader.error(`there is no type '${shown(word)}': use ${either([...TYPES, MAP])}`);
  const form = `${type}:SCOPE:KEY:PREPEND:`;
  const scope = reader.field(form, 'scope');
  if (!SCOPES.some((one) => one === scope)) {
    throw reader.error(`there is no scope '${shown(scope)}': use ${either(SCOPES)}`);
  }
  rules.push({
    type,
    client: scope !== 'server',
    server: scope !== 'client',
    key: reader.name(form, 'key'),
    prepend: reader.name(form, 'prefix to prepend'),
  });
  return word;
}

/** A field may be the rest of a list whose delimiters are not where they should be. */
function shown(field: string): string {
  return field.length > SHOWN ? `${field.slice(0, SHOWN)}…` : field;
}

function either(words: readonly string[]): string {
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

/** Goes through the text, rule by rule and field by field. */
class Reader {
  readonly #text: string;
  #at = 0;
  #rule = 0;
  #delimiter = '';

  constructor(text: string) {
    this.#text = text;
  }

  /** Goes to the next rule and takes its delimiter; false when there is none. */
  begin(): boolean {
    const space = /\s*/uy;
    space.lastIndex = this.#at;
    this.#at += space.exec(this.#text)![0].length;
    const first = this.#text.codePointAt(this.#at);
    if (first === undefined) return false;
    this.#rule++;
    this.#delimiter = String.fromCodePoint(first);
    this.#at += this.#delimiter.length;
    return true;
  }

  /** The text up to the next delimiter. `form`: how the whole rule is to be written. */
  field(form: string, what: string): string {
    const end = this.#text.indexOf(this.#delimiter, this.#at);
    if (end < 0) throw this.#unfinished(form, what);
    const field = this.#text.slice(this.#at, end);
    if (field.includes('\0')) throw this.error(`its ${what} has a NUL character in it`);
    this.#at = end + this.#delimiter.length;
    return field;
  }

  /** The same as the bytes of a name. */
  name(form: string, what: string): Uint8Array {
    return encoder.encode(this.field(form, what));
  }

  error(problem: string): XattrMapError {
    return new XattrMapError(this.#rule, problem);
  }

  #unfinished(form: string, what: string): XattrMapError {
    const delimiter = this.#delimiter;
    const advice = `write it as ${delimiter}${form.replaceAll(':', delimiter)}`;
    const missing = `no '${delimiter}' ends its ${what}`;
    if (!/[\p{L}\p{N}]/u.test(delimiter)) return this.error(`${missing}: ${advice}`);
    // Most likely the delimiter was forgotten where the rule begins.
    return this.error(
      `it begins with '${delimiter}', its delimiter therefore: begin it with, for example, ':'`,
    );
  }
}
