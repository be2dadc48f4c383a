/**
 * From the generator's outputs to rows that a discriminator can be shown, with derivatives.
 *
 * A continuous column is the output itself, in standardised units. Categories cannot be differentiated: a categorical column
 * is drawn by Gumbel noise g and the softmax of a temperature t instead,
 *
 *     y = softmax((l + g) / t),   g = -log(-log u)
 *
 * and a binary one by sigmoid((l + log u - log(1 - u)) / t). `soft` shows y as it is. `straight-through` shows its largest
 * entry as 1 and the others as 0, the exact draw, and takes y's derivative for it.
 *
 * References: Jang, Gu & Poole (2017), arXiv:1611.01144; Maddison, Mnih & Teh (2017), arXiv:1611.00712.
 *
 * @module
 */
import type { RandomStream } from '../core/random.js';
import type { ColumnCode } from '../neural/columns.js';
import { add, columns, concat, exp, logSumExp, scale, sigmoid, subtract } from '../neural/operations.js';
import { type Context, constant, type Value } from '../neural/value.js';

/** How a draw of a category is made differentiable. */
export type Relaxation = 'straight-through' | 'soft';

/** How rows are drawn in training. */
export interface Drawing {
  readonly relaxation: Relaxation;
  readonly temperature: number;
  readonly stream: RandomStream;
}

/** N(0, 1) codes of `count` rows. */
export function drawCodes(context: Context, count: number, dimension: number, stream: RandomStream): Value {
  const values = new Float32Array(count * dimension);
  for (let i = 0; i < values.length; i++) values[i] = stream.normal();
  return constant(context, values, [count, dimension]);
}

/** Coded rows of a generator's outputs, n x width of the code. */
export function drawRows(outputs: Value, code: ColumnCode, drawing: Drawing): Value {
  const continuous = code.continuous.length;
  const binary = continuous + code.binary.length;
  const parts: Value[] = [];
  if (continuous > 0) parts.push(columns(outputs, 0, continuous));
  if (binary > continuous) parts.push(drawBinary(columns(outputs, continuous, binary), drawing));
  for (const { start, categories } of code.categorical) {
    parts.push(drawCategories(columns(outputs, start, start + categories), drawing));
  }
  return concat(parts, 1);
}

function drawBinary(logits: Value, drawing: Drawing): Value {
  const noise = noiseLike(logits, drawing, (u) => Math.log(u) - Math.log1p(-u));
  const soft = sigmoid(scale(add(logits, noise), 1 / drawing.temperature));
  if (drawing.relaxation === 'soft') return soft;
  return straightThrough(soft, (values, hard) => {
    for (let i = 0; i < values.length; i++) hard[i] = Number(values[i] > 0.5);
  });
}

function drawCategories(logits: Value, drawing: Drawing): Value {
  const noise = noiseLike(logits, drawing, (u) => -Math.log(-Math.log(u)));
  const scaled = scale(add(logits, noise), 1 / drawing.temperature);
  const soft = exp(subtract(scaled, logSumExp(scaled)));
  if (drawing.relaxation === 'soft') return soft;
  const [rows, categories] = logits.shape;
  return straightThrough(soft, (values, hard) => {
    for (let i = 0; i < rows; i++) {
      let best = i * categories;
      for (let k = best + 1; k < (i + 1) * categories; k++) if (values[k] > values[best]) best = k;
      hard[best] = 1;
    }
  });
}

function noiseLike(logits: Value, { stream }: Drawing, law: (u: number) => number): Value {
  const noise = new Float32Array(logits.shape[0] * logits.shape[1]);
  for (let i = 0; i < noise.length; i++) noise[i] = law(stream.uniform());
  return constant(logits.context, noise, logits.shape);
}

/** The hard values with the soft ones' derivative: y + (hard - y), the bracket held constant. */
function straightThrough(soft: Value, harden: (values: ArrayLike<number>, hard: Float32Array) => void): Value {
  const { context } = soft;
  const values = Float32Array.from(context.kernels.read(soft.handle));
  const hard = new Float32Array(values.length);
  harden(values, hard);
  for (let i = 0; i < hard.length; i++) hard[i] -= values[i];
  return add(soft, constant(context, hard, soft.shape));
}
