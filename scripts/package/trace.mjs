// Writes what a process imports to the file named by TRACE_FILE, one `{ from, url }` a line:
//
//     node --import ./trace.mjs --input-type=module --eval "await import('generative-models/kde')"
//
// The main thread registers this same file as the module hooks, which run in a thread of their own.
import { appendFileSync } from 'node:fs';
import { register } from 'node:module';
import { isMainThread } from 'node:worker_threads';

if (isMainThread) register(import.meta.url);

/** @type {import('node:module').ResolveHook} */
export async function resolve(specifier, context, next) {
  const found = await next(specifier, context);
  appendFileSync(
    process.env.TRACE_FILE ?? '',
    `${JSON.stringify({ from: context.parentURL ?? '', url: found.url })}\n`,
  );
  return found;
}
