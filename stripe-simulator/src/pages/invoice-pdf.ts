import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import PdfWriter from 'pdfkit';
import type { PageAnswer, PageCall, PageRoute } from '../page-route.ts';
import { type InvoiceView, viewInvoice } from './invoice-view.ts';

const MARGIN = 56;
/** A4, in points. */
const PAGE = { width: 595.28, height: 841.89 };
const WIDTH = PAGE.width - 2 * MARGIN;
const FOOT = 40;
const AMOUNT_WIDTH = 90;
const QUANTITY_WIDTH = 70;
const DESCRIPTION_WIDTH = WIDTH - AMOUNT_WIDTH - QUANTITY_WIDTH - 16;
const COLORS = { ink: '#1a2332', soft: '#5b6b80', line: '#c9d3e0' };

/** What its types leave out: the font that is set, as fontkit opened it. */
type WithFont = PDFKit.PDFDocument & { _font: { font: { hasGlyphForCodePoint(codePoint: number): boolean } } };
type Face = 'regular' | 'bold';
const require = createRequire(import.meta.url);
/** Latin, Greek, Cyrillic, Arabic and many signs; no Chinese. Read at the first invoice that is asked for. */
const FILES: Readonly<Record<Face, string>> = { regular: 'DejaVuSans.ttf', bold: 'DejaVuSans-Bold.ttf' };
const fonts = new Map<Face, Buffer>();

function fontOf(face: Face): Buffer {
  const known = fonts.get(face) ?? readFileSync(require.resolve(`dejavu-fonts-ttf/ttf/${FILES[face]}`));
  fonts.set(face, known);
  return known;
}

/** An invoice as a file: A4, as many pages as its lines need, with its fonts in it. */
export function invoicePdf(view: InvoiceView): Promise<Buffer> {
  const document = new PdfWriter({ size: 'A4', margins: { top: MARGIN, bottom: MARGIN + FOOT, left: MARGIN, right: MARGIN }, bufferPages: true, font: '', lang: 'en', displayTitle: true, info: { Title: view.title, Subject: 'Simulated: no money moves' } } as PDFKit.PDFDocumentOptions);
  for (const face of ['regular', 'bold'] as const) document.registerFont(face, fontOf(face));
  const chunks: Buffer[] = [];
  const written = new Promise<Buffer>((resolve, reject) => {
    document.on('data', (chunk: Buffer) => chunks.push(chunk));
    document.on('end', () => resolve(Buffer.concat(chunks)));
    document.on('error', reject);
  });
  new Sheet(document).write(view);
  document.end();
  return written;
}

/** Writes from the top to the bottom, and begins a page where the next row would not fit. */
class Sheet {
  #y = MARGIN;

  constructor(private readonly document: PDFKit.PDFDocument) {}

  write(view: InvoiceView): void {
    this.#head(view);
    this.#row({ face: 'bold', color: COLORS.soft }, 'Description', 'Quantity', 'Amount');
    this.#rule();
    for (const { description, period, quantity, amount } of view.lines) this.#row({}, description, quantity, amount, period);
    this.#rule();
    for (const [name, amount] of view.sums) this.#row(name === 'Total' || name === 'Amount due' ? { face: 'bold' } : {}, '', name, amount);
    this.#footers(view);
  }

  #head({ title, statusText, billedTo, facts }: InvoiceView): void {
    this.#text(title, { face: 'bold', size: 20 });
    this.#text(statusText, { color: COLORS.soft, size: 11 });
    this.#y += 14;
    const top = this.#y;
    this.#text('Billed to', { face: 'bold', width: WIDTH / 2 - 16 });
    for (const line of billedTo) this.#text(line, { width: WIDTH / 2 - 16 });
    const left = this.#y;
    this.#y = top;
    for (const [name, value] of facts) {
      const y = this.#y;
      this.#text(name, { color: COLORS.soft, x: MARGIN + WIDTH / 2, width: 100 });
      const after = this.#y;
      this.#y = y;
      this.#text(value, { x: MARGIN + WIDTH / 2 + 104, width: WIDTH / 2 - 104 });
      this.#y = Math.max(after, this.#y);
    }
    this.#y = Math.max(left, this.#y) + 24;
  }

  /** A text that may wrap, below what was written last. */
  #text(text: string, { face = 'regular', size = 10, color = COLORS.ink, x = MARGIN, width = WIDTH, align = 'left' }: { face?: Face; size?: number; color?: string; x?: number; width?: number; align?: 'left' | 'right' } = {}): void {
    this.document.font(face).fontSize(size).fillColor(color);
    const shown = this.#drawable(text);
    const height = this.document.heightOfString(shown, { width, align });
    if (this.#y + height > PAGE.height - MARGIN - FOOT) this.#newPage();
    this.document.text(shown, x, this.#y, { width, align });
    this.#y += height + 2;
  }

  /** Three columns side by side, the row as high as its highest one; `below` is smaller, under the first. */
  #row({ face = 'regular', color = COLORS.ink }: { face?: Face; color?: string }, description: string, quantity: string, amount: string, below = ''): void {
    const { document } = this;
    document.font(face).fontSize(10);
    const heightOf = (text: string, width: number): number => (text === '' ? 0 : document.heightOfString(this.#drawable(text), { width }));
    const height = Math.max(heightOf(description, DESCRIPTION_WIDTH), heightOf(quantity, QUANTITY_WIDTH), heightOf(amount, AMOUNT_WIDTH)) + (below === '' ? 0 : 12);
    if (this.#y + height > PAGE.height - MARGIN - FOOT) this.#newPage();
    const y = this.#y;
    const columns: [string, number, number, 'left' | 'right'][] = [
      [description, MARGIN, DESCRIPTION_WIDTH, 'left'],
      [quantity, MARGIN + WIDTH - AMOUNT_WIDTH - QUANTITY_WIDTH - 40, QUANTITY_WIDTH + 40, 'right'],
      [amount, MARGIN + WIDTH - AMOUNT_WIDTH, AMOUNT_WIDTH, 'right'],
    ];
    for (const [text, x, width, align] of columns) {
      this.#y = y;
      if (text !== '') this.#text(text, { face, color, x, width, align });
    }
    this.#y = y + height - (below === '' ? 0 : 12);
    if (below !== '') this.#text(below, { size: 8, color: COLORS.soft, width: DESCRIPTION_WIDTH });
    this.#y = y + height + 8;
  }

  #rule(): void {
    this.document.moveTo(MARGIN, this.#y - 3).lineTo(MARGIN + WIDTH, this.#y - 3).lineWidth(0.7).strokeColor(COLORS.line).stroke();
    this.#y += 4;
  }

  #newPage(): void {
    this.document.addPage();
    this.#y = MARGIN;
  }

  #footers({ title }: InvoiceView): void {
    const { start, count } = this.document.bufferedPageRange();
    for (let page = start; page < start + count; page += 1) {
      this.document.switchToPage(page);
      // Below the margin, where text would begin a page of its own.
      this.document.page.margins.bottom = 0;
      this.document.font('regular').fontSize(8).fillColor(COLORS.soft);
      const text = `${title}, page ${page + 1} of ${count}. Simulated: no money moves.`;
      this.document.text(this.#drawable(text), MARGIN, PAGE.height - MARGIN, { width: WIDTH, lineBreak: false });
    }
  }

  /** What the font has no letter for becomes an empty box, which a reader sees, and a copy of the text has too. */
  #drawable(text: string): string {
    const { font } = (this.document as WithFont)._font;
    return text.normalize('NFC').replaceAll(/./gsu, (letter) => (font.hasGlyphForCodePoint(letter.codePointAt(0) ?? 0) ? letter : '□'));
  }
}

function pdf({ simulation, path }: PageCall): PageAnswer {
  const view = viewInvoice(simulation, path['invoice']);
  return { status: 200, headers: { 'content-type': 'application/pdf', 'content-disposition': `inline; filename="${view.number ?? view.id}.pdf"` }, body: invoicePdf(view) };
}

export const pdfPages: PageRoute[] = [{ method: 'GET', path: '/i/:invoice/pdf', run: pdf }];
