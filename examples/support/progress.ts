/**
 * Progress on one line: rewritten in place on a terminal, a line every few seconds elsewhere.
 *
 * @module
 */
import type { Progress } from 'generative-models';

/** Between two lines where the output is a file or a pipe, in milliseconds. */
const SPARSE = 5000;
/** Between two rewritings on a terminal, in milliseconds. */
const OFTEN = 80;

/** Shows what is being done and how far it is. */
export class ProgressLine {
  #title = '';
  #last = Number.NEGATIVE_INFINITY;

  /** Names what begins now. */
  start(title: string): void {
    this.#title = title;
    if (process.stderr.isTTY || this.#isDue) this.#write(title);
  }

  /** Listener for `onProgress` of a fit. */
  readonly listen = ({ phase, completed, total, objective }: Progress): void => {
    if (!this.#isDue) return;
    const count = total === undefined ? `${completed}` : `${completed}/${total}`;
    const value = objective === undefined || !Number.isFinite(objective) ? '' : `, ${objective.toFixed(4)} nats`;
    this.#write(`${this.#title}: ${phase} ${count}${value}`);
  };

  /** Clears the line. */
  end(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  }

  get #isDue(): boolean {
    return performance.now() - this.#last > (process.stderr.isTTY ? OFTEN : SPARSE);
  }

  #write(text: string): void {
    this.#last = performance.now();
    const width = (process.stderr.columns || 80) - 1;
    process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${text.slice(0, width)}` : `${text}\n`);
  }
}
