/**
 * Kinds and statistics of columns in model files, and back with every check.
 *
 * @module
 */
import { type ModelState, type Setting, type StateReader, type Tensor, tensor } from '../core/model-state.js';
import type { ColumnKind, ColumnStatistics } from './columns.js';
import { columnKinds } from './option-rules.js';

/** Kinds as a setting. */
export function kindsSetting(kinds: readonly ColumnKind[]): Setting[] {
  return kinds.map((kind) => (typeof kind === 'string' ? kind : { categories: kind.categories }));
}

/** Names of the tensors of columns called `name`. */
export function statisticsNames(name: string): string[] {
  return [`${name}.centers`, `${name}.scales`];
}

/** Centres and scales of columns called `name`. */
export function statisticsTensors(name: string, { kinds, centers, scales }: ColumnStatistics): Record<string, Tensor> {
  return {
    [`${name}.centers`]: tensor(centers.slice(), kinds.length),
    [`${name}.scales`]: tensor(scales.slice(), kinds.length),
  };
}

/**
 * Reads columns back: their kinds from the setting of that name.
 *
 * @param least - 0 where there may be no columns.
 */
export function readStatistics(reader: StateReader, state: ModelState, name: string, least: number): ColumnStatistics {
  const kinds = state.settings[name];
  const rule = columnKinds();
  const isEmpty = Array.isArray(kinds) && kinds.length === 0;
  if (!(isEmpty && least === 0) && !rule.accepts(kinds)) {
    throw reader.fault(`setting "${name}" must be ${rule.words}`, kinds);
  }
  const count = (kinds as readonly ColumnKind[]).length;
  for (const own of statisticsNames(name)) {
    if (!Object.hasOwn(state.tensors, own)) throw reader.fault(`tensors must have "${own}"`);
  }
  const scales = reader.doubles(state, `${name}.scales`, count);
  const wrong = scales.find((scale) => !(scale > 0));
  if (wrong !== undefined) throw reader.fault(`tensor "${name}.scales" must be > 0`, wrong);
  const centers = reader.doubles(state, `${name}.centers`, count);
  return { kinds: structuredClone(kinds) as readonly ColumnKind[], centers, scales };
}
