import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { program, servedHere } from './support.js';

describe.runIf(process.geteuid!() === 0)('a mount of which the kernel does not check permissions', () => {
  it('answers access(2) by the rights of the caller', async () => {
    await using mount = await servedHere({}, { defaultPermissions: false });
    const [real, seen] = [join(mount.directory, 'file'), join(mount.mountpoint, 'file')];
    await writeFile(real, 'x');
    const may = async (how: string, uid = 0) => {
      const identity = ['--reuid', String(uid), '--regid', String(uid), '--clear-groups'];
      return (await program('setpriv', ...identity, 'test', `-${how}`, seen)).status === 0;
    };
    await chmod(real, 0o604);
    expect(await may('r', 12_345)).toBe(true);
    expect(await may('w', 12_345)).toBe(false);
    expect(await may('w')).toBe(true);
    expect(await may('x')).toBe(false);
    await chmod(real, 0o600);
    expect(await may('r', 12_345)).toBe(false);
  });
});
