/** Text as roff takes it: nothing in it is a request, an escape, or a hyphen where a minus is meant. */
export function roff(text: string): string {
  return text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll("'", '\\(aq');
}

export function bold(text: string): string {
  return `\\fB${roff(text)}\\fR`;
}

export function heading(text: string): string {
  return `.SH ${text.toUpperCase()}\n`;
}

export function subheading(text: string): string {
  return `.SS ${text}\n`;
}

export function paragraph(text: string): string {
  return `.PP\n${lines(text)}`;
}

/** A term, and paragraphs about it. */
export function tagged(term: string, paragraphs: readonly string[]): string {
  return `.TP\n${term}\n${paragraphs.map(lines).join('.IP\n')}`;
}

/** What is typed, as it is. */
export function example(text: string): string {
  const body = text.trimEnd().split('\n').map(roff).join('\n');
  return `.PP\n.RS 4\n.nf\n${body}\n.fi\n.RE\n`;
}

/** A sentence a line, as it should be; no line begins with what would be a request. */
function lines(text: string): string {
  const sentences = roff(text).replace(/([.;:]) (?=\S)/g, '$1\n');
  return `${sentences.replace(/^(?=[.'])/gm, '\\&')}\n`;
}
