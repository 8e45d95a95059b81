/** Whether a live migration is served, so that programs that start the daemon may ask for one. */
const SERVES_MIGRATION = false;

const FEATURES = [
  ...(SERVES_MIGRATION ? ['migrate-precopy'] : []),
  'posix-acl-negotiation-mode',
  'security-label-negotiation-mode',
  'separate-options',
];

/** What the daemon can do, as libvirt and QEMU read it (vhost-user.json of QEMU). */
export const CAPABILITIES = { type: 'fs', features: FEATURES } as const;

/** The answer to --print-capabilities. */
export function capabilitiesText(): string {
  return `${JSON.stringify(CAPABILITIES, null, 2)}\n`;
}
