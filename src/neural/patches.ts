/**
 * Patches of images: what turns a convolution into a product of matrices.
 *
 * An image is a row, channels last: entry (y W + x) C + c. Gathering lays the k x k patch below each position of the kernel
 * out as a row of its own; scattering adds patches back to where they came from: `gather` and `scatter` of `operations.ts`, each
 * the transpose and so the derivative of the other. What both need is one table of places.
 *
 * @module
 */
/** Height and width of an image, and its numbers per pixel. */
export interface ImageShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** How a kernel moves over an image. */
export interface PatchGeometry {
  readonly image: ImageShape;
  /** Side k of the kernel. */
  readonly kernel: number;
  readonly stride: number;
  /** Rows and columns of zeros on every side. */
  readonly padding: number;
}

/** Number of entries of an image. */
export function imageSize({ height, width, channels }: ImageShape): number {
  return height * width * channels;
}

/** Positions of the kernel along each side: floor((size + 2 padding - kernel) / stride) + 1. */
export function positionsOf({ image, kernel, stride, padding }: PatchGeometry): { height: number; width: number } {
  const along = (size: number): number => Math.floor((size + 2 * padding - kernel) / stride) + 1;
  return { height: along(image.height), width: along(image.width) };
}

/** Entries of a patch. */
export function patchSize({ image, kernel }: PatchGeometry): number {
  return kernel * kernel * image.channels;
}

/**
 * Where each entry of each patch comes from in the image's row, patch after patch in the order (ky k + kx) C + c; -1 for the
 * zeros around it.
 */
export function patchTable(geometry: PatchGeometry): Int32Array {
  const { image, kernel, stride, padding } = geometry;
  const { height, width, channels } = image;
  const positions = positionsOf(geometry);
  const size = patchSize(geometry);
  const table = new Int32Array(positions.height * positions.width * size);
  let at = 0;
  for (let py = 0; py < positions.height; py++) {
    for (let px = 0; px < positions.width; px++) {
      for (let ky = 0; ky < kernel; ky++) {
        for (let kx = 0; kx < kernel; kx++) {
          const y = py * stride + ky - padding;
          const x = px * stride + kx - padding;
          const isInside = y >= 0 && y < height && x >= 0 && x < width;
          for (let c = 0; c < channels; c++) table[at++] = isInside ? (y * width + x) * channels + c : -1;
        }
      }
    }
  }
  return table;
}
