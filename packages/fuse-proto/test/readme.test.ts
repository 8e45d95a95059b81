/** The README's code is what people copy: it has to pass the compiler as it stands. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';

const packageFile = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

test('the examples of the README compile', { timeout: 60_000 }, () => {
  const blocks = [...readFileSync(packageFile('README.md'), 'utf8').matchAll(/```ts\n(.*?)```/gs)];
  expect(blocks.length).toBeGreaterThan(2);
  const code = [...blocks.map(([, block]) => block), 'declare const requestBytes: Uint8Array;'].join('\n');

  const { config } = ts.readConfigFile(packageFile('tsconfig.json'), ts.sys.readFile);
  const options: ts.CompilerOptions = {
    ...ts.parseJsonConfigFileContent(config, ts.sys, packageFile('.')).options,
    paths: { '@vfs/fuse-proto': [packageFile('src/index.ts')] },
  };
  // A file that exists for the compiler only.
  const file = packageFile('README.example.ts');
  const host = ts.createCompilerHost(options);
  const { fileExists, getSourceFile } = host;
  host.fileExists = (path) => path === file || fileExists(path);
  host.getSourceFile = (path, version, ...rest) =>
    path === file ? ts.createSourceFile(path, code, version) : getSourceFile(path, version, ...rest);
  const program = ts.createProgram([file], options, host);
  const found = ts.getPreEmitDiagnostics(program, program.getSourceFile(file));
  expect(found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).toEqual([]);
});
