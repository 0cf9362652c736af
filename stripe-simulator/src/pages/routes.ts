import type { PageRoute } from '../page-route.ts';
import { checkoutPages } from './checkout-page.ts';
import { pdfPages } from './invoice-pdf.ts';
import { portalPages } from './portal-page.ts';

export const pageRoutes: PageRoute[] = [...checkoutPages, ...portalPages, ...pdfPages];
