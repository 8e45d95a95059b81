import type { Family, Snapshot } from './families.js';

/** The media type of what {@link exposition} makes. */
export const CONTENT_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

/** A snapshot in the text format of OpenMetrics 1.0. */
export function exposition(families: readonly Family[], snapshot: Snapshot): string {
  const lines: string[] = [];
  for (const family of families) {
    const { name, type, unit, help } = family;
    lines.push(`# TYPE ${name} ${type}`);
    if (unit !== undefined) lines.push(`# UNIT ${name} ${unit}`);
    lines.push(`# HELP ${name} ${escaped(help)}`);
    for (const { suffix, labels, value } of family.samples(snapshot)) {
      lines.push(`${name}${suffix}${labelSet(labels)} ${number(value)}`);
    }
  }
  lines.push('# EOF', '');
  return lines.join('\n');
}

function labelSet(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(text: string): string {
  return text.replace(/[\\\n"]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`));
}

/** The memory that numbers come from can be anything, should the worker be broken into. */
function number(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  return String(value);
}
