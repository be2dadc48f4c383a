/**
 * One step of Adam on four parameters at a time: the formulas are at ../../neural/adam.ts, and so is the plain twin, to the
 * bit.
 *
 * @module
 */

export function adam(
  values: usize,
  first: usize,
  second: usize,
  gradient: usize,
  count: i32,
  clip: f32,
  b1: f32,
  c1: f32,
  b2: f32,
  c2: f32,
  rate: f32,
  floor: f32,
  kept: f32,
): void {
  for (const end = values + 4 * count; values < end; values += 16, first += 16, second += 16, gradient += 16) {
    const g = f32x4.mul(f32x4.splat(clip), v128.load(gradient));
    const m = f32x4.add(f32x4.mul(f32x4.splat(b1), v128.load(first)), f32x4.mul(f32x4.splat(c1), g));
    const v = f32x4.add(f32x4.mul(f32x4.splat(b2), v128.load(second)), f32x4.mul(f32x4.splat(c2), f32x4.mul(g, g)));
    v128.store(first, m);
    v128.store(second, v);
    const step = f32x4.div(f32x4.mul(f32x4.splat(rate), m), f32x4.add(f32x4.sqrt(v), f32x4.splat(floor)));
    v128.store(values, f32x4.sub(f32x4.mul(f32x4.splat(kept), v128.load(values)), step));
  }
}
