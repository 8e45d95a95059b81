/** Why a device state cannot be saved or taken over. */
export type MigrationErrorCode =
  /** The bytes are not a state, or not one of a version that is known. */
  | 'MALFORMED'
  /** The source had something agreed with the guest that is switched off here. */
  | 'INCOMPATIBLE'
  /** A file that the guest knows or has open cannot be named, or is not found here. */
  | 'LOST';

/** A migration that cannot go on; the front-end is told that it failed, and `message` says why. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
  readonly code: MigrationErrorCode;

  constructor(code: MigrationErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
