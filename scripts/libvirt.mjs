// @ts-check
/**
 * Shows that libvirt starts the daemon and that a domain mounts what it shares, as docs/libvirt.md describes:
 *
 *     npm run libvirt          as root, after npm run setup
 *
 * libvirt and QEMU are installed where they are missing. The libvirtd that runs here is one of its own, which goes with the
 * script; domains of this machine are not touched.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Agent } from './lib/agent.mjs';
import { temporaryFolder } from './lib/cleanup.mjs';
import { prepareGuest } from './lib/guest.mjs';
import { ensureLibvirt, PrivateLibvirt } from './lib/libvirt.mjs';
import { headline, say } from './lib/log.mjs';
import { main } from './lib/main.mjs';
import { TAG } from './lib/qemu.mjs';
import { root } from './lib/root.mjs';
import { within } from './lib/supervise.mjs';

const BINARY = join(root, 'packages/virtiofsd/bin/virtiofsd.js');

/**
 * What libvirt can be told about a share: it makes options of the daemon of it.
 * @type {readonly { title: string, filesystem: string }[]}
 */
const CASES = [
  { title: 'nothing said', filesystem: `<binary path='${BINARY}'/>` },
  {
    title: 'no cache, extended attributes, locks, chroot',
    filesystem: `<binary path='${BINARY}' xattr='on'>
        <cache mode='none'/><sandbox mode='chroot'/><lock posix='on' flock='on'/>
      </binary>`,
  },
  {
    title: 'all cached, namespaces, a thread pool',
    filesystem: `<binary path='${BINARY}' xattr='off'>
        <cache mode='always'/><sandbox mode='namespace'/><lock posix='off' flock='off'/><thread_pool size='4'/>
      </binary>`,
  },
];

main(async () => {
  headline('libvirt');
  await ensureLibvirt();
  const image = await prepareGuest();
  const libvirt = await PrivateLibvirt.start();
  say(libvirt.virsh('version').trim().split('\n').slice(0, 1).join(''));
  for (const [index, each] of CASES.entries()) {
    await tryOut(libvirt, image, `virtiofs-${index}`, each);
    say(`passed: ${each.title}`);
  }
  await libvirt.stop();
  say(`${CASES.length} domains have mounted the share`);
});

/**
 * @param {PrivateLibvirt} libvirt
 * @param {import('./lib/guest.mjs').GuestImage} image
 * @param {string} name of the domain
 * @param {(typeof CASES)[number]} testCase
 */
async function tryOut(libvirt, image, name, { filesystem }) {
  const work = temporaryFolder();
  const share = join(work.path, 'share');
  mkdirSync(share);
  writeFileSync(join(share, 'hello'), 'from the host\n');
  const line = join(work.path, 'agent');
  const agent = new Agent(line);
  await agent.listening;
  const forget = libvirt.create(name, domain(image, { name, share, line, filesystem }));
  try {
    await within(agent.ready, 300, () => `the guest is not up:\n${libvirt.log()}`);
    const script = [
      'set -e',
      'grep -q " /mnt virtiofs " /proc/mounts',
      'cat /mnt/hello',
      'echo from the guest >/mnt/reply',
      'mkdir /mnt/folder',
    ].join('\n');
    const { status, stdout, stderr } = await within(
      agent.run(script),
      60,
      () => `no answer:\n${libvirt.log()}`,
    );
    if (status !== 0 || stdout !== 'from the host\n') {
      throw new Error(`status ${status} in the guest: ${stdout}${stderr}\n${libvirt.log()}`);
    }
    if (readFileSync(join(share, 'reply'), 'utf8') !== 'from the guest\n')
      throw new Error('the reply is not there');
    // The answer never comes.
    agent.run('/root/off').catch(() => {});
    for (let i = 0; libvirt.runs(name); i += 1) {
      if (i > 300) throw new Error(`the domain does not end:\n${libvirt.log()}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    forget();
  } finally {
    agent.fail(new Error('the domain has ended'));
    agent.close();
    work.remove();
  }
}

/**
 * @param {import('./lib/guest.mjs').GuestImage} image
 * @param {{ name: string, share: string, line: string, filesystem: string }} options
 */
function domain({ tools, initramfs, accelerator }, { name, share, line, filesystem }) {
  const append = `console=ttyS0 quiet panic=-1 vfs_mode=agent vfs_tag=${TAG}`;
  return `<domain type='${accelerator === 'kvm' ? 'kvm' : 'qemu'}'>
  <name>${name}</name>
  <memory unit='MiB'>512</memory>
  <vcpu>1</vcpu>
  <memoryBacking>
    <source type='memfd'/>
    <access mode='shared'/>
  </memoryBacking>
  <os>
    <type arch='x86_64' machine='q35'>hvm</type>
    <kernel>${tools.kernel.image}</kernel>
    <initrd>${initramfs}</initrd>
    <cmdline>${append}</cmdline>
  </os>
  <features><acpi/></features>
  <cpu mode='maximum'/>
  <on_reboot>destroy</on_reboot>
  <devices>
    <emulator>${tools.qemu}</emulator>
    <filesystem type='mount' accessmode='passthrough'>
      <driver type='virtiofs'/>
      ${filesystem}
      <source dir='${share}'/>
      <target dir='${TAG}'/>
    </filesystem>
    <serial type='null'><target port='0'/></serial>
    <serial type='unix'><source mode='connect' path='${line}'/><target port='1'/></serial>
    <memballoon model='none'/>
  </devices>
</domain>
`;
}
