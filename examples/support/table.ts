/**
 * Tables for the terminal.
 *
 * @module
 */

/** A column: its heading, and on which side its entries align. */
export interface Column {
  readonly heading: string;
  readonly align?: 'left' | 'right';
}

/** Rows under headings, in columns as wide as their widest entry. An empty row draws a line. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map(({ heading }, c) => Math.max(heading.length, ...rows.map((row) => row[c]?.length ?? 0)));
  const line = widths.map((width) => '─'.repeat(width)).join('  ');
  const format = (cells: readonly string[]) =>
    columns
      .map(({ align }, c) => (align === 'right' ? cells[c].padStart(widths[c]) : cells[c].padEnd(widths[c])))
      .join('  ')
      .trimEnd();
  const body = rows.map((row) => (row.length === 0 ? line : format(row)));
  return [format(columns.map(({ heading }) => heading)), line, ...body].join('\n');
}
