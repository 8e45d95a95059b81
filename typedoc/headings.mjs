// @ts-check
/**
 * A plugin of typedoc: constants that have the kernel's names say nothing each for themselves, but their file does at its head. The
 * reference shows that with them. One in a file without such a head stays undocumented, and is reported.
 */
import { readFileSync } from 'node:fs';
import { Comment, Converter, ReflectionKind } from 'typedoc';

/** @type {Map<string, string | undefined>} */
const headings = new Map();

/**
 * The comment before the first export of a file.
 * @param {string} file
 */
function headingOf(file) {
  if (!headings.has(file)) {
    const [head = ''] = readFileSync(file, 'utf8').split(/^export /m, 1);
    const block = /^\/\*\*([\s\S]*?)\*\//m.exec(head)?.[1];
    headings.set(file, block?.replace(/^\s*\* ?/gm, '').trim());
  }
  return headings.get(file);
}

/** @param {import('typedoc').Application} app */
export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const constant of project.getReflectionsByKind(ReflectionKind.Variable)) {
      if (constant.hasComment()) continue;
      const file = project.getSymbolIdFromReflection(constant)?.fileName;
      const heading = file === undefined ? undefined : headingOf(file);
      if (heading) constant.comment = new Comment([{ kind: 'text', text: heading }]);
    }
  });
  // Typedoc itself would ask for every method of an interface, too: those of the raw tier are described together.
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => {
    for (const exported of project.getReflectionsByKind(ReflectionKind.Function)) {
      const { signatures = [] } = /** @type {import('typedoc').DeclarationReflection} */ (exported);
      if (exported.hasComment() || signatures.some((signature) => signature.hasComment())) continue;
      app.logger.warn(`${exported.getFullName()} is a function without documentation`);
    }
  });
}
