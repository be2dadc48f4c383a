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

  it('include that of the demonstration', () => {
    const peak = { position: 90.9, width: 5 };
    const row = { task: 'mass', label: 'one Gaussian', mean: -3.6, standardError: 0.02, peak };
    const demo = { events: 10583, testRows: 2646, dataPeak: peak, rows: [row] };
    const renewed = renewTables('<!-- demo -->\n<!-- /demo -->\n', () => demo);
    expect(renewed).toContain('| mass | one Gaussian | -3.600 ± 0.020 | 90.90 | 5.00 |');
    expect(renewed).toContain('10,583 events, 2,646 of them held out; the data: peak 90.90 GeV, width 5.00 GeV.');
  });

  it('leave a page without markers as it is', () => {
    expect(renewTables('no tables here\n', () => undefined)).toBe('no tables here\n');
  });

  it('complain of names that nobody knows and of results that are not there', () => {
    expect(() => renewTables('<!-- bench:nothing -->\n<!-- /bench -->', () => results)).toThrow(
      'must be one of kde, gmm',
    );
    expect(() => renewTables('<!-- bench:kde -->\n<!-- /bench -->', () => undefined)).toThrow('kde.json must exist');
  });
});
