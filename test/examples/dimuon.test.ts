import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import {
  EVENT_COLUMNS,
  fromPair,
  invariantMass,
  pairLogJacobian,
  toPair,
  wrapAngle,
} from '../../examples/support/dimuon.js';

const records = parse(readFileSync(new URL('../../data/zmumu.csv', import.meta.url)), { columns: true }) as Record<
  string,
  string
>[];
const events = records.map((record) => EVENT_COLUMNS.map((name) => Number(record[name])));

describe('invariantMass', () => {
  it('is 2 pt for muons of equal pt that fly back to back at right angles to the beam', () => {
    expect(invariantMass([45, 0, 0, 45, 0, Math.PI])).toBeCloseTo(90, 12);
  });

  it('agrees with values worked out by hand', () => {
    // At right angles to each other, cosh 0 - cos(pi / 2) = 1: M = sqrt(2 * 30 * 60).
    expect(invariantMass([30, 1, 0.2, 60, 1, 0.2 + Math.PI / 2])).toBeCloseTo(60, 12);
    // In one plane with the beam, 1.5 apart in eta: M^2 = 2 * 20 * 50 * (cosh 1.5 - 1), cosh 1.5 = 2.352409615243247.
    expect(invariantMass([20, 0.5, 1, 50, -1, 1])).toBeCloseTo(Math.sqrt(2000 * 1.352409615243247), 10);
  });

  it('agrees with four-vectors: M^2 = (E1 + E2)^2 - |p1 + p2|^2', () => {
    for (const [pt1, eta1, phi1, pt2, eta2, phi2] of events.slice(0, 200)) {
      const vector = (pt: number, eta: number, phi: number) =>
        [Math.cosh(eta), Math.cos(phi), Math.sin(phi), Math.sinh(eta)].map((x) => pt * x);
      const second = vector(pt2, eta2, phi2);
      const sum = vector(pt1, eta1, phi1).map((x, i) => x + second[i]);
      const mass = Math.sqrt(sum[0] ** 2 - sum[1] ** 2 - sum[2] ** 2 - sum[3] ** 2);
      expect(invariantMass([pt1, eta1, phi1, pt2, eta2, phi2])).toBeCloseTo(mass, 8);
    }
  });

  it('of the data runs from 60 to 120 GeV with its median at 90.28 GeV', () => {
    const masses = events.map(invariantMass).sort((a, b) => a - b);
    expect(masses).toHaveLength(10_583);
    expect(masses[0]).toBeGreaterThan(60);
    expect(masses[masses.length - 1]).toBeLessThan(120);
    expect(masses[5291]).toBeCloseTo(90.28, 2);
  });

  it('keeps its digits for muons close together, and is NaN for negative momenta', () => {
    expect(invariantMass([1, 0, 0, 1, 1e-9, 0])).toBeCloseTo(1e-9, 20);
    expect(invariantMass([-1, 0, 0, 1, 0, 1])).toBeNaN();
  });
});

describe('pair coordinates', () => {
  it('lead back to the event', () => {
    for (const event of events.slice(0, 500)) {
      const back = fromPair(toPair(event), event[2]);
      for (const [j, value] of back.entries()) expect(value).toBeCloseTo(event[j], 9);
    }
  });

  it('give the mass that they were made with', () => {
    expect(invariantMass(fromPair([Math.log(91.2), 0.3, 0.5, -1.2, 0.4], 2))).toBeCloseTo(91.2, 10);
  });

  it('have the Jacobian determinant that the densities use, by central differences', () => {
    for (const event of events.slice(0, 20)) {
      const coordinates = (x: readonly number[]) => [...toPair(x), x[2]];
      const step = 1e-6;
      const matrix = event.map((_, j) => {
        const moved = (by: number) => coordinates(event.map((x, i) => (i === j ? x + by : x)));
        const above = moved(step);
        return moved(-step).map((low, i) => (i === 4 ? wrapAngle(above[i] - low) : above[i] - low) / (2 * step));
      });
      expect(Math.log(Math.abs(determinant(matrix)))).toBeCloseTo(pairLogJacobian(event), 5);
    }
  });

  it('wrap angles into [-pi, pi)', () => {
    expect(wrapAngle(Math.PI)).toBe(-Math.PI);
    expect(wrapAngle(-Math.PI)).toBe(-Math.PI);
    expect(wrapAngle(7)).toBeCloseTo(7 - 2 * Math.PI, 12);
    expect(wrapAngle(-4)).toBeCloseTo(2 * Math.PI - 4, 12);
    expect(wrapAngle(0.5)).toBe(0.5);
  });
});

/** By Gaussian elimination with pivots. */
function determinant(matrix: number[][]): number {
  const rows = matrix.map((row) => [...row]);
  let product = 1;
  for (let k = 0; k < rows.length; k++) {
    const pivot = rows
      .slice(k)
      .reduce((best, row, i) => (Math.abs(row[k]) > Math.abs(rows[best][k]) ? k + i : best), k);
    [rows[k], rows[pivot]] = [rows[pivot], rows[k]];
    if (pivot !== k) product = -product;
    product *= rows[k][k];
    for (let i = k + 1; i < rows.length; i++) {
      const factor = rows[i][k] / rows[k][k];
      for (let j = k; j < rows.length; j++) rows[i][j] -= factor * rows[k][j];
    }
  }
  return product;
}
