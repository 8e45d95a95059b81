#!/usr/bin/env node
require('../dist/load.cjs')
  .load('cli')
  .main(process.argv.slice(2))
  .then((status) => process.exit(status));
