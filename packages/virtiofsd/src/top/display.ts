import { withoutControls } from '../log.js';
import type { Figures, OpcodeFigures } from './figures.js';

/** The figures as a table, for a screen. @param where - of which daemon */
export function tableOf(figures: Figures, where: string): string[] {
  const { total, opcodes } = figures;
  const state = !figures.answering ? 'does not answer' : figures.connected ? 'connected' : 'no front-end';
  return [
    `virtiofsd at ${withoutControls(where)}: ${state}, up ${duration(figures.uptime)}${cpuText(figures)}`,
    `${count(total.perSecond)} requests/s, ${count(total.errors)} errors, ${figures.slow} slow, ${figures.waiting} waiting; ` +
      `read ${bytes(figures.readPerSecond)}/s, written ${bytes(figures.writtenPerSecond)}/s`,
    `${figures.nodes} nodes, ${figures.handles} handles, ${figures.descriptors} descriptors, ` +
      `${figures.poolCalls} calls on ${figures.poolThreads} threads${memoryText(figures)}`,
    '',
    row(['request', 'requests/s', 'errors', 'p50', 'p99']),
    ...[...opcodes, total].map(opcodeRow),
  ];
}

/** The figures as one line, for a log. */
export function lineOf(figures: Figures, time: Date): string {
  const { total } = figures;
  const pairs = {
    requests_per_second: total.perSecond.toFixed(1),
    errors: total.errors,
    slow: figures.slow,
    p50_us: total.p50?.toFixed(1) ?? '-',
    p99_us: total.p99?.toFixed(1) ?? '-',
    read_bytes_per_second: figures.readPerSecond.toFixed(0),
    written_bytes_per_second: figures.writtenPerSecond.toFixed(0),
    waiting: figures.waiting,
    nodes: figures.nodes,
    handles: figures.handles,
    answering: figures.answering ? 1 : 0,
  };
  const text = Object.entries(pairs).map(([name, value]) => `${name}=${value}`);
  return `${time.toISOString()} ${text.join(' ')}`;
}

function opcodeRow({ opcode, perSecond, errors, p50, p99 }: OpcodeFigures): string {
  return row([withoutControls(opcode), count(perSecond), count(errors), time(p50), time(p99)]);
}

function row([name, ...cells]: readonly string[]): string {
  return name!.padEnd(20) + cells.map((cell) => cell.padStart(12)).join('');
}

function cpuText({ cpu }: Figures): string {
  return cpu === undefined ? '' : `, ${(cpu * 100).toFixed(0)} % of a processor`;
}

function memoryText({ residentBytes }: Figures): string {
  return residentBytes === undefined ? '' : `, ${bytes(residentBytes)} resident`;
}

function count(value: number): string {
  return value >= 100 || Number.isInteger(value) ? value.toFixed(0) : value.toFixed(1);
}

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

function bytes(value: number): string {
  let scaled = value;
  let unit = 0;
  for (; scaled >= 1024 && unit < BYTE_UNITS.length - 1; unit++) scaled /= 1024;
  return `${unit === 0 || scaled >= 100 ? scaled.toFixed(0) : scaled.toFixed(1)} ${BYTE_UNITS[unit]}`;
}

function time(microseconds: number | undefined): string {
  if (microseconds === undefined) return '-';
  if (microseconds < 1000) return `${microseconds.toFixed(1)} µs`;
  if (microseconds < 1e6) return `${(microseconds / 1000).toFixed(1)} ms`;
  return `${(microseconds / 1e6).toFixed(1)} s`;
}

function duration(seconds: number): string {
  const whole = Math.floor(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}
