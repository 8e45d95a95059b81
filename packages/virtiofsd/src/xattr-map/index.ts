/**
 * The language of `--xattrmap`: which extended attributes of the guest are which on the host.
 *
 * ```text
 *   rules   = rule { [whitespace] rule }
 *   rule    = : TYPE : SCOPE : KEY : PREPEND :     prefix, ok, bad or unsupported; client, server or all
 *           | : map : KEY : PREPEND :              the last one, short for the usual combinations
 *
 *   guest   trusted.a ── KEY matches ────── prefix ──▶ user.virtiofs.trusted.a   host
 *   guest   trusted.a ◀─ prefix ───── PREPEND matches ─ user.virtiofs.trusted.a  host
 * ```
 *
 * Whatever character a rule begins with is its delimiter. The first rule that matches a name decides; a name that none
 * matches is out of reach.
 *
 * @packageDocumentation
 */
export { XattrMapError } from './error.js';
export { parseXattrMap } from './parse.js';
export type { Rule, RuleType } from './rule.js';
export { type Gap, XattrMap } from './xattr-map.js';
