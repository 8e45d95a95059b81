import { withoutControls } from '../log.js';
import type { Finding, Verdict } from './finding.js';

const WORDS: Readonly<Record<Verdict, string>> = { ok: 'ok', note: 'note', bad: 'FAILS' };
/** Green, yellow, red. */
const COLORS: Readonly<Record<Verdict, number>> = { ok: 32, note: 33, bad: 31 };

/** The findings as an aligned table, each with what to do about it in a line of its own. */
export function tableOf(findings: readonly Finding[], color: boolean): string {
  const width = Math.max(...findings.map(({ topic }) => topic.length));
  const verdicts = Math.max(...Object.values(WORDS).map((word) => word.length));
  const lines = findings.flatMap(({ topic, verdict, text, fix }) => {
    const word = WORDS[verdict].padEnd(verdicts);
    const shown = color ? `\x1b[${COLORS[verdict]}m${word}\x1b[0m` : word;
    const indent = ' '.repeat(verdicts + width + 4);
    return [
      `${shown}  ${topic.padEnd(width)}  ${withoutControls(text)}`,
      ...(fix === undefined ? [] : [`${indent}→ ${withoutControls(fix)}`]),
    ];
  });
  const bad = findings.filter(({ verdict }) => verdict === 'bad').length;
  const sum = bad === 0 ? 'The daemon would start with these options.' : `${bad} of these would not work.`;
  return `${[...lines, '', sum].join('\n')}\n`;
}

/** The findings for a program. */
export function jsonOf(findings: readonly Finding[]): string {
  const works = findings.every(({ verdict }) => verdict !== 'bad');
  return `${JSON.stringify({ works, findings }, null, 2)}\n`;
}
