import Module, { isBuiltin } from 'node:module';

/** What `module.registerHooks` takes, where Node has it (22.15). */
interface Hooks {
  resolve(
    specifier: string,
    context: unknown,
    next: (specifier: string, context: unknown) => unknown,
  ): unknown;
}

/** Node's own ways to a file, which its types leave out. */
interface ModuleInternals {
  _resolveFilename(request: string, ...rest: unknown[]): string;
  registerHooks?(hooks: Hooks): void;
  register(specifier: string): void;
}

/** For Node before 22.15, whose hooks run on a thread of their own. */
const HOOKS = `
import { isBuiltin } from 'node:module';
export function resolve(specifier, context, next) {
  if (isBuiltin(specifier)) return next(specifier, context);
  throw new Error(specifier + ' cannot be loaded any more: import it at the top of the module');
}`;

/**
 * From now on nothing is loaded but what Node contains. Once the root has been moved, a path leads into the shared folder: what a module
 * imported there would be the guest's.
 */
export function sealModules(): void {
  const internals = Module as unknown as ModuleInternals;
  const own = internals._resolveFilename.bind(Module);
  internals._resolveFilename = (request, ...rest) => {
    refuse(request);
    return own(request, ...rest);
  };
  if (internals.registerHooks) {
    internals.registerHooks({
      resolve(specifier, context, next) {
        refuse(specifier);
        return next(specifier, context);
      },
    });
  } else {
    internals.register(`data:text/javascript,${encodeURIComponent(HOOKS)}`);
  }
}

function refuse(specifier: string): void {
  if (isBuiltin(specifier)) return;
  throw new Error(`${specifier} cannot be loaded any more: import it at the top of the module`);
}
