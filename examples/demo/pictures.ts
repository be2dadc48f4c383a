/**
 * The pictures of the demonstration: data beside samples.
 *
 * @module
 */
import * as Plot from '@observablehq/plot';
import type { Samples } from 'generative-models';
import { invariantMass, wrapAngle } from '../support/dimuon.js';
import { COLORS, drawFigure, type Panel } from '../support/pictures.js';
import type { MassPeak } from './mass-peak.js';
import type { Outcome } from './run.js';

const MASS_RANGE: [number, number] = [60, 120];
const BIN = 1;

/** What the pictures compare models with. */
export interface Data {
  readonly events: Samples;
  readonly masses: Float64Array;
  readonly peak: MassPeak;
}

/** Histograms of the mass: the data in grey, each model's samples as a line. */
export function drawMasses(data: Data, outcomes: readonly Outcome[]): string {
  const real = histogram(data.masses);
  const top = 1.15 * Math.max(...real.map(({ density }) => density));
  const panels = outcomes.map((outcome): Panel => {
    const color = colorOf(outcome);
    const { position, width } = outcome.peak;
    return {
      heading: outcome.candidate.label,
      note: outcome.candidate.task,
      marginLeft: 44,
      marginBottom: 34,
      x: { domain: MASS_RANGE, label: 'mass of the pair (GeV)', labelAnchor: 'center', labelArrow: 'none' },
      y: { domain: [0, top], label: 'density (1/GeV)', grid: true, ticks: 4, labelArrow: 'none' },
      marks: [
        Plot.rectY(real, { x1: 'from', x2: 'to', y: 'density', fill: COLORS.data, insetLeft: 0, insetRight: 0 }),
        Plot.lineY(stairs(histogram(outcome.masses)), { x: 'x', y: 'density', stroke: color, strokeWidth: 1.8 }),
        Plot.text([`peak ${position.toFixed(2)}\nwidth ${width.toFixed(2)}`], {
          frameAnchor: 'top-right',
          dy: 4,
          lineHeight: 1.3,
          fill: color,
        }),
        Plot.ruleY([0], { stroke: '#8c959f' }),
      ],
    };
  });
  return drawFigure({
    title: 'The Z boson in generated events',
    subtitle: describeMasses(data, outcomes[0].drawn.rows),
    legend: [
      { label: 'data', color: COLORS.data },
      { label: 'kernel density', color: COLORS.orange },
      { label: 'Gaussian mixture', color: COLORS.blue },
      { label: 'adversarial network', color: COLORS.green },
    ],
    panels: inRowsOf(3, panels),
    panelWidth: 330,
    panelHeight: 210,
  });
}

function describeMasses({ masses, peak }: Data, drawn: number): string {
  const [real, generated] = [masses.length, drawn].map((count) => count.toLocaleString('en'));
  const position = `peak ${peak.position.toFixed(2)}, width at half height ${peak.width.toFixed(2)} GeV`;
  return `Mass of the muon pair in ${real} events of CMS 2011 (${position}) and in ${generated} drawn from each model.`;
}

/** Pairs of columns as density maps: the data in the first row, then each model's samples. */
export function drawPlanes(data: Data, outcomes: readonly Outcome[]): string {
  const rows = [
    { heading: 'data', note: '', events: data.events },
    ...outcomes.map(({ candidate, drawn }) => ({ heading: candidate.label, note: candidate.task, events: drawn })),
  ];
  return drawFigure({
    title: 'Two-muon events, real and generated',
    subtitle: `Share of events in each cell, from none (white) to many (dark); the same scale down each column.`,
    panels: rows.map(({ heading, note, events }) => {
      const shown = describeEvents(events, data.events.rows);
      return PLANES.map((plane, i): Panel => planePanel(plane, i === 0 ? heading : '', i === 0 ? note : '', shown));
    }),
    panelWidth: 330,
    panelHeight: 190,
  });
}

/** A plane of two quantities of an event. */
interface Plane {
  readonly x: keyof EventQuantities;
  readonly y: keyof EventQuantities;
  readonly xRange: [number, number];
  readonly yRange: [number, number];
  /** Darkest at this share of events in one cell. */
  readonly darkest: number;
}

interface EventQuantities {
  readonly 'pt of muon 1 (GeV)': number;
  readonly 'pt of muon 2 (GeV)': number;
  readonly 'eta of muon 1': number;
  readonly 'eta of muon 2': number;
  readonly 'angle from back to back (rad)': number;
  readonly 'mass (GeV)': number;
}

const PLANES: readonly Plane[] = [
  {
    x: 'pt of muon 1 (GeV)',
    y: 'pt of muon 2 (GeV)',
    xRange: [0, 80],
    yRange: [0, 80],
    darkest: 0.02,
  },
  { x: 'eta of muon 1', y: 'eta of muon 2', xRange: [-2.6, 2.6], yRange: [-2.6, 2.6], darkest: 0.012 },
  {
    x: 'angle from back to back (rad)',
    y: 'mass (GeV)',
    xRange: [-1.5, 1.5],
    yRange: MASS_RANGE,
    darkest: 0.03,
  },
];

function planePanel(plane: Plane, heading: string, note: string, events: readonly EventQuantities[]): Panel {
  const { x, y, xRange, yRange, darkest } = plane;
  const inside = events.filter((event) => isWithin(event[x], xRange) && isWithin(event[y], yRange));
  return {
    heading,
    note,
    marginLeft: 44,
    marginBottom: 34,
    x: { domain: xRange, label: x, labelAnchor: 'center', labelArrow: 'none' },
    y: { domain: yRange, label: y, labelArrow: 'none', ticks: 5 },
    color: { type: 'sqrt', scheme: 'blues', domain: [0, darkest], clamp: true },
    marks: [
      Plot.frame({ stroke: '#d1d9e0' }),
      Plot.rect(
        inside,
        Plot.bin(
          { fill: (bin: unknown[]) => bin.length / events.length } as never,
          {
            x: { value: x, thresholds: thresholds(xRange) },
            y: { value: y, thresholds: thresholds(yRange) },
            inset: 0,
          } as never,
        ),
      ),
    ],
  };
}

const CELLS = 40;

function thresholds([from, to]: [number, number]): number[] {
  return Array.from({ length: CELLS + 1 }, (_, i) => from + ((to - from) * i) / CELLS);
}

function isWithin(value: number, [from, to]: [number, number]): boolean {
  return value >= from && value < to;
}

function describeEvents(events: Samples, count: number): EventQuantities[] {
  return Array.from({ length: Math.min(count, events.rows) }, (_, i) => {
    const event = events.row(i);
    return {
      'pt of muon 1 (GeV)': event[0],
      'pt of muon 2 (GeV)': event[3],
      'eta of muon 1': event[1],
      'eta of muon 2': event[4],
      'angle from back to back (rad)': wrapAngle(event[5] - event[2] - Math.PI),
      'mass (GeV)': invariantMass(event),
    };
  });
}

interface Bar {
  readonly from: number;
  readonly to: number;
  readonly density: number;
}

function histogram(masses: Float64Array): Bar[] {
  const [from, to] = MASS_RANGE;
  const counts = new Float64Array((to - from) / BIN);
  for (const mass of masses) if (isWithin(mass, MASS_RANGE)) counts[Math.floor((mass - from) / BIN)]++;
  return Array.from(counts, (count, i) => ({
    from: from + i * BIN,
    to: from + (i + 1) * BIN,
    density: count / masses.length / BIN,
  }));
}

/** The upper edge of a histogram as a line. */
function stairs(bars: readonly Bar[]): { x: number; density: number }[] {
  return bars.flatMap(({ from, to, density }) => [
    { x: from, density },
    { x: to, density },
  ]);
}

function colorOf({ candidate }: Outcome): string {
  if (candidate.label.startsWith('adversarial')) return COLORS.green;
  return candidate.label.startsWith('kernel') ? COLORS.orange : COLORS.blue;
}

function inRowsOf<T>(width: number, entries: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(entries.length / width) }, (_, r) => entries.slice(r * width, (r + 1) * width));
}
