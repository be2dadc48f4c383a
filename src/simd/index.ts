/**
 * Hot loops: compiled to WebAssembly where it has SIMD, plain everywhere else.
 *
 * @module
 */
export { type AdamFactors, adamLoop, plainAdamLoop } from './adam-loop.js';
export {
  type ArrayLoops,
  type ArrayStack,
  joinSharedArrays,
  makeArrayStack,
  makeSharedArrays,
} from './array-loops.js';
export { DenseProduct } from './dense-product.js';
export { type LeafKernel, type LeafKernelName, leafKernel } from './leaf-kernels.js';
export { type LeafLoops, type LeafShape, makeLeafLoops } from './leaf-loops.js';
export { makeMixtureLoops } from './mixture-loops.js';
export {
  type CovarianceForm,
  defaultBlockRows,
  type MixtureLoops,
  type MixtureShape,
  sizesOf,
} from './mixture-shape.js';
export { makeSeedingLoops } from './seeding-loops.js';
export { BLOCK_ROWS, type ClusterSums, type SeedingLoops, type SeedingShape } from './seeding-shape.js';
export { joinTeam, MOST_THREADS, type TeamBoard, TeamLeader } from './team.js';
export { performPart, TeamLoops } from './team-loops.js';
export { TreeGrowth } from './tree-growth.js';
export { NODE_HEAD, type TreeWalk } from './tree-walk.js';
export { forcePlainLoops, type GrowingMemory, hasCompiledLoops } from './webassembly.js';
