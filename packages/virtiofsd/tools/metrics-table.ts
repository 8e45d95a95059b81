import { FAMILIES } from '../src/observe/families.js';

/** The metrics as docs/observability.md has them. */
export function metricsTable(): string {
  const rows = FAMILIES.map(({ name, type, labels = [], help }) => {
    const named = labels.map((label) => `\`${label}\``).join(', ');
    return `| \`${name}\` | ${type} | ${named} | ${help} |`;
  });
  return ['| name | type | labels | what |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
