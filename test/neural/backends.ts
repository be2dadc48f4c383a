import { type Backend, type BackendName, loadBackend } from '../../src/neural/backend.js';

/** Every backend that is present here; WASM and CPU must be. */
export async function presentBackends(): Promise<Backend[]> {
  const present: Backend[] = [];
  for (const name of ['native', 'wasm', 'cpu'] as const satisfies readonly BackendName[]) {
    try {
      present.push(await loadBackend(name, 'test'));
    } catch (error) {
      if (name !== 'native') throw error;
    }
  }
  return present;
}
