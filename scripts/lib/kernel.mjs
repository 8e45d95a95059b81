// @ts-check
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { release as runningRelease } from 'node:os';
import { join } from 'node:path';
import { say } from './log.mjs';
import { cacheDir } from './root.mjs';
import { run } from './run.mjs';
import { dependencyOf, downloadPackage, isDebian, MissingError } from './system-packages.mjs';

/**
 * A kernel for the guest.
 * @typedef {object} Kernel
 * @property {string} release
 * @property {string} image
 * @property {string} modules its /lib/modules/RELEASE
 */

const META_PACKAGE = 'linux-image-cloud-amd64';
const KERNEL_FOLDER = join(cacheDir, 'guest-kernel');

/**
 * Finds a kernel for the guest: on Debian the small one for clouds, downloaded once into the cache of the checkout and
 * never installed; elsewhere the one that is running.
 * @returns {Promise<Kernel>}
 */
export async function findKernel() {
  const cached = kernelIn(KERNEL_FOLDER);
  if (cached !== null) return cached;
  if (!isDebian()) return runningKernel();
  const name = await dependencyOf(META_PACKAGE, 'linux-image-');
  say(`downloading ${name} for the guest (kept in .cache, not installed)`);
  await downloadKernel(name);
  const kernel = kernelIn(KERNEL_FOLDER);
  if (kernel === null) throw new Error(`${name} holds no kernel image with modules`);
  return kernel;
}

/**
 * The kernel that this machine runs, where its image and its modules can be read.
 * @param {string} [release]
 * @param {string} [top] the folder that stands for /
 * @returns {Kernel}
 */
export function runningKernel(release = runningRelease(), top = '/') {
  const modules = [join(top, 'lib/modules', release), join(top, 'usr/lib/modules', release)].find(isReadable);
  const images = [
    join(top, 'boot', `vmlinuz-${release}`),
    join(top, 'boot', `kernel-${release}`),
    join(top, 'lib/modules', release, 'vmlinuz'),
    join(top, 'usr/lib/modules', release, 'vmlinuz'),
    // Distributions that keep one kernel only.
    join(top, 'boot/vmlinuz-linux'),
    join(top, 'boot/vmlinuz'),
  ];
  const image = images.find(isReadable);
  if (image === undefined || modules === undefined) {
    const missing = image === undefined ? `image (${images[0]})` : `modules (/lib/modules/${release})`;
    throw new MissingError(
      `no kernel for the guest: the running kernel's ${missing} cannot be read. Make it readable, or use a Debian machine, ` +
        `where the package behind ${META_PACKAGE} is downloaded.`,
    );
  }
  return { release, image, modules };
}

/**
 * Downloads and unpacks a kernel package. It appears in the cache whole or not at all.
 * @param {string} name
 */
async function downloadKernel(name) {
  mkdirSync(cacheDir, { recursive: true });
  const folder = mkdtempSync(join(cacheDir, 'download-'));
  try {
    await downloadPackage(name, folder);
    const file = readdirSync(folder).find((entry) => entry.endsWith('.deb'));
    if (file === undefined) throw new Error(`apt-get download ${name} left no file`);
    const unpacked = join(folder, 'unpacked');
    await run('dpkg', ['-x', join(folder, file), unpacked]);
    rmSync(KERNEL_FOLDER, { recursive: true, force: true });
    renameSync(unpacked, KERNEL_FOLDER);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} folder an unpacked kernel package
 * @returns {Kernel | null}
 */
function kernelIn(folder) {
  const boot = join(folder, 'boot');
  if (!existsSync(boot)) return null;
  const name = readdirSync(boot).find((entry) => entry.startsWith('vmlinuz-'));
  if (name === undefined) return null;
  const release = name.slice('vmlinuz-'.length);
  const modules = [join(folder, 'lib/modules', release), join(folder, 'usr/lib/modules', release)].find(
    isReadable,
  );
  return modules === undefined ? null : { release, image: join(boot, name), modules };
}

/** @param {string} path */
function isReadable(path) {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
