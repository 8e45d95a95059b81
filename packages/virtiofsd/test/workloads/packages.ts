import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { bash, type Workload } from './workload.js';

/** A package with a program, what it depends on, and a script that is run when it is installed; all of it without a network. */
const MAKE_PACKAGES = `
  mkdir leaf branch
  cat >leaf/package.json <<'JSON'
{ "name": "leaf", "version": "1.2.3", "main": "index.js" }
JSON
  echo 'module.exports = "leaf"' >leaf/index.js
  (cd leaf && npm pack --silent --pack-destination ..)
  cat >branch/package.json <<JSON
{ "name": "branch", "version": "2.0.0", "bin": "run.js", "dependencies": { "leaf": "file:$PWD/leaf-1.2.3.tgz" },
  "scripts": { "postinstall": "node -e 'require(\\"fs\\").writeFileSync(\\"installed\\", \\"yes\\")'" } }
JSON
  printf '#!/usr/bin/env node\\nconsole.log(require("leaf"))\\n' >branch/run.js
  (cd branch && npm pack --silent --pack-destination ..)
  (cd "$1" && npm pack --silent --pack-destination "$OLDPWD")`;

export const npmInstall: Workload = {
  name: 'npm install',
  async run({ mounted, aside }, effort) {
    // A package of thousands of files that is here anyway.
    const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'));
    await bash(aside, MAKE_PACKAGES, typescript);
    for (let i = 0; i < effort; i++) {
      await bash(
        mounted,
        `mkdir project && cd project
         echo '{ "name": "project", "version": "1.0.0" }' >package.json
         npm install --offline --no-audit --no-fund --foreground-scripts --loglevel=error --cache "$PWD/../cache" "$1"/*.tgz
         [ "$(npx --offline branch)" = leaf ] && [ "$(cat node_modules/branch/installed)" = yes ]
         node_modules/.bin/tsc --version
         diff -r "$2/lib" node_modules/typescript/lib
         echo 'const x: number = 1; console.log(x)' >main.ts && node_modules/.bin/tsc --noCheck main.ts 2>/dev/null || node_modules/.bin/tsc main.ts
         [ "$(node main.js)" = 1 ]
         npm ls --all >/dev/null
         npm ci --offline --no-audit --no-fund --loglevel=error --cache "$PWD/../cache"
         cd .. && rm -rf project cache`,
        aside,
        typescript,
      );
    }
  },
};
