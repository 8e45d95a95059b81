import { CAPABILITIES } from '../../src/options/capabilities.js';

/** Where libvirt and others expect the daemon. */
const BINARY = '/usr/libexec/virtiofsd';

/** How a program that starts machines finds the daemon: docs/interop/vhost-user.json of QEMU. */
export function vmmDescription(): string {
  const { type, features } = CAPABILITIES;
  const description = { description: 'virtiofsd vhost-user-fs', type, binary: BINARY, features };
  return `${JSON.stringify(description, null, 2)}\n`;
}
