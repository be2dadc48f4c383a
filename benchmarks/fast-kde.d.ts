// The part of fast-kde that is measured here; the package has no types of its own.
declare module 'fast-kde' {
  interface Estimator {
    /** Masses of the cells; a density once divided by the size of a cell. */
    grid(): Float64Array;
  }
  export function density1d(
    data: ArrayLike<number>,
    options: { bandwidth: number; extent: [number, number]; bins: number },
  ): Estimator;
  export function density2d(
    data: ArrayLike<ArrayLike<number>>,
    options: {
      bandwidth: [number, number];
      extent: [[number, number], [number, number]];
      bins: [number, number];
    },
  ): Estimator;
}
