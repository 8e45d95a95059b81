/** A view class of @vfs/fuse-proto. */
interface ViewOf<V> {
  new (data: DataView, base?: number): V;
  readonly SIZE: number;
}

/** The bytes of a structure with the given fields, all others zero. */
export function encode<V extends { assign(values: never): unknown }>(
  view: ViewOf<V>,
  values: Parameters<V['assign']>[0],
): Uint8Array {
  const bytes = new Uint8Array(view.SIZE);
  new view(new DataView(bytes.buffer)).assign(values as never);
  return bytes;
}

/** A view of the structure at `offset` of `bytes`. */
export function decode<V>(view: ViewOf<V>, bytes: Uint8Array, offset = 0): V {
  return new view(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset);
}
