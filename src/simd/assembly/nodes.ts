/**
 * Records of nodes, as ./walk.ts tells.
 *
 * @module
 */

/** Bytes of a record before the ends of its box. */
export const NODE: usize = 48;

/** How many moments a node has, `order` of them along the first axis. */
/* @inline */ export function sizeOf(columns: i32, order: i32): i32 {
  return columns === 1 ? order : (order * (order + 1)) >> 1;
}

/** The centre of a node's box along an axis. */
/* @inline */ export function centre(record: usize, axis: usize): f64 {
  const low = load<f64>(record + NODE + 16 * axis);
  return low + 0.5 * (load<f64>(record + NODE + 16 * axis + 8) - low);
}

/** (x_j - c_j) / h_j of two queries. */
/* @inline */ export function offsets(record: usize, first: usize, second: usize, scales: usize, axis: usize): v128 {
  const x = f64x2.replace_lane(v128.load64_splat(first + 8 * axis), 1, load<f64>(second + 8 * axis));
  return f64x2.mul(f64x2.sub(x, f64x2.splat(centre(record, axis))), v128.load64_splat(scales + 8 * axis));
}
