/**
 * The language of `--translate-uid` and `--translate-gid`: which ids of the guest are which on the host.
 *
 * ```text
 *   guest:G:H:n          n ids from G on are those from H on, when the guest says whom it means
 *   host:H:G:n           n ids from H on are those from G on, when the guest is told whose something is
 *   map:G:H:n            both
 *   squash-guest:G:H:n   n ids from G on are all H
 *   squash-host:H:G:n    n ids from H on are all G
 *   forbid-guest:G:n     n ids from G on are EPERM
 * ```
 *
 * Any character but letters, digits, `-` and `_` can stand for the colon.
 *
 * @packageDocumentation
 */
export { IdTranslationError } from './error.js';
export { type IdTranslation, idMap } from './id-translation.js';
export { type IdKind, parseIdTranslation } from './parse.js';
