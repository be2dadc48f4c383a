import { describe, expect, it } from 'vitest';
import { renewTables } from '../../scripts/readme-tables.mjs';

const timing = { minimum: 1, median: 2, spread: 0.05, repeats: 5 };
const results = {
  date: '2026-01-01',
  version: '1.0.0',
  seed: 7,
  machine: { cpu: 'A CPU', cores: 2, node: '20.0.0' },
  peer: { 'scikit-learn': '1.2.1', numpy: '1.24', python: '3.11' },
  results: [
    {
      parameters: { rows: 100000, columns: 2, components: 8, covariance: 'full' },
      ours: { times: { iteration: timing }, values: { meanLogDensity: -4, peakBytes: 2 ** 21 } },
      peer: { times: { iteration: { ...timing, median: 5 } }, values: { meanLogDensity: -4.5 } },
    },
  ],
};

describe('readme tables', () => {
  it('are written between their markers, all else untouched', () => {
    const page = 'before\n<!-- bench:gmm -->\nold\n<!-- /bench -->\nafter\n';
    const renewed = renewTables(page, () => results);
    expect(renewed.startsWith('before\n<!-- bench:gmm -->\n\n| rows | d | K |')).toBe(true);
    expect(renewed.endsWith('\n\n<!-- /bench -->\nafter\n')).toBe(true);
    expect(renewed).toContain('| 100,000 | 2 | 8 | full | 2.00 ms ± 5% | -4.0000 | 2.0 MiB | 2.5 x as long | 5e-1 |');
    expect(renewed).toContain('Version 1.0.0, 2026-01-01; A CPU, 2 cores; Node 20.0.0; seed 7; scikit-learn 1.2.1');
    expect(renewTables(renewed, () => results)).toBe(renewed);
  });

  it('hold kernel densities beside each of their peers', () => {
    const renew = (name: string, ...cases: object[]) =>
      renewTables(`<!-- bench:${name} -->\n<!-- /bench -->\n`, () => ({ ...results, results: cases }));
    const slow = { ...timing, median: 300 };
    const parameters = { rows: 1_000_000, columns: 2, queries: 1000 };
    const times = { build: timing, coarse: timing, fine: timing };
    const ours = { times, values: { fineError: 1e-9 } };
    const peer = { times: { build: slow, coarse: slow, fine: slow, scipy: slow }, values: { fineError: 0.2 } };
    expect(renew('kde', { parameters, ours, peer })).toContain(
      '| 1e-9 | 150 x as long | 150 x as long | 150 x as long | 2e-1 | 150 x as long |',
    );
    const pairs = { times: { full: timing, short: timing, plain: slow }, values: {} };
    expect(renew('kde-pairs', { parameters, ours: pairs })).toContain('| 2 | 1000000 | 1000000 | 1000000 |');
    const search = { times: { search: timing }, values: { bandwidth: 0.2 } };
    const grid = { ...parameters, grid: 10, folds: 5, tolerance: 1e-4 };
    expect(renew('kde-bandwidth', { parameters: grid, ours: search, peer: search })).toContain(
      '| 1,000,000 | 2 | 2.00 ms ± 5% | 1.0 x as long | 0.2000 | 0.2000 |',
    );
    const cells = { times: { grid: timing, fastKde: slow }, values: { error: 1e-7, fastKdeError: 1e-3 } };
    expect(renew('kde-grid', { parameters: { ...parameters, cells: 256 }, ours: cells })).toContain(
      '| 1,000,000 | 256 x 256 | 2.00 ms ± 5% | 1e-7 | 300 ms ± 5% | 1e-3 | 0.0067 |',
    );
    const memory = { parameters, ours: { times: {}, values: { fitBytes: 8e7, peakBytes: 9e7 } } };
    const threads = { parameters, ours: { times: { alone: slow, pooled: timing }, values: { different: 0 } } };
    const table = renew('kde-resources', memory, threads);
    expect(table).toContain('| 1,000,000 | 2 | 1,000 | 300 ms ± 5% | 2.00 ms ± 5% | 1.5e+2 | 0 |');
    expect(table).toContain(
      'A fit of 1,000,000 x 2 rows takes 80 MB more resident memory, with 1,000 densities 90 MB.',
    );
  });

  it('include that of the demonstration', () => {
    const peak = { position: 90.9, width: 5 };
    const row = {
      task: 'mass',
      label: 'one Gaussian',
      mean: -3.6,
      standardError: 0.02,
      peak,
      toldApart: 0.5123,
      energy: 0.00123,
    };
    const demo = { events: 10583, testRows: 2646, dataPeak: peak, rows: [row] };
    const renewed = renewTables('<!-- demo -->\n<!-- /demo -->\n', () => demo);
    expect(renewed).toContain('| mass | one Gaussian | -3.600 ± 0.020 | 90.90 | 5.00 | 51.2 | 0.0012 |');
    expect(renewed).toContain('10,583 events, 2,646 of them held out; the data: peak 90.90 GeV, width 5.00 GeV.');
  });

  it('hold clusters found by a generator', () => {
    const values = { captured: 7.6, capturedError: 0.24, capturedLeast: 7, modes: 8, warned: 1 };
    const judged = { highQuality: 0.91234, highQualityError: 0.0123, reverseKullbackLeibler: 0.1 };
    const parameters = { clusters: 'ring', trick: 'plain', seeds: 5 };
    const ours = { times: { fit: timing }, values: { ...values, ...judged } };
    const modes = { ...results, peer: undefined, results: [{ id: 'ring: plain', parameters, ours }] };
    const renewed = renewTables('<!-- bench:gan-modes -->\n<!-- /bench -->\n', () => modes);
    expect(renewed).toContain('| ring | plain | 7.6 ± 0.2 of 8 | 7 | 91.2 ± 1.2 | 0.100 | 1 of 5 | 2.00 ms ± 5% |');
  });

  it('hold steps of autoencoders beside those of peers that were timed, and no others', () => {
    const ours = { times: { step: timing, torch: { ...timing, minimum: 0.5, median: 1 } }, values: { leaked: 0 } };
    const vae = { ...results, peer: undefined, results: [{ id: '2-64-2', parameters: { batch: 256 }, ours }] };
    const renewed = renewTables('<!-- bench:vae -->\n<!-- /bench -->\n', () => vae);
    expect(renewed).toContain('| network | rows per step | a training step | PyTorch, one thread | ours over it |');
    expect(renewed).toContain(
      '| 2-64-2 | 256 | 1.00 ms (median 2.00 ms ± 5%) | 0.500 ms (median 1.00 ms ± 5%) | 2.0 | 0 |',
    );
    expect(renewed).not.toContain('as it comes');
    const stock = { ...ours, times: { ...ours.times, stock: { ...timing, minimum: 4, median: 8 } } };
    const more = { ...vae, results: [...vae.results, { ...vae.results[0], ours: stock }] };
    const both = renewTables('<!-- bench:vae -->\n<!-- /bench -->\n', () => more);
    expect(both).toContain('| 1.00 ms (median 2.00 ms ± 5%) |  |  | 0.500 ms (median 1.00 ms ± 5%) | 2.0 | 0 |');
    expect(both).toContain(
      '| 1.00 ms (median 2.00 ms ± 5%) | 4.00 ms (median 8.00 ms ± 5%) | 0.25 | 0.500 ms (median 1.00 ms ± 5%) | 2.0 | 0 |',
    );
  });

  it('hold what autoencoders reached, beside what is published and what is simpler', () => {
    const file = { ...results, peer: undefined };
    const mnist = {
      id: '784-400',
      parameters: { rows: 60000, testRows: 1000, epochs: 20, samples: 200 },
      ours: {
        times: { fit: { ...timing, median: 600_000 } },
        values: { nats: 95.04, standardError: 0.76, bestEpoch: 19 },
      },
    };
    const large = renewTables('<!-- bench:vae-mnist -->\n<!-- /bench -->', () => ({ ...file, results: [mnist] }));
    expect(large).toContain('| 784-400 | 60,000 | 19 of 20 | 10 min | 95.0 ± 0.8 | 89.8 after 500 epochs |');
    expect(large).toContain('-log p of 1,000 test rows by 200 importance samples. Version 1.0.0');

    const sizes = { rows: 1437, testRows: 360 };
    const row = (id: string, values: object) => ({ id, parameters: { seed: 1 }, ours: { times: {}, values } });
    const digits = [
      row('autoencoder', { ...sizes, nats: -18.631, standardError: 0.222 }),
      row('linear', { ...sizes, nats: -21.5, standardError: 0.2, difference: -2.87, differenceError: 0.1 }),
      row('given', {
        ...sizes,
        nats: -16.4,
        standardError: 0.25,
        recognised: 0.82,
        recognisedError: 0.012,
        recognisedOfData: 0.864,
        recognisedOfDataError: 0.018,
      }),
    ];
    const small = renewTables('<!-- bench:vae-digits -->\n<!-- /bench -->', () => ({ ...file, results: digits }));
    expect(small).toContain('| autoencoder | -18.63 ± 0.22 |  |  |');
    expect(small).toContain('| linear | -21.50 ± 0.20 | -2.87 ± 0.10 |  |');
    expect(small).toContain('| given | -16.40 ± 0.25 |  | 82.0 ± 1.2 % (real ones 86.4 ± 1.8 %) |');
    expect(small).toContain('1,437 digits to fit, 360 held out; differences are paired by row. Version 1.0.0');
    expect(small).toContain('seed 1. One run; ± standard error over held-out rows.');
  });

  it('leave a page without markers as it is', () => {
    expect(renewTables('no tables here\n', () => undefined)).toBe('no tables here\n');
  });

  it('complain of names that nobody knows and of results that are not there', () => {
    expect(() => renewTables('<!-- bench:nothing -->\n<!-- /bench -->', () => results)).toThrow(
      'must be one of kde, gmm',
    );
    const filled = '<!-- bench:kde -->\n\n| a |\n| --- |\n\n<!-- /bench -->';
    expect(() => renewTables(filled, () => undefined)).toThrow('kde.json must exist, for the page has a table of it');
  });

  it('leave a marker empty that waits for its first results, say so, and write the others', () => {
    const warnings: string[] = [];
    const empty = '<!-- bench:kde -->\n<!-- /bench -->\n';
    const read = (name: string) => (name === 'gmm' ? results : undefined);
    const renewed = renewTables(
      `${empty}<!-- bench:gmm -->\n<!-- /bench -->\n`,
      read,
      (message) => void warnings.push(message),
    );
    expect(renewed.startsWith(`${empty}<!-- bench:gmm -->\n\n| rows |`)).toBe(true);
    expect(warnings).toEqual(['readme-tables: "kde" stays empty: benchmarks/results/kde.json must exist']);
  });
});
