import { decode, decodeReply, InHeader, opcodeName } from '@vfs/fuse-proto';
import { errnoName } from '@vfs/sys';
import { bytesText, type Fields, replyFields } from './reply-fields.js';
import { Symbols } from './symbols.js';

/** What a request came to. */
export type Outcome =
  /** The fields of a successful reply. */
  | { readonly kind: 'ok'; readonly fields: Fields }
  /** The name of the errno; or that the daemon ended, did not answer, answered what it must not, or said nothing. */
  | { readonly kind: 'other'; readonly text: string };

/** What happened when a script was run, by the label of each request. */
export class Transcript {
  readonly outcomes = new Map<string, Outcome>();
  readonly #symbols = new Symbols();
  #label: string | undefined;

  /** Names the requests that are made while `work` is under way. */
  async label<T>(label: string, work: () => Promise<T>): Promise<T> {
    this.#label = label;
    try {
      return await work();
    } finally {
      this.#label = undefined;
    }
  }

  /** A reply that came, which may be empty. */
  reply(request: Uint8Array, reply: Uint8Array): void {
    const label = this.#unused(request);
    this.outcomes.set(label, this.#outcome(request, reply, label));
  }

  /** Something else than a reply. */
  other(request: Uint8Array, text: string): void {
    this.outcomes.set(this.#unused(request), { kind: 'other', text });
  }

  #outcome(request: Uint8Array, reply: Uint8Array, label: string): Outcome {
    if (reply.length === 0) return { kind: 'other', text: 'no reply' };
    try {
      const { error, payload } = decodeReply(reply);
      if (error !== 0) return { kind: 'other', text: errnoName(-error) };
      const { opcode, nodeid } = decode(InHeader, request);
      const context = { opcode, nodeid, size: sizeAsked(request), label, symbols: this.#symbols };
      return { kind: 'ok', fields: replyFields(payload, context) };
    } catch {
      return { kind: 'other', text: `malformed: ${bytesText(reply)}` };
    }
  }

  /** The label in force, or the opcode; numbered if there are several requests of it. */
  #unused(request: Uint8Array): string {
    const base = this.#label ?? opcodeName(opcodeOf(request));
    let label = base;
    for (let count = 2; this.outcomes.has(label); count++) label = `${base} (${count})`;
    return label;
  }
}

/** A difference between two transcripts, short enough for a line. */
export interface Found {
  /** The script and the label of the request. */
  readonly at: string;
  /** What of the reply differs, where both are successes. */
  readonly field?: string;
  readonly rust: string;
  readonly ours: string;
}

/** Everything in which two runs of a script differ. */
export function differences(script: string, rust: Transcript, ours: Transcript): Found[] {
  const labels = new Set([...rust.outcomes.keys(), ...ours.outcomes.keys()]);
  return [...labels].flatMap((label) =>
    between(rust.outcomes.get(label), ours.outcomes.get(label)).map((found) => ({
      at: `${script}: ${label}`,
      ...found,
    })),
  );
}

function between(rust: Outcome | undefined, ours: Outcome | undefined): Omit<Found, 'at'>[] {
  if (rust?.kind !== 'ok' || ours?.kind !== 'ok') {
    return text(rust) === text(ours) ? [] : [{ rust: text(rust), ours: text(ours) }];
  }
  const names = new Set([...Object.keys(rust.fields), ...Object.keys(ours.fields)]);
  return [...names]
    .filter((name) => rust.fields[name] !== ours.fields[name])
    .map((field) => ({
      field,
      rust: rust.fields[field] ?? 'none',
      ours: ours.fields[field] ?? 'none',
    }));
}

function text(outcome: Outcome | undefined): string {
  if (outcome === undefined) return 'not asked';
  return outcome.kind === 'ok' ? 'ok' : outcome.text;
}

function opcodeOf(request: Uint8Array): number {
  return request.length < 8 ? 0 : new DataView(request.buffer, request.byteOffset).getUint32(4, true);
}

/** The first field behind the header: what GETXATTR and LISTXATTR have room for. */
function sizeAsked(request: Uint8Array): number {
  return request.length < 44 ? 0 : new DataView(request.buffer, request.byteOffset).getUint32(40, true);
}
