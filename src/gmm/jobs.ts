/**
 * What threads of a pool do for fits of mixtures.
 *
 * @module
 */
import type { Job } from '../core/jobs.js';
import { Pacer } from '../core/progress.js';
import { type Attempt, Fit, type RestartInput } from './fit.js';
import { type FitAnswer, type FitInput, type FitTask, fitTask, isOfTheData } from './selection-fits.js';

/** The jobs by their names. */
export const MIXTURE_JOBS: Readonly<Record<'mixture-restart' | 'mixture-fit', Job>> = {
  'mixture-restart': (input: RestartInput, index: number, options): Promise<Attempt> => {
    const { owner, rows, map } = input;
    return new Fit(owner, input.options, rows, map, new Pacer(owner, options)).attempt(input, index);
  },
  'mixture-fit': async (input: FitInput, task: FitTask, options): Promise<FitAnswer> => {
    try {
      return { state: (await fitTask(input, task, options)).toState() };
    } catch (error) {
      if (!isOfTheData(error)) throw error;
      return { code: error.code, message: error.message };
    }
  },
};
