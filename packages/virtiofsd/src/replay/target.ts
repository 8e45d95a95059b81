/** What a recording is replayed against. */
export interface ReplayTarget extends Disposable {
  /**
   * Sends a request.
   *
   * @param room - how long the reply may be
   * @param done - told the reply, which is empty when there is none; perhaps before this returns
   */
  send(request: Buffer, room: number, done: (reply: Uint8Array) => void): void;
}
