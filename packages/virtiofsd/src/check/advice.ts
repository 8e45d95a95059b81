/**
 * Takes the message of a StartError apart: what is wrong, and behind the last colon what to do. What the system said, in
 * parentheses at the end, belongs to the former.
 */
export function splitAdvice(message: string): { text: string; fix?: string } {
  const detail = / \(E[A-Z0-9]+: .*\)$/.exec(message)?.[0] ?? '';
  const sentence = message.slice(0, message.length - detail.length);
  const at = sentence.lastIndexOf(': ');
  if (at < 0) return { text: message };
  return { text: `${sentence.slice(0, at)}${detail}`, fix: sentence.slice(at + 2) };
}
