// @ts-check
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from '../../lib/root.mjs';

/** How users have TypeScript find packages. @type {readonly [name: string, options: ts.CompilerOptions][]} */
const RESOLUTIONS = [
  ['node16', { module: ts.ModuleKind.Node16, moduleResolution: ts.ModuleResolutionKind.Node16 }],
  ['bundler', { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler }],
];

/** The library's own declarations are the same for all: they are read once. @type {Map<string, ts.SourceFile>} */
const libraries = new Map();

/**
 * Compiles files in the place of a user, whose compiler looks at the declarations of the packages, too.
 * @param {string} folder
 * @param {Readonly<Record<string, string>>} files name and text; .cts files only make sense with node16
 * @returns {string[]} what is wrong
 */
export function typeErrors(folder, files) {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return RESOLUTIONS.flatMap(([title, resolution]) => {
    const names = Object.keys(files).filter((name) => title === 'node16' || !name.endsWith('.cts'));
    /** @type {ts.CompilerOptions} */
    const options = {
      ...resolution,
      target: ts.ScriptTarget.ES2022,
      lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      skipLibCheck: false,
      typeRoots: [join(root, 'node_modules/@types')],
      types: ['node'],
    };
    const host = ts.createCompilerHost(options);
    const { getSourceFile } = host;
    host.getSourceFile = (path, version, ...rest) => {
      if (!path.includes('/typescript/lib/') && !path.includes('/@types/'))
        return getSourceFile(path, version, ...rest);
      const key = `${title} ${path}`;
      const known = libraries.get(key);
      if (known) return known;
      const read = getSourceFile(path, version, ...rest);
      if (read) libraries.set(key, read);
      return read;
    };
    const program = ts.createProgram(
      names.map((name) => join(folder, name)),
      options,
      host,
    );
    const ours = program
      .getSourceFiles()
      .filter(({ fileName }) => fileName.startsWith(folder))
      .flatMap((file) => ts.getPreEmitDiagnostics(program, file));
    return ours.map(({ file, messageText }) => {
      const text = ts.flattenDiagnosticMessageText(messageText, '\n');
      return `${title}: ${file?.fileName.slice(folder.length + 1)}: ${text}`;
    });
  });
}
