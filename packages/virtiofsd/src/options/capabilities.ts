const FEATURES = [
  'migrate-precopy',
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
