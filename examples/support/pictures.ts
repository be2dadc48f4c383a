/**
 * Pictures without a browser: Observable Plot draws into linkedom's document, resvg makes the PNG.
 *
 * @module
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import * as Plot from '@observablehq/plot';
import { Resvg } from '@resvg/resvg-js';
import { parseHTML } from 'linkedom';

const FONT = 'Inter, system-ui, sans-serif';
const INK = '#1f2328';
const QUIET = '#59636e';

/** Colours that stay apart for colour-blind readers (Okabe & Ito 2008), and a grey for data. */
export const COLORS = {
  data: '#c8cdd3',
  blue: '#0072b2',
  orange: '#d55e00',
  green: '#009e73',
  purple: '#9a5b9d',
} as const;

/** One plot of a figure. */
export interface Panel extends Plot.PlotOptions {
  /** Stands above the panel, in bold. */
  readonly heading?: string;
  /** Stands after the heading, in grey. */
  readonly note?: string;
}

/** Panels in rows under a title, with a legend. */
export interface Figure {
  readonly title: string;
  readonly subtitle?: string;
  readonly legend?: readonly { readonly label: string; readonly color: string }[];
  readonly panels: readonly (readonly Panel[])[];
  readonly panelWidth: number;
  readonly panelHeight: number;
}

const MARGIN = 20;
const TITLE_HEIGHT = 32;
const LINE_HEIGHT = 20;
const HEADING_HEIGHT = 22;
const GAP = 14;

/** A figure as the text of an SVG file. */
export function drawFigure(figure: Figure): string {
  const { panels, panelWidth, panelHeight } = figure;
  const columns = Math.max(...panels.map((row) => row.length));
  const width = 2 * MARGIN + columns * panelWidth + (columns - 1) * GAP;
  const header = drawHeader(figure);
  const hasHeadings = panels.some((row) => row.some(({ heading }) => heading !== undefined));
  const rowHeight = (hasHeadings ? HEADING_HEIGHT : 0) + panelHeight + GAP;
  const height = header.height + panels.length * rowHeight + MARGIN - GAP;
  const drawn = panels.flatMap((row, r) =>
    row.map((panel, c) => {
      const x = MARGIN + c * (panelWidth + GAP);
      return drawPanel(panel, x, header.height + r * rowHeight, panelWidth, panelHeight);
    }),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${FONT}" font-size="11" fill="${INK}">`,
    `<rect width="100%" height="100%" fill="white"/>`,
    header.svg,
    ...drawn,
    '</svg>\n',
  ].join('\n');
}

function drawHeader({ title, subtitle, legend }: Figure): { svg: string; height: number } {
  const parts = [text(MARGIN, MARGIN + 14, title, 'font-size="18" font-weight="600"')];
  let y = MARGIN + TITLE_HEIGHT;
  if (subtitle) {
    parts.push(text(MARGIN, y, subtitle, `font-size="12" fill="${QUIET}"`));
    y += LINE_HEIGHT;
  }
  if (legend) {
    let x = MARGIN;
    for (const { label, color } of legend) {
      parts.push(`<rect x="${x}" y="${y - 10}" width="12" height="12" rx="2" fill="${color}"/>`);
      parts.push(text(x + 18, y, label, 'font-size="12"'));
      // Inter's letters are on average 0.55 of the font's size wide.
      x += 18 + label.length * 12 * 0.55 + 20;
    }
    y += LINE_HEIGHT;
  }
  return { svg: parts.join('\n'), height: y + 4 };
}

function drawPanel(panel: Panel, x: number, y: number, width: number, height: number): string {
  const { heading, note, ...options } = panel;
  const parts: string[] = [];
  if (heading !== undefined) {
    const bold = `<tspan font-weight="600">${escapeXml(heading)}</tspan>`;
    const quiet = note ? `<tspan dx="8" fill="${QUIET}">${escapeXml(note)}</tspan>` : '';
    parts.push(`<text x="${x}" y="${y + 12}" font-size="12">${bold}${quiet}</text>`);
  }
  const top = heading === undefined ? y : y + HEADING_HEIGHT;
  parts.push(
    `<svg x="${x}" y="${top}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    plotSvg({ width, height, ...options }),
    '</svg>',
  );
  return parts.join('\n');
}

/** What Plot draws, with the style rules that resvg does not read turned into attributes. */
function plotSvg(options: Plot.PlotOptions): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const plot = Plot.plot({ ...options, document: document as never }) as unknown as { outerHTML: string };
  return plot.outerHTML
    .replace(/<style>[\s\S]*?<\/style>/g, '')
    .replaceAll('var(--plot-background)', 'white')
    .replaceAll('currentColor', INK)
    .replace(/ font-family="[^"]*"/g, '')
    .replace(' font-size="10"', ' font-size="11"');
}

function text(x: number, y: number, content: string, attributes: string): string {
  return `<text x="${x}" y="${y}" ${attributes}>${escapeXml(content)}</text>`;
}

function escapeXml(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

const require = createRequire(import.meta.url);
/** The fonts come with a package, since a server may have none installed and labels would vanish. */
const FONT_FILES = ['400Regular/Inter_400Regular.ttf', '600SemiBold/Inter_600SemiBold.ttf'].map((file) =>
  require.resolve(`@expo-google-fonts/inter/${file}`),
);

/** Dots of the PNG per unit of the SVG: sharp on dense screens. */
const PNG_SCALE = 2;

/** Writes `NAME.svg` and `NAME.png` into a folder and returns their paths. */
export function savePicture(folder: string, name: string, svg: string): string[] {
  const resvg = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: PNG_SCALE },
    font: { fontFiles: FONT_FILES, loadSystemFonts: false, defaultFontFamily: 'Inter' },
  });
  mkdirSync(folder, { recursive: true });
  const paths = [join(folder, `${name}.svg`), join(folder, `${name}.png`)];
  writeFileSync(paths[0], svg);
  writeFileSync(paths[1], resvg.render().asPng());
  return paths;
}
